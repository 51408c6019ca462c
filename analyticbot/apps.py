"""The product itself as a Django app, for what every Django process needs."""

from django.apps import AppConfig


class AnalyticbotConfig(AppConfig):
    """No models: only the start of each process."""

    name = "analyticbot"
    verbose_name = "AnalyticBot"

    def ready(self) -> None:
        """Make our Celery application the default one: each thread rings our broker, not Celery's unconfigured one."""
        from analyticbot.celery import app  # reads the settings, which must be complete

        app.set_default()
