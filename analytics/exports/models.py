"""Files that were asked for: each row carries the work of building one."""

from pathlib import Path

from django.conf import settings
from django.db import models

from analyticbot.core.made_files import MadeFile


class ExportFormat(models.TextChoices):
    """What kind of file."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    JSON = "json", "JSON"
    PNG = "png", "PNG"
    SVG = "svg", "SVG"


class ExportFile(MadeFile):
    """One file: what is in it, how far it has come, and until when it can be fetched."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    # A question or a whole table, and how the channel was named (empty: a question of the workspace).
    what = models.CharField(max_length=60)
    channel = models.CharField(max_length=80, blank=True, default="")
    parameters = models.JSONField(default=dict)
    format = models.CharField(max_length=4, choices=ExportFormat)
    language = models.CharField(max_length=5)
    rows_done = models.PositiveBigIntegerField(default=0)
    # Unknown until the work has begun, and where counting would cost as much as the export.
    rows_total = models.PositiveBigIntegerField(null=True)

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

    @classmethod
    def folder(cls) -> Path:
        """Where exports stand."""
        return Path(settings.EXPORT_DIR)

    @property
    def ending(self) -> str:
        """The format."""
        return self.format
