"""The app of the SuperAdmin panel."""

from django.apps import AppConfig


class SuperadminConfig(AppConfig):
    """Faces of the staff; all ModelAdmins live here."""

    name = "superadmin"
