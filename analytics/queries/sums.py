"""Sums over the posts of a span as SQL, and the numbers that are made of them: one rule for headline and series."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from analytics.metrics import METRICS
from analytics.queries.question import Number, Provenance
from analytics.queries.rounding import quotient, rounded
from mtproto.records import Source

_ANY = "(p.forwards IS NOT NULL OR p.replies IS NOT NULL OR p.reactions_total IS NOT NULL)"
_ALL = "coalesce(p.forwards, 0) + coalesce(p.replies, 0) + coalesce(p.reactions_total, 0)"
# Aggregates over posts by the alias p.
POST_SUMS = f"""
count(p.id) AS posts, count(p.id) FILTER (WHERE p.is_forward) AS forwarded_posts,
count(p.views) AS known_views, sum(p.views) AS views,
count(p.id) FILTER (WHERE NOT p.is_forward) AS own_posts, count(p.views) FILTER (WHERE NOT p.is_forward) AS own_known,
avg(p.views) FILTER (WHERE NOT p.is_forward) AS avg_reach,
sum(p.forwards) AS forwards, count(p.forwards) AS known_forwards,
sum(p.replies) AS replies, count(p.replies) AS known_replies,
sum(p.reactions_total) AS reactions, count(p.reactions_total) AS known_reactions,
sum({_ALL}) FILTER (WHERE p.views IS NOT NULL AND {_ANY}) AS interactions,
sum(p.views) FILTER (WHERE {_ANY}) AS touched_views, count(p.views) FILTER (WHERE {_ANY}) AS known_touched,
sum({_ALL}) FILTER (WHERE {_ANY}) AS all_interactions, count(p.id) FILTER (WHERE {_ANY}) AS touched,
sum(p.forwards) FILTER (WHERE p.views IS NOT NULL) AS viewed_forwards,
sum(p.views) FILTER (WHERE p.forwards IS NOT NULL) AS forwarded_views,
count(p.views) FILTER (WHERE p.forwards IS NOT NULL) AS known_viral,
max(p.counters_at) AS observed_at, mode() WITHIN GROUP (ORDER BY p.counters_source) AS source,
bool_or(p.counters_approximate) AS approximate
"""

NOBODY = Provenance(source=None, observed_at=None, coverage=None)
AGES_HOURS = (12, 24, 48)


@dataclass(frozen=True, slots=True)
class Aged:
    """Mean views at an age, over `known` of the `old_enough` own posts that have reached it; None of none.

    `true_age`: mean age, in hours, of the readings nearest to the age.
    """

    value: float | None
    known: int
    old_enough: int
    source: str | None
    observed_at: datetime | None
    true_age: float | None


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a span beside its posts: share of history held, days passed, subscribers, reach by age."""

    seen: float
    days: float
    followers: Number
    ages: Mapping[int, Aged] = field(default_factory=dict)


# A row of POST_SUMS without posts; what is not here is NULL.
_NO_POSTS: Mapping[str, int] = {
    "posts": 0,
    "forwarded_posts": 0,
    **dict.fromkeys(("known_views", "known_forwards", "known_replies", "known_reactions"), 0),
    **dict.fromkeys(("own_known", "own_posts", "touched", "known_touched", "known_viral"), 0),
}

POST_METRICS = (
    *("posts", "forwarded_posts", "views", "forwards", "replies", "reactions", "avg_reach", "err", "er_views"),
    *("er_subs", "er_day", "reactions_subs", "replies_subs", "virality", "err24"),
    *(f"reach_{hours}h" for hours in AGES_HOURS),
)
_AGED = frozenset({"err24", *(f"reach_{hours}h" for hours in AGES_HOURS)})
_OF_POSTS = frozenset(POST_METRICS)
# A number of a span, from a row of POST_SUMS and what is around it.
_Make: TypeAlias = Callable[[Mapping[str, Any], Around], Number]


def post_numbers(
    row: Mapping[str, Any], around: Around, wanted: AbstractSet[str] = frozenset(POST_METRICS)
) -> dict[str, Number]:
    """Numbers of a span by metric name from a row of POST_SUMS: those of `wanted` that are of posts.

    Unknown is None; percents of what is named.
    """
    total: int = row["posts"]
    # Nothing stored and the beginning not reached: we cannot tell whether anything was published.
    if total == 0 and around.seen == 0:
        return dict.fromkeys(_OF_POSTS & wanted, Number(None, NOBODY))
    if total == 0 and not around.ages:
        # Most steps of a series by the hour: all the same, and quickly told.
        return dict(_of_no_posts(around.seen, around.followers.provenance.note, frozenset(wanted)))
    return _of_posts(row, around, wanted)


@lru_cache(maxsize=256)
def _of_no_posts(seen: float, followers_note: str | None, wanted: frozenset[str]) -> Mapping[str, Number]:
    """Numbers of a span in which nothing was published; of the subscribers only a note is told."""
    followers = Number(None, Provenance(None, None, None, followers_note))
    return _of_posts(defaultdict(lambda: None, _NO_POSTS), Around(seen, 0.0, followers), wanted)


