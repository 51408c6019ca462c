"""Import a channel's messages from a file: a Telegram Desktop export, a CSV or a Telethon dump."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyticbot.core.audit import Actor
from analyticbot.core.edge import explain_absence
from analyticbot.core.errors import AppError
from channels_app.importing import ImportOptions, describe_report, import_now
from channels_app.importing.destination import find_workspace
from channels_app.importing.options import find_zone

# Seconds between two progress lines on a terminal.
_EVERY = 0.5
_STAGES = {"survey": "Checking", "write": "Importing"}


class Command(BaseCommand):
    """Reads the file twice: first to check all of it, then to write. Prints what was known and unknown in it."""

    help = "Import a channel from a Telegram Desktop export (result.json), a CSV or a Telethon dump (also .gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be given."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--channel", help="@name, link or id, where the file does not say it")
        parser.add_argument("--workspace", help="e-mail of its owner, or its id; default: the only one there is")
        parser.add_argument("--title", help="title of the channel, where none is known")
        parser.add_argument("--observed-at", help="when the counters were read (ISO); default: the file's time")
        parser.add_argument("--zone", help="time zone of dates that name none, like Asia/Tashkent; default: UTC")
        parser.add_argument("--chat", help="which chat of a full export: its name or id")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import; exit with 1 and the reason when the file is refused."""
        self._shown_at = 0.0
        try:
            row = import_now(
                path=options["file"],
                workspace=find_workspace(options["workspace"]),
                options=ImportOptions(
                    channel=options["channel"],
                    chat=options["chat"],
                    title=options["title"],
                    zone=options["zone"],
                    observed_at=_moment(options["observed_at"], options["zone"]),
                    trusted=True,
                    actor=Actor(kind="system", id=None, label="import_channel"),
                ),
                now=datetime.now(UTC),
                on_progress=self._show if self.stderr.isatty() else None,
            )
        except AppError as error:
            self._end_line()
            raise CommandError(error.message) from None
        except (DatabaseError, OSError) as error:
            self._end_line()
            reason = explain_absence(error) or f"{error}."
            raise CommandError(f"The import was broken off: {reason} Importing the file again goes on.") from None
        except KeyboardInterrupt:
            self._end_line()
            raise CommandError("Interrupted. A worker will finish it; importing the file again does as well.") from None
        self._end_line()
        for line in describe_report(row.report or {}):
            self.stdout.write(line)
        if row.workspace is None:
            self.stdout.write("There is no workspace yet, so nobody follows the channel.")

    def _show(self, stage: str, position: int, size: int) -> None:
        if time.monotonic() - self._shown_at < _EVERY:
            return
        self._shown_at = time.monotonic()
        share = min(position / size, 1) if size else 1
        self.stderr.write(f"\r{_STAGES[stage]:<10}{share:6.1%} of {size / 1e6:,.1f} MB", str, ending="")
        self.stderr.flush()

    def _end_line(self) -> None:
        if self._shown_at:
            self.stderr.write("")


def _moment(given: str | None, zone: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise CommandError(f"--observed-at {given[:40]} is no ISO date, like 2026-05-01T12:00:00Z.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=find_zone(zone) or UTC)).astimezone(UTC)
