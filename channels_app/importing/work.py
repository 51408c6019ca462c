"""The work of an import: add it, run it, sweep what is due."""

import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Workspace
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from analyticbot.core.work import MAX_ATTEMPTS, LeaseLost
from billing.limits import PlanLimitReached
from channels_app.importers.reading import ReadOptions, open_reading
from channels_app.importers.refusal import ImportRefused
from channels_app.importing.batches import Record, in_batches, last_of_each
from channels_app.importing.destination import find_or_make_channel, follow, name_channel
from channels_app.importing.options import ImportOptions, find_zone
from channels_app.importing.report import add_result, survey_report
from channels_app.importing.survey import Survey, observation_time, survey_file
from channels_app.ingest import ingest_messages
from channels_app.models import Channel, ImportFile
from mtproto.records import Source

logger = logging.getLogger(__name__)

# A claim is held this long beyond the last sign of progress.
LEASE = timedelta(minutes=5)
_EXTEND_EVERY = 30.0  # seconds between signs of life while a file is only read
# A worker's slice of a long import, after the survey; both together stay below the time limit of tasks.
SLICE = timedelta(seconds=60)
# However long the survey took, a slice writes at least so many batches: it always gets on.
_LEAST_BATCHES = 5

# Told the stage ("survey", "write"), the position and the size, in bytes of the file as it is on disk.
StageProgress = Callable[[str, int, int], None]


@transaction.atomic
def add_import(
    *, path: Path, original_name: str, workspace: Workspace | None, options: ImportOptions, now: datetime
) -> ImportFile:
    """Make the import of `path` due now. The file must stay where it is until the import is finished.

    Raises InvalidInput for options that no file could meet.
    """
    return _create(path, original_name, workspace, options, now=now)


def import_now(
    *,
    path: Path,
    workspace: Workspace | None,
    options: ImportOptions,
    now: datetime,
    on_progress: StageProgress | None = None,
) -> ImportFile:
    """Import `path` in this process, to its end; returns the finished row with its report.

    Killed on the way, the row is due for a worker once its lease has run out; calling it again is as good.
    Raises ImportRefused (nothing was written), InvalidInput.
    """
    with transaction.atomic():
        row = _create(path, path.name, workspace, options, now=now, owner=f"command:{uuid.uuid4()}")
    run = _Run(row, now=now, on_progress=on_progress)
    try:
        run.to_the_end(budget=None)
    except (ImportRefused, FileNotFoundError, PermissionError, IsADirectoryError) as error:
        run.refuse(error)
        raise error if isinstance(error, ImportRefused) else ImportRefused(_unreadable(error)) from None
    except BaseException:
        # Interrupted or broken off: leave the row to a worker at once, not only when the lease runs out.
        with suppress(DatabaseError):
            row.postpone(until=run.clock(), reason="interrupted")
        raise
    return row


def run_due_imports(*, now: datetime, limit: int = 1, budget: timedelta = SLICE) -> int:
    """Work on up to `limit` due imports, each for about `budget`; returns how many were touched.

    A file that cannot be taken is finished with its refusal; a fault of ours or of the machine is tried again later.
    """
    rows: list[ImportFile] = ImportFile.objects.claim(owner=f"worker:{uuid.uuid4()}", lease=LEASE, limit=limit)
    for row in rows:
        run = _Run(row, now=now, on_progress=None)
        if row.attempts >= MAX_ATTEMPTS:
            row.fail(now=now, error=row.last_error or "The processes that ran it were killed.", permanent=True)
            continue
        # Counted beforehand: a file that gets its process killed says nothing afterwards.
        row.held().update(attempts=F("attempts") + 1)
        try:
            run.to_the_end(budget=budget)
        except (ImportRefused, FileNotFoundError, PermissionError, IsADirectoryError) as error:
            run.refuse(error)
        except LeaseLost:
            logger.warning("import %s was taken over by another process", row.pk)
        except Exception as error:
            logger.exception("import %s failed", row.pk)
            row.fail(now=run.clock(), error=f"{type(error).__name__}: {error}"[:2000])
    return len(rows)


