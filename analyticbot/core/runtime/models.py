"""Versions of the values that change while processes run."""

from django.db import models
from django.db.models import Q


class ConfigurationVersion(models.Model):
    """What a declared value was set to, by whom, and why. Rows are only added: the highest version counts."""

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    # Null: the default of the declaration holds again.
    value = models.JSONField(null=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            # Also finds the present version of each key.
            models.UniqueConstraint(fields=["key", "version"], name="configuration_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="configuration_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.key} version {self.version}"
