"""The app of the SuperAdmin panel."""

from importlib import import_module

from django.apps import AppConfig

# Modules that register their ModelAdmins with the site.
_LISTS = ("superadmin.people.admin", "superadmin.running.admin")


class SuperadminConfig(AppConfig):
    """Faces of the staff; all ModelAdmins live here."""

    name = "superadmin"

    def ready(self) -> None:
        """Register the lists of the panel, and what it keeps about people."""
        for name in _LISTS:
            import_module(name)
        from accounts.personal.keepers import register
        from superadmin import personal

        register(personal.KEEPER)
