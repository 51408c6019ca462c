"""Registration of the billing app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Plans and their limits."""

    name = "billing"
    verbose_name = "Billing"
