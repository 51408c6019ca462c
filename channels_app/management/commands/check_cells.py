"""Check that every channel's cells and baselines add up to its latest counters; repair on demand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from channels_app.cells import check_invariant, repair_channel
from channels_app.collect.invariant import note_check
from channels_app.models import Channel

SHOWN = 5


class Command(BaseCommand):
    """`check_cells [CHANNEL…] [--deep] [--repair]`; exits with 1 when something does not add up."""

    help = "Check that hour and day cells plus baselines equal the latest counters of each channel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("channels", nargs="*", help="@username or Telegram id; all when none is given")
        parser.add_argument("--deep", action="store_true", help="compare every hour and post with its snapshots")
        parser.add_argument("--repair", action="store_true", help="compute anew what does not add up")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, report, repair."""
        wrong = 0
        for channel in self._channels(options["channels"]):
            differences = check_invariant(channel.pk, deep=options["deep"])
            for one in differences[:SHOWN]:
                self.stderr.write(f"{channel}: {one.kind} {one.key} {one.counter}: {one.found}, not {one.expected}")
            if differences and options["repair"]:
                repair_channel(channel.pk)
                self.stdout.write(f"{channel}: repaired")
                differences = check_invariant(channel.pk, deep=options["deep"])
            note_check(channel.pk, differences, now=timezone.now())
            wrong += bool(differences)
        if wrong:
            raise CommandError(f"{wrong} channels do not add up.")
        self.stdout.write("All channels add up.")

    def _channels(self, names: list[str]) -> list[Channel]:
        if not names:
            return list(Channel.objects.order_by("pk"))
        found = []
        for name in names:
            channel = Channel.objects.named(name).first()
            if channel is None:
                raise CommandError(f"No channel {name}.")
            found.append(channel)
        return found
