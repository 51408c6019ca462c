"""What the system page remembers."""

from django.db import models


class SystemSample(models.Model):
    """The state of the service at a minute, for the curves of 24 hours."""

    at = models.DateTimeField(primary_key=True)
    # `superadmin.running.sampling.Reading`, by name. What could not be read is not there: unknown, not 0.
    values = models.JSONField()

    class Meta:
        app_label = "superadmin"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
