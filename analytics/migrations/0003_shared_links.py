"""Shared links and their views."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("analytics", "0002_network"),
        ("channels_app", "0011_reach"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("prefix", models.CharField(max_length=8)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("password", models.CharField(blank=True, default="", max_length=128)),
                ("preset", models.CharField(blank=True, default="", max_length=12)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                (
                    "sections",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None),
                ),
                ("owner_facts", models.BooleanField(default=False)),
                ("compares", models.BooleanField(default=False)),
                ("exports", models.BooleanField(default=False)),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=6,
                    ),
                ),
                (
                    "frame_ancestors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tracked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="channels_app.trackedchannel"
                    ),
                ),
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
        ),
        migrations.CreateModel(
            name="SharedLinkViews",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("referrer", models.CharField(blank=True, default="", max_length=100)),
                ("browser", models.CharField(max_length=16)),
                ("device", models.CharField(max_length=8)),
                ("language", models.CharField(blank=True, default="", max_length=3)),
                ("embedded", models.BooleanField(default=False)),
                ("count", models.PositiveIntegerField(default=1)),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="analytics.sharedlink",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="sharedlink",
            index=models.Index(fields=["workspace", "-id"], name="share_of_workspace"),
        ),
        migrations.AddConstraint(
            model_name="sharedlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="share_expires_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedlink",
            constraint=models.CheckConstraint(condition=models.Q(("sections__len__gt", 0)), name="share_has_a_section"),
        ),
        migrations.AddConstraint(
            model_name="sharedlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("theme__in", ["system", "light", "dark"])), name="share_theme_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_day__isnull", False), ("last_day__gte", models.F("first_day")), ("preset", "")),
                    models.Q(
                        models.Q(("preset", ""), _negated=True), ("first_day__isnull", True), ("last_day__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="share_has_one_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedlinkviews",
            constraint=models.UniqueConstraint(
                fields=("link", "hour", "referrer", "browser", "device", "language", "embedded"),
                name="share_views_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedlinkviews",
            constraint=models.CheckConstraint(condition=models.Q(("count__gt", 0)), name="share_views_are_some"),
        ),
    ]
