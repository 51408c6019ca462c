"""Heartbeats here; the audit trail and the configuration in rooms of their own."""

from django.db import models


class Heartbeat(models.Model):
    """Last sign of life of a long-running process; `/health/ready` reads it."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen_at__gte=models.F("started_at")), name="heartbeat_seen_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


# Django looks for models here.
from analyticbot.core.runtime.models import ConfigurationVersion  # noqa: E402 - after those of this module
from analyticbot.core.trail.models import AuditAnchor, AuditEntry, AuditWords  # noqa: E402 - as above

__all__ = ["AuditAnchor", "AuditEntry", "AuditWords", "ConfigurationVersion", "Heartbeat"]
