"""Registration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Metrics, statistics queries and their faces."""

    name = "analytics"
    verbose_name = "Analytics"

    def ready(self) -> None:
        """Listen to what the rooms below tell."""
        # Models are ready only now.
        from analytics.live.ring import connect
        from analytics.notes import receivers  # noqa: F401 - it connects itself

        connect()
        from accounts.personal.keepers import register
        from analytics import personal

        register(personal.KEEPER)
