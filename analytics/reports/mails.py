"""What the mails of reports hold, in the recipient's language."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.errors import NotFound
from analytics.period import days_between, zone_named
from analytics.questions.answering import iso
from analytics.questions.asking import Reader, channel_for
from analytics.reports.brand import Brand, brand_of
from analytics.reports.making import form_of
from analytics.reports.models import DeliveryKind, ReportDelivery, ReportForm, ReportSchedule, Section
from analytics.reports.pictures import WIDTH, picture_of
from analytics.reports.report import Report, build_report
from analytics.reports.timetable import Every, period_of
from analytics.reports.tokens import Purpose, address_of
from analytics.sections.tools import OWN
from analytics.sections.visit import ZONE
from integrations.messages import Attachment, Message

# Mail servers begin to refuse at 10 MB, and base64 makes a third more of it.
MOST_ATTACHED = 5_000_000
_TYPES = {
    ReportForm.PDF: "application/pdf",
    ReportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MAIL_CHARTS = 2
_MAIL_POSTS = 3


def message_for(row: ReportDelivery, *, now: datetime) -> Message:
    """The message of a delivery. Raises NotFound when no channel of it is tracked any more."""
    if row.kind == DeliveryKind.ASK:
        return _question(row)
    reports = reports_for(row.schedule, row, now=now)
    if not reports:
        raise NotFound(_("No channel of this report is tracked any more."))
    return _report_mail(row, reports)


def language_of(row: ReportDelivery) -> str:
    """The language in which a recipient is written to: a member's own, else the schedule's."""
    known = {code for code, _name in settings.LANGUAGES}
    own = row.recipient.user.language if row.recipient.user else ""
    return own if own in known else row.schedule.language


def reports_for(schedule: ReportSchedule, row: ReportDelivery, *, now: datetime) -> list[Report]:
    """The reports of a delivery, one for each channel that the workspace still tracks."""
    zone = zone_named(row.time_zone)
    if row.day is None:
        return []
    # The days that were planned, though the rhythm may have been changed since; a preview has none planned.
    first, planned, last = row.period.partition("/")
    period = (
        days_between(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1), zone)
        if planned
        else period_of(schedule.rhythm, row.day, zone)
    )
    reader = Reader(schedule.workspace_id, str(zone), language_of(row))
    brand, sections = brand_of(schedule.workspace), _sections(schedule)
    reports = []
    for channel in schedule.channels.order_by("pk"):
        try:
            head = channel_for(reader, str(channel.tg_id) if channel.tg_id else f"@{channel.username}")
        except NotFound:
            continue
        reports.append(build_report(reader, head, period, now=now, brand=brand, sections=sections))
    return reports


def _sections(schedule: ReportSchedule) -> list[Section]:
    return [Section(name) for name in schedule.sections if name in Section.values]


def _report_mail(row: ReportDelivery, reports: list[Report]) -> Message:
    language, first = reports[0].language, reports[0]
    with translation.override(language), timezone.override(first.period.zone):
        pictures = _pictures(reports)
        files, too_large = _files(row.schedule, reports)
        stop = address_of(row.recipient, Purpose.STOP)
        context = {
            **_frame(row, first.brand, stop),
            "reports": [_part(report, number, pictures, row) for number, report in enumerate(reports)],
            "days": first.days_words,
            "files": [one.name for one in files],
            "too_large": too_large,
            "every": Every(row.schedule.every),
        }
        subject = _("%(name)s: %(days)s") % {"name": row.schedule.name, "days": first.days_words}
        return Message(
            key=f"report-{row.public_id.hex}",
            to=row.recipient.email,
            subject=subject,
            text=_text("mail/report.txt", context),
            html=render_to_string("mail/report.html", context),
            language=language,
            attachments=(*pictures.values(), *files),
            headers=stop_headers(stop),
        )


def stop_headers(stop: str) -> dict[str, str]:
    """Headers by which a mail program offers to stop with one tap (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _part(
    report: Report, number: int, pictures: Mapping[tuple[int, str], Attachment], row: ReportDelivery
) -> dict[str, Any]:
    return {
        "report": report,
        "charts": [
            {"title": chart.title, "cid": pictures[number, chart.name].content_id}
            for chart in report.charts
            if (number, chart.name) in pictures
        ],
        "width": WIDTH,
        "posts": [
            {**post, "views_words": words.full_number(post["views"], report.language)}
            for post in report.posts[:_MAIL_POSTS]
        ],
        "address": f"{settings.SITE_URL}{_channel_path(report, row)}",
        "zone": report.period.zone,
    }


def _channel_path(report: Report, row: ReportDelivery) -> str:
    """The page of the same days: days are the recipient's, while pages tell those of the workspace unless asked."""
    name = f"@{report.head.username}" if report.head.username else str(report.head.tg_id)
    period, zone, reader = report.period, str(report.period.zone), row.recipient.user
    days = {"first": str(period.first_day), "last": str(period.last_day)}
    if zone != row.schedule.workspace.time_zone:
        own = reader is not None and reader.time_zone == zone
        days = {**days, ZONE: OWN} if own else {"from": iso(period.start), "to": iso(period.end)}
    return f"{reverse('pages:channel', args=[name])}?{urlencode(days)}"


def _pictures(reports: list[Report]) -> dict[tuple[int, str], Attachment]:
    """The first charts of each report; they travel within the mail, so that nobody learns when it is opened."""
    found = {}
    for number, report in enumerate(reports):
        for chart in report.charts[:_MAIL_CHARTS]:
            content, _width, _height = picture_of(chart, scale=0.9)
            name = f"{chart.name}-{number + 1}"
            found[number, chart.name] = Attachment(f"{name}.png", content, "image/png", content_id=f"{name}@report")
    return found


def _files(schedule: ReportSchedule, reports: list[Report]) -> tuple[list[Attachment], bool]:
    """The files that were wished for; none, and True, when they are too large for a mail."""
    files = [
        Attachment(_file_name(report, form), form_of(report, form), _TYPES[form])
        for report in reports
        for form in (ReportForm.PDF, ReportForm.XLSX)
        if form in schedule.forms
    ]
    if sum(len(one.content) for one in files) > MOST_ATTACHED:
        return [], True
    return files, False


def _file_name(report: Report, form: ReportForm) -> str:
    name = report.head.username or str(report.head.tg_id or "channel")
    return f"{name}-{report.period.first_day}-{report.period.last_day}.{form}"


def _question(row: ReportDelivery) -> Message:
    """To somebody who is no member: do you want this? Nothing else is sent before they say so."""
    schedule, language = row.schedule, language_of(row)
    with translation.override(language):
        brand = brand_of(schedule.workspace)
        stop, confirm = address_of(row.recipient, Purpose.STOP), address_of(row.recipient, Purpose.CONFIRM)
        context = {**_frame(row, brand, stop), "confirm": confirm, "rhythm": Every(schedule.every).label}
        return Message(
            key=f"ask-{row.public_id.hex}",
            to=row.recipient.email,
            subject=_("Please confirm: reports “%(name)s”") % {"name": schedule.name},
            text=_text("mail/confirm.txt", context),
            html=render_to_string("mail/confirm.html", context),
            language=language,
            headers=stop_headers(stop),
        )


def _frame(row: ReportDelivery, brand: Brand, stop: str) -> dict[str, Any]:
    return {
        "schedule": row.schedule,
        "workspace": row.schedule.workspace.name,
        "brand": brand,
        "stop": stop,
        "language": language_of(row),
        "site": settings.SITE_URL,
        "reports_address": settings.SITE_URL + reverse("pages:reports"),
    }


def _text(template: str, context: Mapping[str, Any]) -> str:
    """A plain text without the blank lines that template tags leave."""
    lines = [line.rstrip() for line in render_to_string(template, context).strip().splitlines()]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept) + "\n"
