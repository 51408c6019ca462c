"""Registration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Metrics, statistics queries and their faces."""

    name = "analytics"
    verbose_name = "Analytics"

    def ready(self) -> None:
        """Have pages told of what collectors write."""
        from analytics.live.ring import connect  # apps must be loaded before anything of ours is imported

        connect()
