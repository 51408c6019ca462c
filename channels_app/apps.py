"""Registration of the channels app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChannelsConfig(AppConfig):
    """Channels and all observed facts."""

    name = "channels_app"
    verbose_name = "Channels"

    def ready(self) -> None:
        """Have the schedule of beat written after each migration."""
        from accounts.personal.keepers import register
        from channels_app import personal
        from channels_app.beat import install_schedule  # apps must be loaded before anything of ours is imported

        register(personal.KEEPER)
        post_migrate.connect(install_schedule, sender=self, dispatch_uid="channels_app.install_schedule")
