"""Notes in words where no page is visited: what an event is called, and the marks of a chart in a file."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Mark, words
from analytics.notes.work import notes_in
from analytics.queries.segments import Segment
from analytics.questions import CHANNEL_QUESTIONS
from analytics.questions.answering import iso
from analytics.questions.asking import AskedOfChannel, Parameters

_LONGEST_TITLE = 60
_EVENTS = next(question for question in CHANNEL_QUESTIONS if question.name == "events")


def event_words(row: Mapping[str, Any]) -> str:
    """An event of the answer to `events` as a sentence."""
    kind, title = row["kind"], _short(row["title"] or row["name"] or "")
    if kind in {"mention", "forward"}:
        size = words.compact_number(row["subscribers"], get_language() or "en")
        text = _("Mentioned by %(title)s (%(size)s)") if kind == "mention" else _("Forwarded by %(title)s (%(size)s)")
        return text % {"title": title, "size": size}
    if kind == "ahead":
        return _("Post ran ahead: %(title)s") % {"title": title or _("without text")}
    if kind == "import":
        return _("File imported: %(name)s") % {"name": _short(row["name"])}
    if kind in {"title", "username"}:
        return _renamed(kind, row["new"])
    return _("Not observed")


def _renamed(kind: str, new: str | None) -> str:
    if kind == "title":
        return _("New title: %(title)s") % {"title": _short(new or _("none"))}
    return _("New username: %(name)s") % {"name": f"@{new}" if new else _("none")}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1].rstrip() + "…"


def marks_of(asked: AskedOfChannel) -> tuple[Mark, ...]:
    """The notes of the asked period as marks: for charts in files of the workspace itself. Four statements."""
    period = asked.period
    bounds = Parameters({"from": iso(period.start), "to": iso(period.end)})
    answer = _EVENTS.answer(replace(asked, parameters=bounds, segment=Segment()))
    own = notes_in(asked.reader.workspace_id, asked.channel.id, start=period.start, end=period.end)
    marks = [Mark(note.at, note.text, until=note.until) for note in own]
    marks += [Mark(datetime.fromisoformat(row["at"]), event_words(row), automatic=True) for row in answer.data]
    return tuple(sorted(marks, key=lambda mark: mark.at))
