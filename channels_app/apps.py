"""Registration of the channels app."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Channels and all observed facts."""

    name = "channels_app"
    verbose_name = "Channels"
