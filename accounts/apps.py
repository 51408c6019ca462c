"""Registration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, workspaces and API tokens."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Tell the API's document how tokens are sent."""
        from accounts import schema  # noqa: F401 - apps must be loaded first
