"""Invitations, offers of ownership, undo of deletion, networks of tokens."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What `analytics:read` allowed before these had names of their own.
_READ = ["exports:read", "reports:read", "shares:read", "notes:read"]


def _tokens_read_what_they_read(apps, _editor):
    """Tokens that could read exports and the like go on doing so."""
    tokens = apps.get_model("accounts", "ApiToken").objects.filter(scopes__contains=["analytics:read"])
    for token in tokens.iterator():
        token.scopes = sorted({*token.scopes, *_READ})
        token.save(update_fields=["scopes"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_factors_and_sessions")]
    operations = [
        migrations.CreateModel(
            name="Invitation",
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
                ("email", models.EmailField(max_length=254)),
                ("role", models.CharField(max_length=10)),
                ("language", models.CharField(max_length=5)),
                ("digest", models.CharField(max_length=64, null=True, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="OwnershipOffer",
            fields=[
                (
                    "workspace",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ownership_offer",
                        serialize=False,
                        to="accounts.workspace",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="apitoken",
            name="last_used_from",
            field=models.CharField(blank=True, default="", max_length=43),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="networks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=43), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="chosen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="workspace",
            name="deleted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="workspace",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="workspace_deleted"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="inviter",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="accounts.workspace"
            ),
        ),
        migrations.AddField(
            model_name="ownershipoffer",
            name="heir",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ownershipoffer",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("parked_at__isnull", True)),
                fields=["due_at"],
                name="invitation_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("workspace", "email"),
                name="invitation_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["admin", "analyst", "viewer"])), name="invitation_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="invitation_expires_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"),
                name="invitation_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownershipoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", models.F("heir")), _negated=True), name="ownership_offer_to_another"
            ),
        ),
        migrations.RunPython(_tokens_read_what_they_read, migrations.RunPython.noop, elidable=True),
    ]
