"""What the operator has decided about channels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels_app", "0016_early_deletions"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="held_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="channel",
            name="held_for",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="channel",
            name="hold",
            field=models.CharField(
                blank=True,
                choices=[("paused", "Paused"), ("blocked", "Blocked")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(("hold__in", ["", "paused", "blocked"])), name="channel_hold_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at__isnull", True), ("hold", "")),
                    models.Q(models.Q(("hold", ""), _negated=True), ("held_at__isnull", False)),
                    _connector="OR",
                ),
                name="channel_hold_has_a_time",
            ),
        ),
    ]
