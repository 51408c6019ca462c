"""What is to be written: named columns, rows as they come, and what belongs beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.csv_text import Cell
from analyticbot.core.errors import InvalidInput, NotFound
from analytics.exports.whole import WHOLE_TABLES, WholeTable, count_of, rows_of
from analytics.period import EARLIEST
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer
from analytics.questions.asking import (
    Asked,
    AskedOfChannel,
    Parameters,
    Reader,
    ask_channel,
    ask_workspace,
    channel_for,
)
from analytics.questions.columns import Kind, columns_of
from analytics.questions.declaring import ChannelQuestion, Question
from analytics.questions.tables import cut, provenance_rows, table_of, wanted_fields


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export is of: a question or whole table by name, of a channel or of the workspace, with parameters."""

    what: str
    channel: str
    parameters: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """A table to be written. `answer`: what a question answered; None for whole tables, whose rows are read on."""

    title: str
    asked: Asked
    kinds: Mapping[str, Kind]
    rows: Iterator[tuple[Cell, ...]]
    total: int | None
    notes: list[tuple[str, Cell]] = field(default_factory=list)
    answer: Answer | None = None
    fields: tuple[str, ...] | None = None
    # What the API would answer, cut to the fields that were asked for.
    told: Answer | None = None


# Lists that `whole=true` exports with all their pages.
LISTS = frozenset({"posts"})
_LIST_PAGE = 100
_LISTED: list[Question[Any]] = [*CHANNEL_QUESTIONS, *WORKSPACE_QUESTIONS]
_QUESTIONS = {question.name: question for question in _LISTED}


def known_names() -> tuple[str, ...]:
    """Everything that can be exported."""
    return (*_QUESTIONS, *WHOLE_TABLES)


def open_sheet(reader: Reader, wanted: Wanted, *, now: datetime) -> Sheet:
    """Authorise, ask, and open the rows. Raises InvalidInput (field) and NotFound as the API does."""
    table = WHOLE_TABLES.get(wanted.what)
    if table is not None:
        return _open_whole(table, ask_whole(reader, wanted, now=now))
    question = _question(wanted.what)
    if wanted.what in LISTS and wanted.parameters.get("whole") == "true":
        return _open_list(question, _asked(question, reader, wanted, now=now))
    asked, answer = _ask(question, reader, wanted, now=now)
    columns = columns_of(question.schema)
    fields = wanted_fields(wanted.parameters.get("fields"), columns)
    found = table_of(answer, asked, columns, wanted=fields)
    notes = provenance_rows(answer, asked)
    return Sheet(
        question.summary,
        asked,
        found.kinds,
        iter(found.rows),
        len(found.rows),
        notes,
        answer=answer,
        fields=fields,
        told=cut(answer, columns, fields),
    )


def check_wanted(reader: Reader, wanted: Wanted, *, now: datetime) -> None:
    """Refuse at once what could never be built: an unknown name, channel, or period."""
    if wanted.what in WHOLE_TABLES:
        ask_whole(reader, wanted, now=now)
        return
    question = _question(wanted.what)
    wanted_fields(wanted.parameters.get("fields"), columns_of(question.schema))
    if not _path_names(question) <= wanted.parameters.keys():
        missing = sorted(_path_names(question) - wanted.parameters.keys())[0]
        raise InvalidInput(_("`%(name)s` must be among the parameters.") % {"name": missing}, field="parameters")
    _asked(question, reader, wanted, now=now)


def ask_whole(reader: Reader, wanted: Wanted, *, now: datetime) -> AskedOfChannel:
    """A whole table as it is asked for: of all time, unless `from` or `to` says otherwise."""
    parameters = {"from": EARLIEST.isoformat(), **{k: v for k, v in wanted.parameters.items() if v}}
    return ask_channel(reader, channel_for(reader, wanted.channel), parameters, now=now, segmented=False)


def _open_whole(table: WholeTable, asked: AskedOfChannel) -> Sheet:
    notes: list[tuple[str, Cell]] = [
        ("from", asked.period.start),
        ("to", asked.period.end),
        ("zone", str(asked.period.zone)),
        ("generated_at", asked.now),
    ]
    return Sheet(str(table.title), asked, table.kinds, rows_of(table, asked), count_of(table, asked), notes)


def _open_list(question: Question[Any], asked: Asked) -> Sheet:
    """All pages of a list, one after the other, as rows are read."""
    columns = columns_of(question.schema)
    first = _page_of(question, asked, None)
    kinds = table_of(first, asked, columns).kinds

    def rows() -> Iterator[tuple[Cell, ...]]:
        answer = first
        while True:
            yield from table_of(answer, asked, columns).rows
            if answer.next is None:
                return
            answer = _page_of(question, asked, answer.next)

    return Sheet(question.summary, asked, kinds, rows(), None, provenance_rows(replace(first, gaps=None), asked))


def _page_of(question: Question[Any], asked: Asked, cursor: str | None) -> Answer:
    texts = {**asked.parameters.texts, "limit": str(_LIST_PAGE), **({"cursor": cursor} if cursor else {})}
    return question.answer(replace(asked, parameters=Parameters(texts)))


def _question(name: str) -> Question[Any]:
    if name not in _QUESTIONS:
        raise InvalidInput(_("`what` must be one of %(names)s.") % {"names": ", ".join(known_names())}, field="what")
    return _QUESTIONS[name]


def _path_names(question: Question[Any]) -> set[str]:
    return {part.strip("<>").partition(":")[2] for part in question.address.split("/") if part.startswith("<")}


def _asked(question: Question[Any], reader: Reader, wanted: Wanted, *, now: datetime) -> Asked:
    path: dict[str, str | int] = {}
    for part in question.address.split("/"):
        kind, _colon, name = part.strip("<>").partition(":")
        if part.startswith("<"):
            path[name] = _converted(wanted.parameters.get(name, ""), kind)
    parameters = {name: text for name, text in wanted.parameters.items() if name not in path}
    if isinstance(question, ChannelQuestion):
        channel = channel_for(reader, wanted.channel)
        return ask_channel(reader, channel, parameters, now=now, path=path, segmented=question.takes_segment)
    if wanted.channel:
        # It would name the file, and nobody has looked at it.
        raise InvalidInput(_("This question is about the workspace; it takes no channel."), field="channel")
    return ask_workspace(reader, parameters, now=now, path=path)


def _ask(question: Question[Any], reader: Reader, wanted: Wanted, *, now: datetime) -> tuple[Asked, Answer]:
    asked = _asked(question, reader, wanted, now=now)
    return asked, question.answer(asked)


def _converted(text: str, kind: str) -> str | int:
    if kind != "int":
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - below 2**63
        raise NotFound(_("There is nothing at this address."))
    return int(text)
