"""Registration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, workspaces and API tokens."""

    name = "accounts"
    verbose_name = "Accounts"
