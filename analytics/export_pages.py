"""What the page of exports shows and takes: files of a channel's answers, as people call them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analyticbot.core.charts import words
from analyticbot.core.made_files import FileState
from analytics.exports.models import ExportFile, ExportFormat
from analytics.exports.sheets import Wanted
from analytics.picker import ALL, DEFAULT, LABELS, pick

_PICTURES = (ExportFormat.PNG, ExportFormat.SVG)
_OWN_DAYS = "custom"


@dataclass(frozen=True, slots=True)
class Thing:
    """What can be exported: what it is called, whether it can be drawn, and what else its question is asked."""

    label: Promise
    drawn: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


THINGS: dict[str, Thing] = {
    "overview": Thing(gettext_lazy("Headline numbers")),
    "growth": Thing(gettext_lazy("Subscribers by day"), drawn=True),
    "reach": Thing(gettext_lazy("Reach by day of publication"), drawn=True),
    "calendar": Thing(gettext_lazy("Calendar: posts, views and joins by day")),
    "top-posts": Thing(gettext_lazy("Best posts"), parameters={"limit": "50"}),
    "all-posts": Thing(gettext_lazy("All posts with their counters")),
    "all-snapshots": Thing(gettext_lazy("All readings of the counters")),
    "trending": Thing(gettext_lazy("Posts that run ahead"), parameters={"limit": "50"}),
    "best-time": Thing(gettext_lazy("Best time to post")),
    "content-effects": Thing(gettext_lazy("What kind of posts do better")),
    "sources": Thing(gettext_lazy("Mentions and forwards elsewhere"), parameters={"limit": "50"}),
    "ledger": Thing(gettext_lazy("Edits and deletions"), parameters={"limit": "100"}),
    "events": Thing(gettext_lazy("What happened: mentions, hits, gaps, renamings")),
    "reconciliation": Thing(gettext_lazy("Official and counted figures, day by day")),
}
# Of what the API can export besides.
_OTHERS: dict[str, Promise] = {
    "statistics": gettext_lazy("Statistics by steps"),
    "posts": gettext_lazy("A page of posts"),
    "post": gettext_lazy("One post"),
    "post-curve": gettext_lazy("The curve of a post"),
    "compare": gettext_lazy("Comparison of channels"),
    "benchmarks": gettext_lazy("Benchmarks"),
    "mention-graph": gettext_lazy("Mention graph"),
    "citation-index": gettext_lazy("Citation index"),
    "anomalies": gettext_lazy("Days that stand out"),
    "now": gettext_lazy("Now"),
    "official-graphs": gettext_lazy("Telegram's own graphs"),
    "official-graph": gettext_lazy("One of Telegram's own graphs"),
}
_FORMATS: dict[str, Promise] = {
    ExportFormat.XLSX: gettext_lazy("XLSX, for Excel and the like"),
    ExportFormat.CSV: gettext_lazy("CSV, plain table"),
    ExportFormat.JSON: gettext_lazy("JSON, as the API answers"),
    ExportFormat.PNG: gettext_lazy("PNG, picture of the chart"),
    ExportFormat.SVG: gettext_lazy("SVG, picture of the chart"),
}
_BUSY = {FileState.QUEUED, FileState.RUNNING}


class ExportForm(forms.Form):
    """A new export. Days of one's own count where the period says so; both days are included."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    what = forms.ChoiceField(
        label=gettext_lazy("What"), choices=[(name, thing.label) for name, thing in THINGS.items()]
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=list(_FORMATS.items()),
        help_text=gettext_lazy("Pictures can be had of subscribers and of reach."),
    )
    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=[*LABELS.items(), (_OWN_DAYS, gettext_lazy("The days below"))],
        initial=DEFAULT,
    )
    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """What the single fields cannot know: days to the period, pictures of what can be drawn."""
        given = super().clean() or self.cleaned_data
        thing = THINGS.get(given.get("what", ""))
        if thing and given.get("format") in _PICTURES and not thing.drawn:
            self.add_error("format", _("This has no chart over time. Choose XLSX, CSV or JSON."))
        if given.get("period") == _OWN_DAYS and not (given.get("first") and given.get("last")):
            self.add_error("first", _("Give the first and the last day."))
        elif given.get("first") and given.get("last") and given["first"] > given["last"]:
            self.add_error("first", _("The first day is after the last one."))
        return given

    def wanted(self, *, now: datetime, zone: ZoneInfo) -> Wanted:
        """What is asked for, with the period as the API names it."""
        given = self.cleaned_data
        thing = THINGS[given["what"]]
        return Wanted(given["what"], given["channel"], {**_period(given, now=now, zone=zone), **thing.parameters})


def label_of_question(name: str) -> Promise | str:
    """What a question or a whole table is called on pages; its own name where nobody has named it."""
    thing = THINGS.get(name)
    return thing.label if thing else _OTHERS.get(name, name)


def _period(given: Mapping[str, Any], *, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    if given["period"] == _OWN_DAYS:
        asked = {"first": given["first"].isoformat(), "last": given["last"].isoformat()}
    elif given["period"] == ALL:
        return {"from": "2013-08-01"}  # Telegram is not older
    else:
        asked = {"period": given["period"]}
    period = pick(asked, now=now, zone=zone, oldest=None).period
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


@dataclass(frozen=True, slots=True)
class ExportCard:
    """An export as the list shows it. `percent`: of the rows; None while the total is unknown."""

    row: ExportFile
    label: str
    state: str
    busy: bool
    bad: bool
    ready: bool
    percent: int | None
    period: str | None


def export_card(row: ExportFile, *, now: datetime, zone: ZoneInfo, language: str) -> ExportCard:
    """The card of a row."""
    state = row.state(now=now)
    busy = state in _BUSY
    known = busy and row.rows_total
    return ExportCard(
        row=row,
        label=str(label_of_question(row.what)),
        state=str(state.label),
        busy=busy,
        bad=state is FileState.FAILED,
        ready=row.is_ready(now=now),
        percent=min(100, row.rows_done * 100 // row.rows_total) if known and row.rows_total else None,
        period=_span(row.parameters, zone, language),
    )


def _span(parameters: Mapping[str, str], zone: ZoneInfo, language: str) -> str | None:
    """The days of an export in words; None where it was not asked for days, or in a way that only programs use."""
    try:
        start, end = (datetime.fromisoformat(parameters[name]) for name in ("from", "to"))
    except (KeyError, ValueError):
        return None
    start, end = (one if one.tzinfo else one.replace(tzinfo=zone) for one in (start, end))
    return words.span(start, end, language, zone) if start < end else None
