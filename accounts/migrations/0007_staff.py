"""Tiers of staff; people and workspaces that staff has shut out."""

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Lower


def _superusers_are_super_admins(apps, _editor):
    apps.get_model("accounts", "User").objects.filter(is_superuser=True).update(tier=4, is_staff=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_personal_data")]
    operations = [
        migrations.AddField(
            "user",
            "tier",
            models.PositiveSmallIntegerField(
                choices=[(0, "No staff"), (1, "Support"), (2, "Moderator"), (3, "Admin"), (4, "Super Admin")],
                default=0,
            ),
        ),
        migrations.AddField("user", "suspended_at", models.DateTimeField(null=True)),
        migrations.AddField("user", "suspended_for", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("user", "refuses_impersonation", models.BooleanField(default=False)),
        migrations.AddField("workspace", "suspended_at", models.DateTimeField(null=True)),
        migrations.AddField("workspace", "suspended_for", models.CharField(blank=True, default="", max_length=200)),
        migrations.RunPython(_superusers_are_super_admins, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("tier", 0), models.Q(("is_staff", True), ("tier__lte", 4)), _connector="OR"),
                name="user_tier_is_staff",
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("suspended_at__isnull", True), ("is_active", False), _connector="OR"),
                name="user_suspended_is_inactive",
            ),
        ),
        migrations.AddIndex(
            "user",
            models.Index(condition=models.Q(("tier__gt", 0)), fields=["-id"], name="user_is_staff"),
        ),
        migrations.AddIndex(
            "user",
            models.Index(
                condition=models.Q(("suspended_at__isnull", False)), fields=["-id"], name="user_is_suspended"
            ),
        ),
        migrations.AddIndex(
            "workspace",
            models.Index(
                condition=models.Q(("suspended_at__isnull", False)), fields=["-id"], name="workspace_is_suspended"
            ),
        ),
        migrations.AddIndex(
            "workspace",
            models.Index(
                OpClass(Lower("name"), name="text_pattern_ops"), name="workspace_name_begins"
            ),
        ),
    ]
