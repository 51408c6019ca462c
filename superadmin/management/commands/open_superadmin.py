"""Breaks the glass: opens the SuperAdmin panel from everywhere, or from one more network."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import AppError
from superadmin.models import AllowedNetwork
from superadmin.networks import allow_network, remove_network


class Command(BaseCommand):
    """`open_superadmin [--network CIDR]`."""

    help = "Open the SuperAdmin panel from everywhere (all allowed networks are removed), or from one more network."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--network", help="allow this network instead of everywhere, e.g. 203.0.113.0/24")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Change the list; CommandError says what is wrong."""
        now = timezone.now()
        if options["network"]:
            try:
                row = allow_network(
                    options["network"], note="open_superadmin", seen_from=None, added_by=None, actor=SYSTEM, now=now
                )
            except AppError as error:
                raise CommandError(error.message) from None
            self.stdout.write(f"The panel may be opened from {row.network} as well.")
            return
        rows = list(AllowedNetwork.objects.all())
        for row in rows:
            remove_network(row, seen_from=None, actor=SYSTEM, now=now)
        self.stdout.write(f"{len(rows)} networks removed: the panel may be opened from everywhere.")
