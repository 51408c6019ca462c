"""Telegram identities and security events."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_demo_and_first_steps")]
    operations = [
        migrations.CreateModel(
            name="SecurityEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("leased_by", models.CharField(blank=True, default="", max_length=80)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("fence", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("parked_at", models.DateTimeField(blank=True, null=True)),
                ("kind", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("network", models.CharField(blank=True, default="", max_length=43)),
                ("device", models.CharField(blank=True, default="", max_length=60)),
                ("detail", models.JSONField(default=dict)),
                ("mail_to", models.EmailField(blank=True, default="", max_length=254)),
                (
                    "user",
                    models.ForeignKey(db_index=False, 
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-at"], name="security_event_user_at"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False), ("parked_at__isnull", True)),
                        fields=["due_at"],
                        name="security_event_due",
                    ),
                    models.Index(fields=["at"], name="security_event_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TelegramIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("telegram_id", models.BigIntegerField(unique=True)),
                ("username", models.CharField(blank=True, default="", max_length=64)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                ("may_write", models.BooleanField(default=False)),
                ("connected_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="telegram",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("telegram_id__gt", 0)), name="telegram_identity_is_a_person"
                    )
                ],
            },
        ),
    ]
