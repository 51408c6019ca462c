"""What the page of reports lists: saved reports with their deliveries, and files that were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.charts import words
from analyticbot.core.made_files import FileState
from analytics.period import zone_named
from analytics.reports.making import period_of_file
from analytics.reports.models import (
    DeliveryKind,
    Outcome,
    ReportDelivery,
    ReportFile,
    ReportKind,
    ReportRecipient,
    ReportSchedule,
)
from analytics.reports.timetable import Every
from analytics.sections.words import WEEKDAYS

_BUSY = {FileState.QUEUED, FileState.RUNNING}
MOST_FILES = 30
_LAST = 5
_GOOD, _BAD, _BUSY_LOOK, _WARN = "good", "bad", "busy", "warn"
_LOOKS: Mapping[Outcome, str] = {
    Outcome.OPEN: _BUSY_LOOK,
    Outcome.SENT: _GOOD,
    Outcome.REFUSED: _BAD,
    Outcome.FAILED: _BAD,
    Outcome.UNSURE: _WARN,
    Outcome.LATE: _WARN,
    Outcome.DROPPED: "",
}
_REPEATABLE = {Outcome.REFUSED, Outcome.UNSURE, Outcome.FAILED, Outcome.LATE}


_UNSURE = gettext_lazy(
    "The mail was handed over, and the connection broke before the answer came. It may have arrived, so it was not "
    "sent a second time."
)


@dataclass(frozen=True, slots=True)
class FileCard:
    """A report that was asked for."""

    row: ReportFile
    label: Promise | str
    days: str
    state: str
    busy: bool
    bad: bool
    ready: bool


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One of the last mails."""

    row: ReportDelivery
    email: str
    what: str
    state: Promise | str
    look: str
    why: str
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """A recipient as the list tells of them."""

    email: str
    state: str
    look: str


@dataclass(frozen=True, slots=True)
class ScheduleCard:
    """A saved report."""

    row: ReportSchedule
    rhythm: str
    channels: tuple[str, ...]
    recipients: tuple[Reader, ...]
    next_at: datetime | None
    deliveries: tuple[DeliveryLine, ...]

    @property
    def paused(self) -> bool:
        """Whether nothing is sent at the moment."""
        return self.row.paused_at is not None


def file_cards(workspace: Workspace, *, now: datetime) -> list[FileCard]:
    """The newest files of a workspace: one read."""
    rows = ReportFile.objects.filter(workspace=workspace).order_by("-pk")[:MOST_FILES]
    return [_file_card(row, now=now) for row in rows]


def _file_card(row: ReportFile, *, now: datetime) -> FileCard:
    state, period = row.state(now=now), period_of_file(row)
    return FileCard(
        row=row,
        label=ReportKind(row.kind).label,
        days=words.span(period.start, period.end, get_language() or "en", period.zone),
        state=str(state.label),
        busy=state in _BUSY,
        bad=state is FileState.FAILED,
        ready=row.is_ready(now=now),
    )


def schedule_cards(workspace: Workspace) -> list[ScheduleCard]:
    """The saved reports of a workspace with their recipients and last mails: four reads, however many there are."""
    schedules = list(ReportSchedule.objects.filter(workspace=workspace).prefetch_related("channels").order_by("pk"))
    recipients: dict[int, list[ReportRecipient]] = {schedule.pk: [] for schedule in schedules}
    for recipient in ReportRecipient.objects.filter(schedule__in=schedules, removed_at__isnull=True).order_by("pk"):
        recipients[recipient.schedule_id].append(recipient)
    mails: dict[int, list[ReportDelivery]] = {schedule.pk: [] for schedule in schedules}
    newest = ReportDelivery.objects.filter(schedule__in=schedules).select_related("recipient").order_by("-pk")
    for row in newest[: _LAST * 4 * max(len(schedules), 1)]:
        if len(mails[row.schedule_id]) < _LAST:
            mails[row.schedule_id].append(row)
    return [_schedule_card(one, recipients[one.pk], mails[one.pk]) for one in schedules]


def _schedule_card(
    schedule: ReportSchedule, recipients: list[ReportRecipient], deliveries: list[ReportDelivery]
) -> ScheduleCard:
    return ScheduleCard(
        row=schedule,
        rhythm=rhythm_words(schedule),
        channels=tuple(one.title or f"@{one.username}" for one in schedule.channels.all()),
        recipients=tuple(_reader(recipient) for recipient in recipients),
        next_at=min((one.next_at for one in recipients if one.next_at is not None), default=None),
        deliveries=tuple(_line(row) for row in deliveries),
    )


def rhythm_words(schedule: ReportSchedule) -> str:
    """How often, in words."""
    clock = f"{schedule.at:%H:%M}"
    zone = schedule.time_zone.replace("_", " ") or _("each recipient's own time")
    match Every(schedule.every):
        case Every.DAY:
            text = _("Every day at %(clock)s (%(zone)s)")
        case Every.WEEK:
            text = _("Every week: %(weekday)s at %(clock)s (%(zone)s)")
        case Every.MONTH if schedule.day == 0:
            text = _("On the last day of each month at %(clock)s (%(zone)s)")
        case _month:
            text = _("On day %(day)s of each month at %(clock)s (%(zone)s)")
    weekday = WEEKDAYS.get(str(schedule.day), "")
    return text % {"clock": clock, "zone": zone, "weekday": weekday, "day": schedule.day}


def _reader(recipient: ReportRecipient) -> Reader:
    if recipient.stopped_at is not None:
        return Reader(recipient.email, _("stopped it"), "")
    if recipient.confirmed_at is None:
        return Reader(recipient.email, _("was asked, has not answered"), _WARN)
    return Reader(recipient.email, "", "")


def _line(row: ReportDelivery) -> DeliveryLine:
    outcome = Outcome(row.outcome)
    retried = outcome is Outcome.OPEN and bool(row.last_error)
    return DeliveryLine(
        row=row,
        email=row.recipient.email,
        what=str(DeliveryKind.ASK.label) if row.kind == DeliveryKind.ASK else _days(row),
        state=_("Tried again soon") if retried else outcome.label,
        look=_WARN if retried else _LOOKS[outcome],
        why=str(_UNSURE) if outcome is Outcome.UNSURE else row.last_error,
        repeatable=outcome in _REPEATABLE,
    )


def _days(row: ReportDelivery) -> str:
    first, _slash, last = row.period.partition("/")
    zone = zone_named(row.time_zone)
    start, end = (datetime.fromisoformat(day).replace(tzinfo=zone, hour=12) for day in (first, last))
    return words.span(start, end, get_language() or "en", zone)
