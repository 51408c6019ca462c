"""The collector's process."""

import asyncio
import gc
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from channels_app.collect.collector import Collector


class Command(BaseCommand):
    """Hold the Telegram accounts: follow live updates and carry out due collecting work, until told to stop."""

    # The checks import every page of the product, which this process never shows.
    requires_system_checks: list[str] = []
    help = "Follow live updates and collect due history, counters, facts and statistics until stopped (Ctrl-C)."

    def add_arguments(self, parser: CommandParser) -> None:
        """--account and --once."""
        parser.add_argument("--account", type=int, help="only this account (its number), not every free one")
        parser.add_argument("--once", action="store_true", help="do what is due, catch up once, and end")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; ends within ten seconds, also in the middle of a sync."""
        _settle_memory()
        asyncio.run(_run(Collector(account_id=options["account"], once=options["once"])))


def _settle_memory() -> None:
    """What is imported by now stays: the collector of garbage need not look at it again, and may look less often.

    A page of history makes thousands of objects that live for a moment; looking after each 700 costs a tenth of all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _run(collector: Collector) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, collector.stopping.set)
    await collector.run()
