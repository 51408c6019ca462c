"""``manage.py audit_verify``: prove the audit trail, or name the first row that is not as it was written."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyticbot.core.trail.anchors import anchor_file
from analyticbot.core.trail.verifying import verify_trail


class Command(BaseCommand):
    """Looks at every row of every chain, at the anchors, and at their file."""

    help = "Verify the audit trail; ends with exit code 1 and the first bad row of each chain if it was tampered with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", type=int, help="only the chain of this workspace (its id)")
        parser.add_argument("--anchors", type=Path, metavar="FILE", help="a copy of the anchors' lines from elsewhere")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify; CommandError names what is wrong."""
        file = options["anchors"] or anchor_file()
        found = verify_trail(workspace_id=options["workspace"], anchor_file=file)
        if not found.is_whole:
            raise CommandError("\n".join([*map(str, found.findings), *found.anchor_findings]))
        self.stdout.write(
            f"{found.rows:,} rows of {found.chains:,} chains are as they were written; {found.anchors:,} anchors hold."
            f" Words of {found.forgotten:,} rows were forgotten."
        )
