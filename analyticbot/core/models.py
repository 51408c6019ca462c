"""Audit trail and heartbeats."""

from django.db import models


class AuditEntry(models.Model):
    """One state change: who did what to which object, with the values before and after. Never edited."""

    at = models.DateTimeField()
    # Not a foreign key: the trail outlives the workspace, and core lies below accounts.
    workspace_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            # A workspace's trail, newest first.
            models.Index(fields=["workspace_id", "-at"], name="audit_workspace_at"),
            # The story of one object.
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_object_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"


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
