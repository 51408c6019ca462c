"""Segments: which posts of a period are meant, as a value, as parameters, and as SQL conditions.

A segment narrows posts. What is told of the channel as a whole (subscribers, views gained by all its posts) cannot be
narrowed: readers answer None for it, with the note `NOT_SEGMENTED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from mtproto.records import MediaKind

if TYPE_CHECKING:
    from analytics.queries.question import StatsQuery

NOT_SEGMENTED = "not_segmented"
LONGEST_TEXT = 200
E = TypeVar("E", bound=StrEnum)


class LengthBand(StrEnum):
    """How long a text is, in characters (code points); the bounds are `LENGTH_BANDS`."""

    NONE = "none"
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


# First and last number of characters of each band; the last has no end.
LENGTH_BANDS: Mapping[LengthBand, tuple[int, int | None]] = {
    LengthBand.NONE: (0, 0),
    LengthBand.SHORT: (1, 200),
    LengthBand.MEDIUM: (201, 800),
    LengthBand.LONG: (801, None),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Which posts are meant; None asks for nothing. `hour` 0–23 and `weekday` 1 (Monday)–7 are local."""

    media: MediaKind | None = None
    length: LengthBand | None = None
    hashtag: str | None = None  # without "#", folded case
    forwarded: bool | None = None
    hour: int | None = None
    weekday: int | None = None
    author: str | None = None  # the signature, as it stands under the post
    with_link: bool | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))


# Names of the parameters, which are those of the fields.
SEGMENT_NAMES = tuple(one.name for one in fields(Segment))

_CONDITIONS = {
    "media": "{0}.media_kind = %(segment_media)s",
    "hashtag": "%(segment_hashtag)s = ANY({0}.hashtags)",
    "forwarded": "{0}.is_forward = %(segment_forwarded)s",
    "hour": "extract(hour FROM {0}.published_at AT TIME ZONE %(segment_zone)s) = %(segment_hour)s",
    "weekday": "extract(isodow FROM {0}.published_at AT TIME ZONE %(segment_zone)s) = %(segment_weekday)s",
    "author": "{0}.post_author = %(segment_author)s",
    # A name with @ is a mention, not a link; it carries no url.
    "with_link": "%(segment_with_link)s = EXISTS (SELECT 1 FROM channels_app_postreference segment_link "
    "WHERE segment_link.post_id = {0}.id AND segment_link.url IS NOT NULL)",
}


def post_conditions(query: "StatsQuery", alias: str = "p") -> str:
    """The query's segment as conditions on posts of that alias: " AND …" for each, empty for no segment.

    The statement needs `segment_parameters` besides its own.
    """
    segment = query.segment
    asked = [text for name, text in _CONDITIONS.items() if getattr(segment, name) is not None]
    if segment.length is not None:
        asked.append("char_length({0}.text) >= %(segment_shortest)s")
        if LENGTH_BANDS[segment.length][1] is not None:
            asked.append("char_length({0}.text) <= %(segment_longest)s")
    return "".join(f" AND {text.format(alias)}" for text in asked)


def segment_parameters(query: "StatsQuery") -> dict[str, Any]:
    """Parameters of `post_conditions`, by names that begin with `segment_`; for any segment, also none."""
    segment = query.segment
    shortest, longest = LENGTH_BANDS[segment.length] if segment.length is not None else (None, None)
    values = {name: getattr(segment, name) for name in _CONDITIONS}
    values |= {"zone": str(query.period.zone), "shortest": shortest, "longest": longest}
    return {f"segment_{name}": value for name, value in values.items()}


def parse_segment(texts: Mapping[str, str]) -> Segment:
    """A segment from parameters as they were sent; empty ones ask for nothing. InvalidInput names the field."""
    given = {name: texts[name].strip() for name in SEGMENT_NAMES if texts.get(name, "").strip()}
    hashtag = given.get("hashtag")
    if hashtag is not None:
        hashtag = hashtag.removeprefix("#").casefold()
        if not hashtag:
            raise InvalidInput(_("`hashtag` must name a hashtag."), field="hashtag")
    for name in ("hashtag", "author"):
        if len(given.get(name, "")) > LONGEST_TEXT or "\x00" in given.get(name, ""):
            raise InvalidInput(
                _("`%(name)s` must be a text of at most %(most)s characters.") % {"name": name, "most": LONGEST_TEXT},
                field=name,
            )
    return Segment(
        media=_word(given, "media", MediaKind),
        length=_word(given, "length", LengthBand),
        hashtag=hashtag,
        forwarded=_truth(given, "forwarded"),
        hour=_number(given, "hour", 0, 23),
        weekday=_number(given, "weekday", 1, 7),
        author=given.get("author"),
        with_link=_truth(given, "with_link"),
    )


def _word(given: Mapping[str, str], name: str, kind: type[E]) -> E | None:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        raise InvalidInput(
            _("`%(name)s` must be one of %(words)s.") % {"name": name, "words": ", ".join(kind)}, field=name
        ) from None


def _truth(given: Mapping[str, str], name: str) -> bool | None:
    if name not in given:
        return None
    if given[name] not in {"true", "false"}:
        raise InvalidInput(_("`%(name)s` must be true or false.") % {"name": name}, field=name)
    return given[name] == "true"


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    if name not in given:
        return None
    text = given[name]
    # Both bounds have at most two digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and least <= int(text) <= most):  # noqa: PLR2004
        raise InvalidInput(
            _("`%(name)s` must be a whole number from %(least)s to %(most)s.")
            % {"name": name, "least": least, "most": most},
            field=name,
        )
    return int(text)
