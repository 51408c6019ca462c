"""The work of exports: ask for one, build what is due."""

import time
import uuid
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.bell import ring
from analyticbot.core.errors import Conflict
from analyticbot.core.made_files import LEASE, Clock, run_made
from analyticbot.core.work import LeaseLost
from analytics.exports.drawing import write_picture
from analytics.exports.models import ExportFile, ExportFormat
from analytics.exports.sheets import Sheet, Wanted, check_wanted, open_sheet
from analytics.exports.writers import Progress, write_csv, write_json, write_xlsx
from analytics.period import zone_named
from analytics.questions.asking import Reader
from billing.limits import limits_for

# Exports that are built at the same time, however many processes work: a long one must leave some to everything else.
MOST_AT_ONCE = 1
_TELL_EVERY = 1.0  # seconds between notes of progress
_CLAIM_LOCK = 7_260_311  # a number of our own among the database's advisory locks


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
        transaction.on_commit(ring_exports)
    return row


def run_due_exports(*, clock: Clock = timezone.now, limit: int = 1) -> int:
    """Build up to `limit` due exports, one after the other; returns how many were touched. Safe beside others.

    Does nothing while `MOST_AT_ONCE` are being built by others.
    """
    touched = 0
    while touched < limit and (row := _claimed()) is not None:
        touched += 1
        run_made(row, partial(_build, row, clock=clock), language=row.language, clock=clock)
    return touched


def _claimed() -> ExportFile | None:
    """The next due export, leased to us; None if there is none, or enough are being built."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time, so that two processes cannot both find the last place.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        if ExportFile.objects.filter(due_at__isnull=False, leased_until__gt=Now()).count() >= MOST_AT_ONCE:
            return None
        return next(ExportFile.objects.one_by_one(lease=LEASE, limit=1), None)


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
        row.discard()


def find_export(workspace: Workspace, *, public_id: uuid.UUID) -> ExportFile | None:
    """The export of this workspace with that id."""
    return ExportFile.objects.filter(workspace=workspace, public_id=public_id).first()


def _build(row: ExportFile, *, clock: Clock) -> None:
    def write(part: Path) -> None:
        with translation.override(row.language):
            sheet = open_sheet(_reader(row), Wanted(row.what, row.channel, row.parameters), now=row.created_at)
            row.held().update(rows_total=sheet.total)
            _write(row, sheet, part)

    def done(now: datetime) -> None:
        record_audit(
            AuditAction.EXPORT_FINISHED,
            row,
            actor=Actor(*row.actor),
            now=now,
            workspace_id=row.workspace_id,
            after={"rows": sheet_rows(row), "size": row.size},
        )

    row.make(write, clock=clock, done=done)


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


def ring_exports() -> None:
    """Tell the workers that an export is due."""
    ring("analytics.run_exports")
