"""The work of exports: ask for one, build what is due, delete what has expired."""

import errno
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import AppError, Conflict
from analyticbot.core.work import MAX_ATTEMPTS
from analytics.exports.drawing import write_picture
from analytics.exports.models import ExportFile, ExportFormat, ExportState
from analytics.exports.sheets import Sheet, Wanted, check_wanted, open_sheet
from analytics.exports.writers import Progress, write_csv, write_json, write_xlsx
from analytics.period import zone_named
from analytics.questions.asking import Reader
from billing.limits import limits_for

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=72)
# How long a row still says that there was a file.
REMEMBERED = timedelta(days=30)
# A claim is held this long beyond the last sign of progress.
LEASE = timedelta(minutes=5)
# Exports that are built at the same time, however many processes work: a long one must leave some to everything else.
MOST_AT_ONCE = 1
# A file that no export names is what a killed process left, once it has not grown for this long.
ORPHAN_AFTER = timedelta(days=1)
_TELL_EVERY = 1.0  # seconds between notes of progress
_CLAIM_LOCK = 7_260_311  # a number of our own among the database's advisory locks


class LeaseLost(Exception):
    """Another process has taken the export over."""


def request_export(
    workspace: Workspace, *, wanted: Wanted, form: ExportFormat, language: str, actor: Actor, now: datetime
) -> ExportFile:
    """Make an export due now. Raises InvalidInput, NotFound (as the question would) and Conflict (too many wait)."""
    reader = Reader(workspace.pk, workspace.time_zone, language)
    check_wanted(reader, wanted, now=now)
    most = limits_for(workspace).exports_at_once
    with transaction.atomic():
        # One at a time for each workspace, so that two requests cannot both be the last that is allowed.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        if ExportFile.objects.filter(workspace=workspace, due_at__isnull=False).count() >= most:
            raise Conflict(_("%(most)s exports are waiting already.") % {"most": most}, code="exports_waiting")
        row = ExportFile.objects.create(
            workspace=workspace,
            actor=[actor.kind, actor.id, actor.label],
            what=wanted.what,
            channel=wanted.channel,
            parameters=dict(wanted.parameters),
            format=form,
            language=language,
            created_at=now,
            due_at=now,
        )
        record_audit(
            AuditAction.EXPORT_REQUESTED,
            row,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            after={"what": row.what, "channel": row.channel, "parameters": row.parameters, "format": row.format},
        )
        transaction.on_commit(_ring)
    return row


def run_due_exports(*, clock: Callable[[], datetime] = timezone.now, limit: int = 1) -> int:
    """Build up to `limit` due exports, one after the other; returns how many were touched. Safe beside others.

    Does nothing while `MOST_AT_ONCE` are being built by others.
    """
    touched = 0
    while touched < limit and (row := _claimed()) is not None:
        touched += 1
        _run(row, clock=clock)
    return touched


