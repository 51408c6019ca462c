"""Erases once more whom a restored backup has brought back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.personal.erasing import erase_person
from accounts.personal.tombstones import read_tombstones


class Command(BaseCommand):
    """`erase_again [FILE]`: after a backup was restored, before anybody signs in."""

    help = "Erase whoever stands in the list of the erased and is in the database again (after restoring a backup)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument(
            "file", nargs="?", type=Path, default=settings.TOMBSTONES, help=f"the list (default: {settings.TOMBSTONES})"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Erase them one by one; CommandError says what is wrong with the list."""
        try:
            listed = list(read_tombstones(Path(options["file"])))
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        back = [
            user
            for one in listed
            if (user := User.objects.filter(pk=one.person_id, date_joined=one.joined_at).first()) is not None
        ]
        for user in back:
            erase_person(user, now=timezone.now())
        self.stdout.write(f"{len(back)} of {len(listed)} were in the database again, and are erased.")
