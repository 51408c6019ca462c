"""The live part of the start page: what the demo's channels are observed to be, asked as any other reader asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.core.cache import cache
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.charts import Chart, Gap, Point, RenderedChart, Shape, draw
from analytics import wording
from analytics.compare_pages import name_of, title_of
from analytics.metrics import METRICS, Unit
from analytics.period import Period, last_days, zone_named
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import ChannelHead, Reader, ask_channel, ask_workspace
from analytics.questions.several import MAX_CHANNELS, all_tracked

SHOWN = ("followers", "avg_reach", "err", "views")
_DAYS = 28
# An answer is kept by the versions of its channels; what moves with the clock alone may be this old.
_KEPT_SECONDS = 60
_OF_CHANNEL = {one.name: one for one in CHANNEL_QUESTIONS}
_OF_WORKSPACE = {one.name: one for one in WORKSPACE_QUESTIONS}


@dataclass(frozen=True, slots=True)
class Told:
    """A number of the start page with where it comes from; unknown is None."""

    label: str
    value: float | int | None
    percent: bool
    source: str
    observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """A channel of the demo in the table: its numbers in the order of SHOWN."""

    title: str
    handle: str
    address: str
    numbers: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """What the start page shows of the demo: one channel in full, all of them in a table."""

    title: str
    handle: str
    address: str
    figures: tuple[Told, ...]
    chart: RenderedChart
    channels: tuple[ShownChannel, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the figures come from, each named once."""
        return tuple(dict.fromkeys(figure.source for figure in self.figures if figure.source))


def live_of(workspace: Workspace, *, now: datetime) -> Live | None:
    """The demo's numbers of the last 28 days; None while nothing of it is observed."""
    language = get_language() or "en"
    reader = Reader(workspace.pk, workspace.time_zone, language)
    heads = all_tracked(reader)[:MAX_CHANNELS]
    named = [head for head in heads if name_of(head)]
    if not named:
        return None
    versions = "-".join(str(head.version) for head in named)
    key = f"landing:{workspace.pk}:{language}:{versions}"
    kept: Live | None = cache.get(key)
    if kept is None:
        kept = _asked(reader, named, now=now)
        if kept is not None:
            cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _asked(reader: Reader, heads: Sequence[ChannelHead], *, now: datetime) -> Live | None:
    period = last_days(_DAYS, now=now, zone=zone_named(reader.time_zone))
    bounds = {"from": iso(period.start), "to": iso(period.end)}
    names = ",".join(name_of(head) for head in heads)
    asked = ask_workspace(reader, {**bounds, "channels": names, "metrics": ",".join(SHOWN)}, now=now)
    rows = _OF_WORKSPACE["compare"].answer(asked).data["channels"]
    pairs = sorted(zip(heads, rows, strict=True), key=lambda pair: -(pair[1]["totals"]["views"] or 0))
    head, row = pairs[0]
    if not row["totals"]["views"]:
        return None
    reach = _OF_CHANNEL["reach"].answer(ask_channel(reader, head, bounds, now=now))
    return Live(
        title=title_of(head),
        handle=name_of(head),
        address=_address(head),
        figures=_numbers(row),
        chart=_chart(reach, period, now=now),
        channels=tuple(ShownChannel(title_of(one), name_of(one), _address(one), _numbers(its)) for one, its in pairs),
    )


def _address(head: ChannelHead) -> str:
    return f"/app/channels/{quote(name_of(head), safe='@')}/"


def _numbers(row: Mapping[str, Any]) -> tuple[Told, ...]:
    return tuple(_told(name, row) for name in SHOWN)


def _told(name: str, row: Mapping[str, Any]) -> Told:
    provenance = row["provenance"][name]
    observed = provenance["observed_at"]
    return Told(
        label=str(METRICS[name].label),
        value=row["totals"][name],
        percent=METRICS[name].unit is Unit.PERCENT,
        source=str(wording.SOURCES.get(provenance["source"] or "", "")),
        observed_at=datetime.fromisoformat(observed) if observed else None,
    )


def _chart(answer: Answer, period: Period, *, now: datetime) -> RenderedChart:
    day = timedelta(days=1)
    points = [(datetime.fromisoformat(point["t"]), point["y"]) for point in answer.data["points"]]
    ends = [at for at, _value in points[1:]] + [at + day for at, _value in points[-1:]]
    steps = zip(points, ends, strict=True)
    drawn = draw(
        Chart(
            name="reach",
            title=_("Average reach by day of publication"),
            shape=Shape.BARS,
            points=tuple(Point(at, value, min(end, period.end)) for (at, value), end in steps if at <= now),
            start=period.start,
            end=period.end,
            zone=period.zone,
            language=get_language() or "en",
            gaps=tuple(Gap(start, end) for start, end in answer.gaps or ()),
            colour=1,
        )
    )
    # Zooming is for the pages of the channel, to which this leads.
    return replace(drawn, figure="")
