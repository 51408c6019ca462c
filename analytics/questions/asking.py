"""What a reader asks: a channel or workspace that is theirs, a moment, a zone, and parameters checked one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db import connection
from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput, NotFound
from analytics.period import Period, parse_period, zone_named
from analytics.queries import StatsQuery
from analytics.queries.reading import settle_reading
from analytics.queries.segments import SEGMENT_NAMES, Segment, parse_segment
from channels_app.models import Relation
from channels_app.querysets import column_named

MAX_LIMIT = 50
_MOST_DIGITS = 12
W = TypeVar("W", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters as they were sent; each reader names the field it refuses. Unknown names are passed over."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str | None:
        """The text, or `default` if it is absent or empty."""
        return self.texts.get(name) or default

    def whole(self, name: str, *, least: int, most: int, default: int) -> int:
        """A whole number from `least` to `most`; InvalidInput otherwise."""
        text = self.texts.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and least <= int(text) <= most):
            raise InvalidInput(
                _("`%(name)s` must be a whole number from %(least)s to %(most)s.")
                % {"name": name, "least": least, "most": most},
                field=name,
            )
        return int(text)

    def choice(self, name: str, default: W) -> W:
        """One of the words of `default`'s enum; InvalidInput otherwise."""
        kind = type(default)
        text = self.texts.get(name)
        if text is None:
            return default
        try:
            return kind(text)
        except ValueError:
            raise InvalidInput(
                _("`%(name)s` must be one of %(words)s.") % {"name": name, "words": ", ".join(kind)}, field=name
            ) from None

    def limit(self, *, default: int = 10, most: int = MAX_LIMIT) -> int:
        """`limit`, 1 to `most`."""
        return self.whole("limit", least=1, most=most, default=default)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the workspace, its time zone's name and the language of texts in the answer."""

    workspace_id: int
    time_zone: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ChannelHead:
    """The asked channel as it is known to the reader. `version` rises with every change of its data."""

    id: int
    tg_id: int | None
    username: str | None
    title: str
    version: int
    owned: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a workspace, authorised and parsed. `path`: further parts of the address, by name."""

    reader: Reader
    period: Period
    now: datetime
    parameters: Parameters
    path: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedOfChannel(Asked):
    """A question about one channel that the workspace tracks."""

    channel: ChannelHead = field(kw_only=True)
    segment: Segment = field(default_factory=Segment, kw_only=True)

    @property
    def query(self) -> StatsQuery:
        """The question as the readers of statistics take it."""
        return StatsQuery(self.channel.id, self.period, owned=self.channel.owned, now=self.now, segment=self.segment)


def ask_workspace(
    reader: Reader, parameters: Mapping[str, str], *, now: datetime, path: Mapping[str, str | int] | None = None
) -> Asked:
    """Parse a question of the whole workspace; InvalidInput for a wrong period."""
    return Asked(reader, _period(reader, parameters, now=now), now, Parameters(parameters), path or {})


def ask_channel(
    reader: Reader,
    channel: ChannelHead,
    parameters: Mapping[str, str],
    *,
    now: datetime,
    path: Mapping[str, str | int] | None = None,
    segmented: bool = True,
) -> AskedOfChannel:
    """Parse a question about a channel; InvalidInput for a wrong period or segment.

    `segmented` False: the question cannot be narrowed to some posts, and says so rather than answer of all of them.
    """
    period = _period(reader, parameters, now=now)
    segment = parse_segment(parameters) if segmented else _no_segment(parameters)
    return AskedOfChannel(reader, period, now, Parameters(parameters), path or {}, channel=channel, segment=segment)


def _no_segment(parameters: Mapping[str, str]) -> Segment:
    for name in SEGMENT_NAMES:
        if parameters.get(name):
            raise InvalidInput(_("This question cannot be narrowed by `%(name)s`.") % {"name": name}, field=name)
    return Segment()


def channel_for(reader: Reader, name: str) -> ChannelHead:
    """The channel of that name (bare Telegram id or @username) if the workspace tracks it, else NotFound: one read.

    What is read next of it comes from a replica only if that has seen its newest change.
    """
    found = column_named(name)
    row = None
    if found is not None:
        column, value = found
        with connection.cursor() as cursor:
            cursor.execute(_TRACKED[column], [reader.workspace_id, value])
            row = cursor.fetchone()
    if row is None:
        raise NotFound(_("This workspace tracks no such channel. Add it with POST /api/v2/channels."))
    pk, tg_id, username, title, version, relation = row
    settle_reading(pk, version=version)
    return ChannelHead(pk, tg_id, username, title, version, owned=relation == Relation.OWNED)


# Written out, because the ORM would put it together anew for each request: longer than it takes to answer.
_TRACKED = {
    column: f"""
SELECT c.id, c.tg_id, c.username, c.title, c.version, t.relation
FROM channels_app_trackedchannel t JOIN channels_app_channel c ON c.id = t.channel_id
WHERE t.workspace_id = %s AND c.{column} = %s AND c.hold <> 'blocked' ORDER BY t.id LIMIT 1
"""
    for column in ("tg_id", "username")
}


def _period(reader: Reader, parameters: Mapping[str, str], *, now: datetime) -> Period:
    return parse_period(parameters.get("from"), parameters.get("to"), now=now, zone=zone_named(reader.time_zone))
