"""Rows of the audit trail. The database itself refuses to change them (migration 0002)."""

from typing import Any

from django.db import models


class AuditEntryManager(models.Manager["AuditEntry"]):
    """Entries come with their words: nobody reads one without the other."""

    def get_queryset(self) -> models.QuerySet["AuditEntry"]:
        return super().get_queryset().select_related("words")


class AuditEntry(models.Model):
    """One state change: who did what to which object. A link of its workspace's chain; never edited, never deleted.

    What may have to be forgotten about people stands in `AuditWords`; this row holds ids and proofs only.
    """

    # Not a foreign key: the trail outlives the workspace, and core lies below accounts. Null: the chain of what
    # belongs to no workspace.
    workspace_id = models.BigIntegerField(null=True)
    # Place in the chain, from 1, without a gap.
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    # Whom a member of staff impersonated.
    for_user_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    request_id = models.CharField(max_length=40, blank=True)
    words_hash = models.BinaryField(max_length=32)
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    # Which key made the hashes: its fingerprint.
    key = models.CharField(max_length=8)

    objects = AuditEntryManager()

    class Meta:
        app_label = "core"
        constraints = [
            # One chain for each workspace and one for what has none; finds the end of a chain, too.
            models.UniqueConstraint(fields=["workspace_id", "seq"], nulls_distinct=False, name="audit_place_once"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_counts_from_one"),
        ]
        indexes = [
            # A workspace's trail, newest first.
            models.Index(fields=["workspace_id", "-at"], name="audit_workspace_at"),
            # The story of one object.
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_object_at"),
            # What somebody did.
            models.Index(fields=["actor_kind", "actor_id", "-at"], name="audit_actor_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"

    @property
    def actor_label(self) -> str:
        """Who it was, as they were called then; empty once forgotten."""
        return self.words.actor_label

    @property
    def before(self) -> dict[str, Any] | None:
        """Values before the change."""
        found: dict[str, Any] | None = self.words.before
        return found

    @property
    def after(self) -> dict[str, Any] | None:
        """Values after the change."""
        found: dict[str, Any] | None = self.words.after
        return found


class AuditWords(models.Model):
    """What an entry says in words. May be blanked where a person asked to be forgotten, and only then.

    The entry holds a salted hash of these words: they can be checked while they are there, and not be guessed back
    from the hash when words and salt are gone.
    """

    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, primary_key=True, related_name="words")
    actor_label = models.CharField(max_length=300, blank=True)
    for_label = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    # The program that asked, as a hash of its User-Agent.
    agent = models.CharField(max_length=16, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # Empty once words were forgotten.
    salt = models.BinaryField(max_length=16)
    # The entry that tells of the forgetting.
    forgotten_by = models.BigIntegerField(null=True)

    class Meta:
        app_label = "core"
        indexes = [
            # What an erasure forgot: its count is checked.
            models.Index(
                fields=["forgotten_by"],
                condition=models.Q(forgotten_by__isnull=False),
                name="audit_forgotten_by",
            ),
        ]

    def __str__(self) -> str:
        return f"words of {self.entry_id}"


class AuditAnchor(models.Model):
    """How far every chain had come at a moment: what was cut off a chain's end since then is missed.

    A chain in itself; its line also goes to a file and the log, out of the database's reach.
    """

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    # Workspace id (0: none) → [seq, hash] of the last row, for chains that moved since the anchor before.
    heads = models.JSONField()
    # The newest entry that was looked at.
    last_entry = models.BigIntegerField()
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    key = models.CharField(max_length=8)

    class Meta:
        app_label = "core"
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_anchor_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"anchor {self.number}"