def _create(
    path: Path,
    name: str,
    workspace: Workspace | None,
    options: ImportOptions,
    *,
    now: datetime,
    owner: str = "",
) -> ImportFile:
    """A row that is due now; held by `owner` from its birth when one is given."""
    find_zone(options.zone)
    try:
        str(path.resolve()).encode()
    except UnicodeEncodeError:
        raise InvalidInput("The file's name is not UTF-8; rename it.", field="file") from None
    if options.observed_at and options.observed_at.tzinfo is None:
        raise InvalidInput("observed_at needs a time zone.", field="observed_at")
    lease = {"leased_by": owner, "leased_until": Now() + LEASE, "fence": 1} if owner else {}
    row = ImportFile(
        workspace=workspace,
        path=str(path.resolve()),
        original_name=name[:255],
        report={"options": options.as_json()},
        created_at=now,
        due_at=now,
        **lease,
    )
    row.save()
    return row


class _Run:
    """One process at work on one claimed import."""

    def __init__(self, row: ImportFile, *, now: datetime, on_progress: StageProgress | None) -> None:
        self._row = row
        self._path = Path(row.path)
        self._started = (now, time.monotonic())
        self._on_progress = on_progress
        self._options = ImportOptions.from_json((row.report or {})["options"])
        self._read = ReadOptions(now=now, chat=self._options.chat, zone=find_zone(self._options.zone))
        self._size = 0
        self._stat: list[int] = []
        self._extended = time.monotonic()

    def clock(self) -> datetime:
        """The moment, counted from the `now` that was given."""
        now, since = self._started
        return now + timedelta(seconds=time.monotonic() - since)

    def to_the_end(self, *, budget: timedelta | None) -> bool:
        """Survey, prepare, write, finish; True when finished, False when the budget ran out first."""
        status = self._path.stat()
        self._size, self._stat = status.st_size, [status.st_size, status.st_mtime_ns, status.st_ino]
        if self._goes_on():
            return self._write_and_finish({}, budget)
        survey = survey_file(
            self._path, name=self._row.original_name, options=self._read, on_progress=self._stage("survey")
        )
        observed_at = observation_time(survey, given=self._options.observed_at, now=self._read.now)
        self._prepare(survey, observed_at)
        return self._write_and_finish(survey.findings.duplicates, budget)

    def _goes_on(self) -> bool:
        """Whether an earlier process has surveyed this very file, and has begun to write it.

        Where ids repeat the survey is needed again: it knows which record of an id is the last.
        """
        report = self._row.report or {}
        return bool(self._row.messages and report.get("stat") == self._stat and not report["duplicates"])

    def _write_and_finish(self, duplicates: dict[int, int], budget: timedelta | None) -> bool:
        if not self._write(duplicates, budget):
            self._held(attempts=0)
            self._row.postpone(until=self.clock(), reason="")
            return False
        self._finish()
        return True

    def refuse(self, error: Exception) -> None:
        """Finish the row with the reason why its file was not taken."""
        reason = error.message if isinstance(error, ImportRefused) else _unreadable(error)
        with transaction.atomic():
            self._held(refused=reason)
            self._row.complete(now=self.clock())
            self._audit({"refused": reason[:500]})

    def _prepare(self, survey: Survey, observed_at: datetime) -> None:
        """Find the channel, and where to go on: behind what an earlier process has written of the same content."""
        report = survey_report(
            survey,
            observed_at=observed_at,
            observed_given=self._options.observed_at is not None,
            zone=self._options.zone,
        )
        before = self._row.report or {}
        resumed = self._row.messages if before.get("digest") == survey.digest else 0
        if resumed:
            # The file's time may have been touched since; one file is one observation.
            report["observed_at"] = before["observed_at"]
        written = before.get("written", {}) if resumed else {}
        with transaction.atomic():
            channel = find_or_make_channel(
                name_channel(survey.facts, given=self._options.channel),
                title=self._options.title or survey.title,
                workspace=self._row.workspace,
                trusted=self._options.trusted,
                admitted=self._row.channel_id if self._row.messages else None,
                now=self._read.now,
            )
            if self._row.workspace:
                self._follow(channel, self._row.workspace)
            self._held(
                channel=channel,
                format=survey.facts.format.value,
                total_bytes=survey.size,
                read_bytes=0,
                messages=resumed,
                report={"options": self._options.as_json(), "stat": self._stat, **report, "written": written},
            )

    def _follow(self, channel: Channel, workspace: Workspace) -> None:
        try:
            follow(channel, workspace=workspace, actor=self._options.actor, now=self._read.now)
        except PlanLimitReached as error:
            raise ImportRefused(error.message) from None

    def _write(self, duplicates: dict[int, int], budget: timedelta | None) -> bool:
        report = self._row.report or {}
        observed_at = datetime.fromisoformat(report["observed_at"])
        until = None if budget is None else self.clock() + budget
        with self._path.open("rb") as stream:
            opened = open_reading(
                stream, name=self._row.original_name, options=self._read, on_progress=self._stage("write")
            )
            records = last_of_each(opened.reading, duplicates)
            for number, batch in enumerate(in_batches(records, skip=self._row.messages)):
                if until is not None and number >= _LEAST_BATCHES and self.clock() > until:
                    return False
                self._write_batch(batch, observed_at, position=opened.counted.position)
            if opened.counted.digest != report["digest"]:
                raise ImportRefused("The file was changed while it was imported. Import it again.")
        return True

    def _write_batch(self, batch: list[Record], observed_at: datetime, *, position: int) -> None:
        channel_id = self._row.channel_id
        if channel_id is None:
            raise LeaseLost
        with transaction.atomic():
            result = ingest_messages(channel_id, batch, source=Source.IMPORT, observed_at=observed_at)
            report = self._row.report or {}
            self._held(
                read_bytes=min(position, self._size),
                messages=self._row.messages + len(batch),
                report={**report, "written": add_result(report["written"], result)},
                leased_until=Now() + LEASE,
            )
        self._extended = time.monotonic()

    def _finish(self) -> None:
        with transaction.atomic():
            report = self._row.report or {}
            self._held(read_bytes=self._size)
            if not self._row.complete(now=self.clock()):
                raise LeaseLost
            self._audit({"messages": report["messages"], **report["written"]})
        logger.info("imported %s messages of channel %s", self._row.messages, self._row.channel_id)

    def _audit(self, after: dict[str, object]) -> None:
        record_audit(
            AuditAction.IMPORT_FINISHED,
            self._row,
            actor=self._options.actor,
            now=self.clock(),
            workspace_id=self._row.workspace_id,
            after={"file": self._row.original_name, "channel": self._row.channel_id, **after},
        )

    def _held(self, **values: object) -> None:
        """Write to the row while it is ours; raises LeaseLost, which rolls the transaction back."""
        if not self._row.held().update(**values):
            raise LeaseLost
        for name, value in values.items():
            if name != "leased_until":
                setattr(self._row, name, value)

    def _stage(self, name: str) -> Callable[[int], None]:
        def moved(position: int) -> None:
            if time.monotonic() - self._extended > _EXTEND_EVERY:
                self._extended = time.monotonic()
                if not self._row.extend(lease=LEASE):
                    raise LeaseLost
            if self._on_progress:
                self._on_progress(name, position, self._size)

        return moved


def _unreadable(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The file is not there."
    if isinstance(error, IsADirectoryError):
        return "This is a folder; give the file in it (for an export: result.json)."
    return "The file may not be read by this program."
