"""The SuperAdmin panel: Django's admin for those who run the service."""
