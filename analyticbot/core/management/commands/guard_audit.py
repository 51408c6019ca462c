"""``manage.py guard_audit ROLE``: take the audit trail out of the application's hands, but for adding and reading."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from analyticbot.core.trail.keeping import KEEPER, guard_trail


class Command(BaseCommand):
    """Run it once after the first migration, with the address of a superuser as DATABASE_URL. Safe to repeat."""

    help = f"Give the tables of the audit trail to the role {KEEPER}; ROLE, the application's, may add and read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="the role that DATABASE_URL of the application names")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Guard; CommandError without the role or the right."""
        try:
            guard_trail(options["role"])
        except ProgrammingError as error:
            raise CommandError(str(error).strip().partition("\n")[0]) from None
        self.stdout.write(f"{options['role']} may add to the audit trail and read it; its tables belong to {KEEPER}.")
