"""Files that people upload or name: exports and dumps, imported as due work."""

from django.db import models

from analyticbot.core.work import DueWork
from channels_app.models.channel import Channel


class ImportFile(DueWork):
    """One file to import, its progress, and the report of what was known and unknown in it."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, null=True, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, related_name="imports")
    path = models.TextField()
    original_name = models.TextField()
    format = models.CharField(max_length=20, blank=True, default="")
    total_bytes = models.BigIntegerField(null=True)
    read_bytes = models.BigIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    report = models.JSONField(null=True)
    refused = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(read_bytes__gte=0), name="import_progress_not_negative")
        ]

    def __str__(self) -> str:
        return self.original_name
