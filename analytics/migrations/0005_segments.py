import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("analytics", "0004_reports")]

    operations = [
        migrations.CreateModel(
            name="SavedSegment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("filters", models.JSONField()),
                ("created_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("workspace"), Lower("name"), name="segment_name_once"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="segment_has_a_name"),
                    models.CheckConstraint(
                        condition=models.Q(("filters", {}), _negated=True), name="segment_filters_something"
                    ),
                ],
            },
        ),
    ]
