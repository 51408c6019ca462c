"""Registration of the analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Metrics, statistics queries and their faces."""

    name = "analytics"
    verbose_name = "Analytics"
