"""History now, in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.collect.foreground import find_channels, line, make_due_now, work_now
from channels_app.collect.schedule import enabled_kinds
from channels_app.collect.session import utc_now
from channels_app.models import ChannelSync, CollectKind, SyncState


class Command(BaseCommand):
    """Bring the history of channels up to date and wait for it."""

    help = "Collect the history of the given channels (all when none is given) now."
    kind = CollectKind.HISTORY
    flag = "MTPROTO_HISTORY_ENABLED"

    def add_arguments(self, parser: CommandParser) -> None:
        """CHANNEL…"""
        parser.add_argument("channels", nargs="*", metavar="CHANNEL", help="@name, link or id")

    def handle(self, *_: Any, **options: Any) -> None:
        """Make the work due, do it, and say how it went; an error when a channel failed."""
        if self.kind not in enabled_kinds():
            self.stdout.write(f"Switched off: set {self.flag}=1 to collect. Nothing was done.")
            return
        try:
            channels = find_channels(options["channels"])
        except (LookupError, ValueError) as error:
            raise CommandError(str(error)) from error
        make_due_now(channels, self.kind, now=utc_now())
        progress = work_now(channels, self.kind, tell=self.stdout.write)
        self.stdout.write(line(progress, len(channels)))
        failed = ChannelSync.objects.filter(channel__in=channels, state=SyncState.FAILED).select_related("channel")
        for sync in failed:
            self.stderr.write(f"{sync.channel}: {sync.error}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(channels)} channels failed.")
