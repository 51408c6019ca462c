"""Registration of the mtproto app."""

from django.apps import AppConfig


class MtprotoConfig(AppConfig):
    """Telegram accounts and the gateway."""

    name = "mtproto"
    verbose_name = "Telegram accounts"
