"""Registration of the mtproto app."""

from django.apps import AppConfig


class MtprotoConfig(AppConfig):
    """Telegram accounts and the gateway."""

    name = "mtproto"
    verbose_name = "Telegram accounts"

    def ready(self) -> None:
        """Register the system checks."""
        from mtproto import checks  # noqa: F401 - importing registers them; apps must be loaded first
