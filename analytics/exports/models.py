"""Files that were asked for: each row carries the work of building one."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from analyticbot.core.work import DueWork


class ExportFormat(models.TextChoices):
    """What kind of file."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    JSON = "json", "JSON"
    PNG = "png", "PNG"
    SVG = "svg", "SVG"


class ExportState(models.TextChoices):
    """How far an export has come."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


class ExportFile(DueWork):
    """One file: what is in it, how far it has come, and until when it can be fetched."""

    # What addresses name it by; cannot be guessed, and is checked together with the workspace all the same.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    # Who asked, as the audit trail names them: [kind, id, label].
    actor = models.JSONField()
    # A question or a whole table, and how the channel was named (empty: a question of the workspace).
    what = models.CharField(max_length=60)
    channel = models.CharField(max_length=80, blank=True, default="")
    parameters = models.JSONField(default=dict)
    format = models.CharField(max_length=4, choices=ExportFormat)
    language = models.CharField(max_length=5)
    created_at = models.DateTimeField()
    rows_done = models.PositiveBigIntegerField(default=0)
    # Unknown until the work has begun, and where counting would cost as much as the export.
    rows_total = models.PositiveBigIntegerField(null=True)
    size = models.PositiveBigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    # When the file was deleted; the row stays a while to say so.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(format__in=ExportFormat.values), name="export_format_known"),
        ]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="export_due",
                condition=models.Q(due_at__isnull=False, parked_at__isnull=True),
            ),
            # The exports of a workspace, newest first.
            models.Index(fields=["workspace", "-id"], name="export_of_workspace"),
            # Files to delete.
            models.Index(fields=["expires_at"], name="export_expiry", condition=models.Q(removed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.what}.{self.format}"

    def state(self, *, now: datetime) -> ExportState:
        """How far it has come at `now`."""
        if self.removed_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return ExportState.EXPIRED
        if self.finished_at is not None:
            return ExportState.READY
        if self.parked_at is not None:
            return ExportState.FAILED
        held = self.leased_until is not None and self.leased_until > now
        return ExportState.RUNNING if held else ExportState.QUEUED
