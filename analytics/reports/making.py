"""Reports that were asked for: due work that makes a file, and what becomes of the file."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import AppError, Conflict, InvalidInput
from analyticbot.core.work import MAX_ATTEMPTS
from analytics.exports.models import ExportState
from analytics.period import EARLIEST, Period, days_between, zone_named
from analytics.questions.asking import Reader, channel_for
from analytics.reports.brand import brand_of
from analytics.reports.kit import kit_of
from analytics.reports.kit_pdf import kit_pdf
from analytics.reports.kit_picture import kit_png
from analytics.reports.models import ReportFile, ReportForm, ReportKind, Section
from analytics.reports.pages import html_of, kit_html
from analytics.reports.pdf import pdf_of
from analytics.reports.report import Report, build_report
from analytics.reports.workbook import xlsx_of
from billing.limits import limits_for

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=72)
# How long a row still says that there was a file.
REMEMBERED = timedelta(days=30)
LEASE = timedelta(minutes=5)
# A file that no row names is what a killed process left, once it is this old.
ORPHAN_AFTER = timedelta(days=1)
# A sheet of more days than this is what exports are for.
MOST_DAYS = 800
FORMS = {
    ReportKind.REPORT: (ReportForm.PDF, ReportForm.XLSX, ReportForm.HTML),
    ReportKind.KIT: (ReportForm.PDF, ReportForm.PNG, ReportForm.HTML),
}


class LeaseLost(Exception):
    """Another process has taken the work over."""


@dataclass(frozen=True, slots=True)
class WantedReport:
    """What is to be made: of which channel, of which local days (both included), in which form and language."""

    channel: str
    form: ReportForm
    first: date
    last: date
    language: str
    kind: ReportKind = ReportKind.REPORT
    sections: tuple[Section, ...] = tuple(Section)


def request_report(workspace: Workspace, *, wanted: WantedReport, actor: Actor, now: datetime) -> ReportFile:
    """Make a report due now. Raises InvalidInput (field), NotFound (channel) and Conflict (too many wait)."""
    _check(workspace, wanted, now=now)
    with transaction.atomic():
        # One at a time for each workspace, so that two requests cannot both be the last that is allowed.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        most = limits_for(workspace).exports_at_once
        if ReportFile.objects.filter(workspace=workspace, due_at__isnull=False).count() >= most:
            raise Conflict(_("%(most)s reports are waiting already.") % {"most": most}, code="reports_waiting")
        row = ReportFile.objects.create(
            workspace=workspace,
            actor=[actor.kind, actor.id, actor.label],
            kind=wanted.kind,
            channel=wanted.channel,
            form=wanted.form,
            language=wanted.language,
            first_day=wanted.first,
            last_day=wanted.last,
            time_zone=workspace.time_zone,
            sections=[section.value for section in wanted.sections],
            created_at=now,
            due_at=now,
        )
        record_audit(
            AuditAction.REPORT_REQUESTED,
            row,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            after={
                "kind": row.kind,
                "channel": row.channel,
                "form": row.form,
                "days": [str(wanted.first), str(wanted.last)],
            },
        )
        transaction.on_commit(ring)
    return row


def _check(workspace: Workspace, wanted: WantedReport, *, now: datetime) -> None:
    channel_for(Reader(workspace.pk, workspace.time_zone, wanted.language), wanted.channel)
    if wanted.form not in FORMS[wanted.kind]:
        known = ", ".join(FORMS[wanted.kind])
        raise InvalidInput(_("`format` must be one of %(formats)s.") % {"formats": known}, field="format")
    if wanted.first > wanted.last:
        raise InvalidInput(_("The first day is after the last one."), field="first")
    if (wanted.last - wanted.first).days >= MOST_DAYS:
        raise InvalidInput(_("A report tells of %(most)s days at most.") % {"most": MOST_DAYS}, field="first")
    if wanted.last > now.astimezone(zone_named(workspace.time_zone)).date():
        raise InvalidInput(_("These days are still to come."), field="last")
    if wanted.first < EARLIEST.date():
        raise InvalidInput(_("Telegram is not that old."), field="first")


def run_due_files(*, clock: Callable[[], datetime] = timezone.now, limit: int = 3) -> int:
    """Make up to `limit` due files, one after the other; returns how many were touched. Safe beside others."""
    touched = 0
    while touched < limit:
        with transaction.atomic():
            rows: list[ReportFile] = ReportFile.objects.claim(owner=f"worker:{uuid.uuid4()}", lease=LEASE)
        if not rows:
            break
        touched += 1
        _run(rows[0], clock=clock)
    return touched


def _run(row: ReportFile, *, clock: Callable[[], datetime]) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        row.fail(now=clock(), error="The processes that made it were killed.", permanent=True)
        return
    # Counted beforehand: a report that gets its process killed says nothing afterwards.
    row.held().update(attempts=F("attempts") + 1)
    try:
        _make(row, clock=clock)
    except AppError as error:
        row.fail(now=clock(), error=error.message, permanent=True)
    except LeaseLost:
        logger.warning("report %s was taken over by another process", row.pk)
    except Exception:  # the edge of a task: one report must not hold up the others
        logger.exception("report %s failed", row.pk)
        with translation.override(row.language):
            row.fail(now=clock(), error=_("The file could not be built; the operator can see why."))


def _make(row: ReportFile, *, clock: Callable[[], datetime]) -> None:
    path = file_of(row)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A name of this claim's own: one that was taken over and goes on writes into nobody's file.
    part = path.with_name(f"{path.name}.{row.fence}.part")
    try:
        part.write_bytes(content_of(row, now=row.created_at))
        with transaction.atomic():
            now = clock()
            row.held().update(size=part.stat().st_size, expires_at=now + LIFETIME)
            if not row.complete(now=now):
                raise LeaseLost
            part.replace(path)
            record_audit(
                AuditAction.REPORT_FINISHED,
                row,
                actor=Actor(*row.actor),
                now=now,
                workspace_id=row.workspace_id,
                after={"size": path.stat().st_size},
            )
    finally:
        part.unlink(missing_ok=True)


def content_of(row: ReportFile, *, now: datetime) -> bytes:
    """The file that the row asks for. Raises NotFound when the workspace does not track the channel any more."""
    zone = zone_named(row.time_zone)
    period = days_between(row.first_day, row.last_day + timedelta(days=1), zone)
    reader = Reader(row.workspace_id, row.time_zone, row.language)
    head = channel_for(reader, row.channel)
    brand = brand_of(row.workspace)
    if row.kind == ReportKind.KIT:
        kit = kit_of(row.workspace, reader, head, now=now, brand=brand)
        makers = {ReportForm.PDF: kit_pdf, ReportForm.PNG: kit_png, ReportForm.HTML: kit_html}
        return makers[ReportForm(row.form)](kit)
    sections = [Section(name) for name in row.sections if name in Section.values]
    return form_of(build_report(reader, head, period, now=now, brand=brand, sections=sections), ReportForm(row.form))


def form_of(report: Report, form: ReportForm) -> bytes:
    """A report in one of its forms."""
    return {ReportForm.PDF: pdf_of, ReportForm.XLSX: xlsx_of, ReportForm.HTML: html_of}[form](report)


def period_of_file(row: ReportFile) -> Period:
    """The days of a file as a period."""
    return days_between(row.first_day, row.last_day + timedelta(days=1), zone_named(row.time_zone))


def file_of(row: ReportFile) -> Path:
    """Where the file of a report stands, once it is ready."""
    return Path(settings.REPORT_DIR) / f"{row.public_id}.{row.form}"


def find_file(workspace: Workspace, *, public_id: uuid.UUID) -> ReportFile | None:
    """The report of this workspace with that id."""
    return ReportFile.objects.filter(workspace=workspace, public_id=public_id).first()


def is_ready(row: ReportFile, *, now: datetime) -> bool:
    """True if the file can be fetched."""
    return row.state(now=now) is ExportState.READY and file_of(row).is_file()


def delete_file(row: ReportFile, *, actor: Actor, now: datetime) -> None:
    """Delete a report and its file."""
    with transaction.atomic():
        before = {"kind": row.kind, "channel": row.channel, "form": row.form, "public_id": str(row.public_id)}
        record_audit(
            AuditAction.REPORT_DELETED, row, actor=actor, now=now, workspace_id=row.workspace_id, before=before
        )
        path = file_of(row)
        row.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def remove_expired_files(*, now: datetime) -> int:
    """Delete the files whose time is over, and forget those of long ago; returns how many files went."""
    gone = 0
    for row in ReportFile.objects.filter(expires_at__lte=now, removed_at__isnull=True):
        file_of(row).unlink(missing_ok=True)
        gone += ReportFile.objects.filter(pk=row.pk, removed_at__isnull=True).update(removed_at=now)
    ReportFile.objects.filter(removed_at__lt=now - REMEMBERED).delete()
    ReportFile.objects.filter(parked_at__lt=now - REMEMBERED).delete()
    _remove_orphans(now=now)
    return gone


def _remove_orphans(*, now: datetime) -> None:
    """Remove what killed processes and deleted workspaces left behind."""
    folder = Path(settings.REPORT_DIR)
    if not folder.is_dir():
        return
    limit = now.timestamp() - ORPHAN_AFTER.total_seconds()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < limit]
    if not old:
        return
    rows = ReportFile.objects.filter(removed_at__isnull=True).values_list("public_id", "form")
    named = {f"{public_id}.{form}" for public_id, form in rows.iterator()}
    for path in old:
        if path.name not in named:
            path.unlink(missing_ok=True)


def ring() -> None:
    """Tell the workers at once; the sweep would find the row anyway."""
    try:
        current_app.send_task("analytics.make_reports", queue="default", expires=60, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the sweep will find the report: %s", error)
