"""Registration of the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Audit trail, heartbeats and the shared plain pieces."""

    name = "analyticbot.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        """Register our system checks."""
        from analyticbot.core import checks  # noqa: F401 - apps must be loaded first
