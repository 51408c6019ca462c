"""Registration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Metrics, statistics queries and their faces."""

    name = "analytics"
    verbose_name = "Analytics"

    def ready(self) -> None:
        """Listen to what the rooms below tell."""
        from analytics.notes import receivers  # noqa: F401 - it connects itself; models are ready only now