def _claimed() -> ExportFile | None:
    """The next due export, leased to us; None if there is none, or enough are being built."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time, so that two processes cannot both find the last place.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        if ExportFile.objects.filter(due_at__isnull=False, leased_until__gt=Now()).count() >= MOST_AT_ONCE:
            return None
        rows: list[ExportFile] = ExportFile.objects.claim(owner=f"worker:{uuid.uuid4()}", lease=LEASE)
    return rows[0] if rows else None


def _run(row: ExportFile, *, clock: Callable[[], datetime]) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        row.fail(now=clock(), error="The processes that built it were killed.", permanent=True)
        return
    # Counted beforehand: an export that gets its process killed says nothing afterwards.
    row.held().update(attempts=F("attempts") + 1)
    try:
        _build(row, clock=clock)
    except AppError as error:
        row.fail(now=clock(), error=error.message, permanent=True)
    except LeaseLost:
        logger.warning("export %s was taken over by another process", row.pk)
    except Exception as error:  # the edge of a task: one export must not hold up the others
        logger.exception("export %s failed", row.pk)
        row.fail(now=clock(), error=_told_of(error, language=row.language))


def _told_of(error: Exception, *, language: str) -> str:
    """What its owner may know of a failure: nothing of the machine or the database. The log has the rest."""
    with translation.override(language):
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return _("The machine has no room for the file.")
        return _("The file could not be built; the operator can see why.")


def remove_expired(*, now: datetime) -> int:
    """Delete the files whose time is over, and forget those of long ago; returns how many files went."""
    gone = 0
    for row in ExportFile.objects.filter(expires_at__lte=now, removed_at__isnull=True):
        file_of(row).unlink(missing_ok=True)
        gone += ExportFile.objects.filter(pk=row.pk, removed_at__isnull=True).update(removed_at=now)
    ExportFile.objects.filter(removed_at__lt=now - REMEMBERED).delete()
    ExportFile.objects.filter(parked_at__lt=now - REMEMBERED).delete()
    _remove_orphans(now=now)
    return gone


def _remove_orphans(*, now: datetime) -> None:
    """Remove what killed processes and deleted workspaces left behind."""
    folder = Path(settings.EXPORT_DIR)
    if not folder.is_dir():
        return
    old = [
        path
        for path in folder.iterdir()
        if path.is_file() and now.timestamp() - path.stat().st_mtime > ORPHAN_AFTER.total_seconds()
    ]
    if not old:
        return
    rows = ExportFile.objects.filter(removed_at__isnull=True).values_list("public_id", "format")
    named = {f"{public_id}.{form}" for public_id, form in rows.iterator()}
    for path in old:
        if path.name not in named:
            path.unlink(missing_ok=True)


def delete_export(row: ExportFile, *, actor: Actor, now: datetime) -> None:
    """Delete an export and its file; one that is being built is stopped at its next sign of progress."""
    with transaction.atomic():
        record_audit(
            AuditAction.EXPORT_DELETED,
            row,
            actor=actor,
            now=now,
            workspace_id=row.workspace_id,
            before={"what": row.what, "channel": row.channel, "format": row.format, "public_id": str(row.public_id)},
        )
        path = file_of(row)
        row.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def file_of(row: ExportFile) -> Path:
    """Where the file of an export stands, once it is ready."""
    return Path(settings.EXPORT_DIR) / f"{row.public_id}.{row.format}"


def find_export(workspace: Workspace, *, public_id: uuid.UUID) -> ExportFile | None:
    """The export of this workspace with that id."""
    return ExportFile.objects.filter(workspace=workspace, public_id=public_id).first()


def is_ready(row: ExportFile, *, now: datetime) -> bool:
    """True if the file can be fetched."""
    return row.state(now=now) is ExportState.READY and file_of(row).is_file()


def _build(row: ExportFile, *, clock: Callable[[], datetime]) -> None:
    path = file_of(row)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A name of this claim's own: one that was taken over and goes on writes into nobody's file.
    part = path.with_name(f"{path.name}.{row.fence}.part")
    try:
        with translation.override(row.language):
            sheet = open_sheet(_reader(row), Wanted(row.what, row.channel, row.parameters), now=row.created_at)
            row.held().update(rows_total=sheet.total)
            _write(row, sheet, part)
        done = sheet_rows(row)
        with transaction.atomic():
            now = clock()
            row.held().update(size=part.stat().st_size, expires_at=now + LIFETIME)
            if not row.complete(now=now):
                raise LeaseLost
            part.replace(path)
            record_audit(
                AuditAction.EXPORT_FINISHED,
                row,
                actor=Actor(*row.actor),
                now=now,
                workspace_id=row.workspace_id,
                after={"rows": done, "size": path.stat().st_size},
            )
    finally:
        part.unlink(missing_ok=True)


def sheet_rows(row: ExportFile) -> int:
    """How many rows were noted as written."""
    return int(ExportFile.objects.filter(pk=row.pk).values_list("rows_done", flat=True).first() or 0)


def _reader(row: ExportFile) -> Reader:
    workspace = row.workspace
    # Whoever asked from a page in their own zone gets the days that they saw.
    zone = row.parameters.get("zone") or workspace.time_zone
    return Reader(workspace.pk, str(zone_named(zone)), row.language)


def _write(row: ExportFile, sheet: Sheet, path: Path) -> None:
    progress = _progress_of(row)
    match ExportFormat(row.format):
        case ExportFormat.CSV:
            write_csv(sheet, path, progress=progress)
        case ExportFormat.XLSX:
            write_xlsx(sheet, path, language=row.language, progress=progress)
        case ExportFormat.JSON:
            write_json(sheet, path, progress=progress)
        case ExportFormat.PNG | ExportFormat.SVG:
            write_picture(sheet, path, form=row.format, language=row.language)
            progress(sheet.total or 0, last=True)


def _progress_of(row: ExportFile) -> Progress:
    """Notes rows done, at most once a second, and holds on to the claim with it."""
    told = time.monotonic()

    def tell(done: int, *, last: bool = False) -> None:
        nonlocal told
        if not last and time.monotonic() - told < _TELL_EVERY:
            return
        told = time.monotonic()
        if not (row.held().update(rows_done=done) and row.extend(lease=LEASE)):
            raise LeaseLost

    return tell


def _ring() -> None:
    """Tell the workers at once; the sweep would find the row anyway."""
    try:
        current_app.send_task("analytics.run_exports", queue="default", expires=60, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the sweep will find the export: %s", error)
