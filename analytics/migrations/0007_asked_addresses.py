"""That an address was asked is kept beside the saved report, so that it outlives it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_demo_and_first_steps"), ("analytics", "0006_notes")]

    operations = [
        migrations.CreateModel(
            name="AskedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[("", "None"), ("yes", "Yes"), ("no", "No"), ("never", "Never")],
                        default="",
                        max_length=5,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["email", "asked_at"], name="asked_address"),
                    models.Index(fields=["workspace", "asked_at"], name="asked_by_workspace"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reply__in", ["", "yes", "no", "never"])), name="asked_address_reply_known"
                    ),
                ],
            },
        ),
        migrations.RemoveIndex("reportrecipient", "report_recipient_asked"),
    ]