def _of_posts(row: Mapping[str, Any], around: Around, wanted: AbstractSet[str]) -> dict[str, Number]:
    numbers = {name: make(row, around) for name, make in _MADE.items() if name in wanted}
    return numbers if wanted.isdisjoint(_AGED) else numbers | _aged(around)


def _told(row: Mapping[str, Any], share: float | None) -> Provenance:
    return Provenance(row["source"], row["observed_at"], share, "approximate" if row["approximate"] else None)


def _of(row: Mapping[str, Any], known: str) -> Provenance:
    """With the share of the posts that tell it."""
    return _told(row, _share(row[known], row["posts"], None))


def _whole(name: str) -> _Make:
    """A count of the posts themselves."""

    def make(row: Mapping[str, Any], around: Around) -> Number:
        return Number(row[name], Provenance(row["source"] or Source.MTPROTO, row["observed_at"], around.seen))

    return make


def _counter(name: str) -> _Make:
    """A sum of a counter over the posts."""
    known_name = f"known_{name}"

    def make(row: Mapping[str, Any], around: Around) -> Number:
        known, total = row[known_name], row["posts"]
        # A sum over no posts is a known nothing; a sum over posts of unknown counters is unknown.
        value = int(row[name]) if known else (0 if total == 0 else None)
        return Number(value, _told(row, known / total if total else around.seen))

    return make


def _reach(row: Mapping[str, Any], around: Around) -> Provenance:
    return _told(row, _share(row["own_known"], row["own_posts"], around.seen))


def _avg_reach(row: Mapping[str, Any], around: Around) -> Number:
    return number("avg_reach", row["avg_reach"], _reach(row, around))


def _err(row: Mapping[str, Any], around: Around) -> Number:
    return _per_subscriber("err", row["avg_reach"], _reach(row, around), around)


def _er_views(row: Mapping[str, Any], _around: Around) -> Number:
    value = quotient(row["interactions"], row["touched_views"], 100)
    return number("er_views", value, _of(row, "known_touched"))


def _virality(row: Mapping[str, Any], _around: Around) -> Number:
    return number("virality", quotient(row["viewed_forwards"], row["forwarded_views"]), _of(row, "known_viral"))


def _er_subs(row: Mapping[str, Any], around: Around) -> Number:
    per_post = quotient(row["all_interactions"], row["touched"])
    return _per_subscriber("er_subs", per_post, _of(row, "touched"), around)


def _er_day(row: Mapping[str, Any], around: Around) -> Number:
    return _per_subscriber("er_day", quotient(row["all_interactions"], around.days), _of(row, "touched"), around)


def _subs(name: str, counter: str) -> _Make:
    """A counter's mean by post, in percent of the subscribers."""
    known = f"known_{counter}"

    def make(row: Mapping[str, Any], around: Around) -> Number:
        return _per_subscriber(name, quotient(row[counter], row[known]), _of(row, known), around)

    return make


_MADE: Mapping[str, _Make] = {
    "posts": _whole("posts"),
    "forwarded_posts": _whole("forwarded_posts"),
    **{name: _counter(name) for name in ("views", "forwards", "replies", "reactions")},
    "avg_reach": _avg_reach,
    "err": _err,
    "er_views": _er_views,
    "virality": _virality,
    "er_subs": _er_subs,
    "er_day": _er_day,
    "reactions_subs": _subs("reactions_subs", "reactions"),
    "replies_subs": _subs("replies_subs", "replies"),
}


def number(name: str, value: Any, provenance: Provenance) -> Number:
    """A value as the metric's unit has it: a whole number or so many decimals."""
    if value is None:
        return Number(None, provenance)
    digits = METRICS[name].digits
    return Number(rounded(value, digits) if digits else int(value), provenance)


def _aged(around: Around) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for hours in AGES_HOURS:
        aged = around.ages.get(hours)
        if aged is None:
            found[f"reach_{hours}h"] = Number(None, NOBODY)
            continue
        told = Provenance(aged.source, aged.observed_at, _share(aged.known, aged.old_enough, None))
        found[f"reach_{hours}h"] = number(f"reach_{hours}h", aged.value, told)
    day = around.ages.get(24)
    provenance = found["reach_24h"].provenance
    return found | {"err24": _per_subscriber("err24", day.value if day else None, provenance, around)}


def _per_subscriber(name: str, value: Any, provenance: Provenance, around: Around) -> Number:
    """Value ÷ subscribers × 100, with the note of the subscribers beside that of the value."""
    followers = around.followers
    if not followers.provenance.note:
        return number(name, quotient(value, followers.value, 100), provenance)
    note = " ".join(dict.fromkeys(filter(None, (provenance.note, followers.provenance.note)))) or None
    told = Provenance(provenance.source, provenance.observed_at, provenance.coverage, note)
    return number(name, quotient(value, followers.value, 100), told)


def _share(part: int, whole: int, otherwise: float | None) -> float | None:
    return part / whole if whole else otherwise
