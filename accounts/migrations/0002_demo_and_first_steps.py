"""A workspace that is shown to everybody, and the list of first steps put away."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("workspace", "steps_hidden_at", models.DateTimeField(null=True)),
        migrations.AddField("workspace", "is_demo", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "workspace",
            models.UniqueConstraint("is_demo", condition=Q(is_demo=True), name="workspace_one_demo"),
        ),
    ]
