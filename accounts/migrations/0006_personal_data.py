"""Exports and erasures of personal data, consents."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people_and_tokens")]
    operations = [
        migrations.CreateModel(
            name="Erasure",
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
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("person_id", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("erase_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                (
                    "workspace_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False), ("parked_at__isnull", True)),
                        fields=["due_at"],
                        name="erasure_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True), ("taken_back_at__isnull", True)),
                        fields=("person_id",),
                        name="erasure_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_back_at__isnull", True), ("finished_at__isnull", True), _connector="OR"
                        ),
                        name="erasure_done_or_taken_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("erase_at__gt", models.F("asked_at"))),
                        name="erasure_leaves_time_to_take_it_back",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.CharField(max_length=20)),
                ("version", models.CharField(max_length=10)),
                ("language", models.CharField(max_length=5)),
                ("given_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "document", "version"), name="consent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("version__regex", "^\\d{4}-\\d\\d-\\d\\d$")),
                        name="consent_version_is_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalArchive",
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
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("actor", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("size", models.PositiveBigIntegerField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("language", models.CharField(max_length=5)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="archives",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False), ("parked_at__isnull", True)),
                        fields=["due_at"],
                        name="archive_due",
                    ),
                    models.Index(fields=["user", "-id"], name="archive_of_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True), ("expires_at__gt", models.F("created_at")), _connector="OR"
                        ),
                        name="archive_expires_after_creation",
                    )
                ],
            },
        ),
    ]
