"""Reports that were asked for: due work that makes a file."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.bell import ring
from analyticbot.core.errors import Conflict, InvalidInput
from analyticbot.core.made_files import LEASE, Clock, run_made
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

# A sheet of more days than this is what exports are for.
MOST_DAYS = 800
FORMS = {
    ReportKind.REPORT: (ReportForm.PDF, ReportForm.XLSX, ReportForm.HTML),
    ReportKind.KIT: (ReportForm.PDF, ReportForm.PNG, ReportForm.HTML),
}


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
        transaction.on_commit(ring_reports)
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


def run_due_files(*, clock: Clock = timezone.now, limit: int = 3) -> int:
    """Make up to `limit` due files, one after the other; returns how many were touched. Safe beside others."""
    touched = 0
    for row in ReportFile.objects.one_by_one(lease=LEASE, limit=limit):
        touched += 1
        run_made(row, partial(_make, row, clock=clock), language=row.language, clock=clock)
    return touched


def _make(row: ReportFile, *, clock: Clock) -> None:
    def done(now: datetime) -> None:
        record_audit(
            AuditAction.REPORT_FINISHED,
            row,
            actor=Actor(*row.actor),
            now=now,
            workspace_id=row.workspace_id,
            after={"size": row.size},
        )

    row.make(lambda part: part.write_bytes(content_of(row, now=row.created_at)), clock=clock, done=done)


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


def find_file(workspace: Workspace, *, public_id: uuid.UUID) -> ReportFile | None:
    """The report of this workspace with that id."""
    return ReportFile.objects.filter(workspace=workspace, public_id=public_id).first()


def delete_file(row: ReportFile, *, actor: Actor, now: datetime) -> None:
    """Delete a report and its file."""
    with transaction.atomic():
        before = {"kind": row.kind, "channel": row.channel, "form": row.form, "public_id": str(row.public_id)}
        record_audit(
            AuditAction.REPORT_DELETED, row, actor=actor, now=now, workspace_id=row.workspace_id, before=before
        )
        row.discard()


def ring_reports() -> None:
    """Tell the workers that a report is due."""
    ring("analytics.make_reports")
