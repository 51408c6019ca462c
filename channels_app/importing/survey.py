"""The first pass: a whole file read and checked before anything of it is written."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from channels_app.importers.findings import FileFacts, Findings
from channels_app.importers.reading import ReadOptions, open_reading
from channels_app.importers.refusal import ImportRefused
from channels_app.ingest import refusal
from mtproto.records import Source

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file holds. `digest` names its content; `size` is on disk, in bytes."""

    facts: FileFacts
    findings: Findings
    digest: str
    size: int
    modified_at: datetime

    @property
    def title(self) -> str | None:
        """The channel's title as the file tells it."""
        return self.facts.title or self.findings.title


def survey_file(path: Path, *, name: str, options: ReadOptions, on_progress: Progress | None = None) -> Survey:
    """Read the file to its end. Raises ImportRefused at the first thing that cannot be taken, OSError."""
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        opened = open_reading(stream, name=name, options=options, on_progress=on_progress)
        for record in opened.reading:
            reason = refusal(record, source=Source.IMPORT, observed_at=options.now)
            if reason:
                raise ImportRefused(reason)
        findings = opened.reading.findings
        if not findings.messages and not findings.service_messages:
            raise ImportRefused("The file holds no messages.")
        return Survey(
            facts=opened.reading.facts,
            findings=findings,
            digest=opened.counted.digest,
            size=status.st_size,
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
        )


def observation_time(survey: Survey, *, given: datetime | None, now: datetime) -> datetime:
    """When the file's counters were read: `given`, else the file's time, but never before its newest message.

    Raises ImportRefused for a given time that cannot be.
    """
    newest = survey.findings.latest_moment or now
    if given is None:
        return max(min(survey.modified_at, now), newest)
    if given < newest:
        raise ImportRefused(
            f"The counters cannot have been read at {given:%Y-%m-%d %H:%M} UTC: "
            f"the file knows of {newest:%Y-%m-%d %H:%M} UTC."
        )
    if given > now + timedelta(days=1):
        raise ImportRefused(f"The time of reading, {given:%Y-%m-%d %H:%M} UTC, lies in the future.")
    return given
