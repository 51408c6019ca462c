"""Registration of the accounts app."""

from django.apps import AppConfig

from analyticbot.core.resealing import register as register_sealed


class AccountsConfig(AppConfig):
    """Users, workspaces and API tokens."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Tell the API's document how tokens are sent; listen to what happens to factors and sessions."""
        from accounts import schema  # noqa: F401 - apps must be loaded first
        from accounts.receivers import connect

        connect()
        from accounts.factors import signals as of_factors  # noqa: F401
        from accounts.sessions import signals as of_sessions

        of_sessions.take_over()
        from accounts.factors.adapter import SEALED
        from accounts.personal import own
        from accounts.personal.keepers import register

        register(own.KEEPER)
        register_sealed(SEALED)
