"""Channels to make reports of, at a moment that does not move: numbers are those of `tests.face.world`."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from accounts.models import Workspace
from analytics.period import Period, days_between
from analytics.questions.asking import Reader, channel_for
from analytics.reports.brand import Brand
from analytics.reports.models import Section
from analytics.reports.report import Report, build_report
from channels_app.models import Channel
from tests.face.section_world import enrich
from tests.face.world import full_channel, track

NOW = datetime(2025, 11, 10, 6, 30, tzinfo=UTC)
TASHKENT = ZoneInfo("Asia/Tashkent")
NAME = "@qulay_savdo"


def report_channel(workspace: Workspace, *, now: datetime = NOW, days: int = 60, owned: bool = True) -> Channel:
    """A channel of the workspace with everything that a report tells of."""
    channel = full_channel(now=now, days=days)
    enrich(channel, now=now)
    track(workspace, channel, now=now, owned=owned)
    return channel


def week(first: date = date(2025, 11, 3), days: int = 7, zone: ZoneInfo = TASHKENT) -> Period:
    """Whole local days from `first` on."""
    return days_between(first, date.fromordinal(first.toordinal() + days), zone)


def report_of(
    workspace: Workspace,
    *,
    period: Period | None = None,
    language: str = "en",
    name: str = NAME,
    now: datetime = NOW,
    brand: Brand | None = None,
    sections: Iterable[Section] = tuple(Section),
) -> Report:
    """A report as the product makes it."""
    wanted = period or week()
    reader = Reader(workspace.pk, str(wanted.zone), language)
    return build_report(reader, channel_for(reader, name), wanted, now=now, brand=brand or Brand(), sections=sections)


# Everything but the charts, which are most of the work of a PDF.
TEXT = tuple(section for section in Section if section is not Section.CHARTS)
