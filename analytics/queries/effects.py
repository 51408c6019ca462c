"""What kind of posts do better: relative reach by kind, length, hashtag and so on. Two statements."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from statistics import median
from zoneinfo import ZoneInfo

from analytics.queries.question import StatsQuery
from analytics.queries.relative import RelativePost, RelativePosts, percent, relative_reach
from analytics.queries.segments import LENGTH_BANDS
from analytics.queries.spans import Span

# Below this number of compared posts a group has no effect, only its number.
LEAST_POSTS = 10
MAX_GROUPS = 50
# The interval holds the true median in 19 of 20 cases.
DOUBT = 0.05
SHARED_COUNTER = "shared_counter"
NO_HASHTAG = ""
_PRECISION = 10**9


class By(StrEnum):
    """What posts are grouped by."""

    MEDIA = "media"
    LENGTH = "length"
    HASHTAG = "hashtag"
    EMOJI = "emoji"
    LINK = "link"
    FORWARDED = "forwarded"
    WEEKDAY = "weekday"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Effect:
    """A group of posts. `posts` all of them, `compared` those whose relative reach is known.

    `reach` is the median ratio to the usual reach (1 is as usual), `effect` the same in percent above it, between `low`
    and `high`; None below `LEAST_POSTS`. `stands_out`: the interval leaves out 0 even when narrowed for the number of
    groups. `er_views` in percent, None unknown. `note` says why there are no numbers where that is not a lack of posts.
    """

    group: str
    posts: int
    compared: int
    reach: float | None
    effect: float | None
    low: float | None
    high: float | None
    stands_out: bool | None
    er_views: float | None
    note: str | None = None

    @property
    def enough(self) -> bool:
        """Whether enough posts are behind the effect."""
        return self.compared >= LEAST_POSTS


@dataclass(frozen=True, slots=True)
class Effects:
    """Groups in their order; `tested` of them have an effect. `left_out`: rarer groups beyond `MAX_GROUPS`."""

    groups: tuple[Effect, ...]
    tested: int
    left_out: int
    found: RelativePosts


def content_effects(query: StatsQuery, span: Span, *, by: By) -> Effects:
    """Relative reach of the span's posts by group.

    Media and hashtags are ordered by their number of posts (ties by name), the others by their own order. A post
    with several hashtags is in several groups. The interval is that of order statistics: `median_interval`.
    """
    found = relative_reach(query, span, more=_COLUMNS[by])
    groups: defaultdict[str, list[RelativePost]] = defaultdict(list)
    names = _GROUPS[by]
    for post in found.posts:
        # Forwarded posts are a group of their own only where that is the question.
        if post.is_forward and by is not By.FORWARDED:
            continue
        for name in names(post, query.period.zone):
            groups[name].append(post)
    kept = _ordered(by, groups)
    tested = sum(_compared(groups[name]) >= LEAST_POSTS for name in kept)
    effects = tuple(_effect(name, groups[name], tested) for name in kept)
    return Effects(effects, tested, len(groups) - len(kept), found)


def _ordered(by: By, groups: Mapping[str, Sequence[RelativePost]]) -> list[str]:
    order = _ORDERS.get(by)
    if order is not None:
        return [name for name in order if name in groups]
    return sorted(groups, key=lambda name: (-len(groups[name]), name))[:MAX_GROUPS]


def _compared(posts: Iterable[RelativePost]) -> int:
    return sum(post.reach is not None for post in posts)


def _effect(name: str, posts: Sequence[RelativePost], tested: int) -> Effect:
    if posts[0].is_forward:
        return Effect(name, len(posts), 0, None, None, None, None, None, None, note=SHARED_COUNTER)
    reach = sorted(post.reach for post in posts if post.reach is not None)
    er_views = _er_views(posts)
    if len(reach) < LEAST_POSTS:
        return Effect(name, len(posts), len(reach), None, None, None, None, None, er_views)
    middle = median(reach)
    low, high = median_interval(reach, doubt=DOUBT)
    narrow_low, narrow_high = median_interval(reach, doubt=DOUBT / tested)
    return Effect(
        group=name,
        posts=len(posts),
        compared=len(reach),
        reach=percent(middle) / 100 + 1,
        effect=percent(middle),
        low=percent(low),
        high=percent(high),
        stands_out=narrow_low > 0 or narrow_high < 0,
        er_views=er_views,
    )


def median_interval(ascending: Sequence[float], *, doubt: float) -> tuple[float, float]:
    """The order statistics between which the true median lies with probability 1 − doubt or more.

    x(k) and x(n+1−k) with the largest k for which P(Bin(n, ½) ≤ k − 1) ≤ doubt ÷ 2: exact whatever the distribution.
    Where n is too small for any, the interval has no end: infinities.
    """
    rank = _rank(len(ascending), round(doubt * _PRECISION))
    if rank == 0:
        return float("-inf"), float("inf")
    return ascending[rank - 1], ascending[-rank]


@lru_cache(maxsize=1024)
def _rank(n: int, doubt: int) -> int:
    """The largest such k, 0 for none; `doubt` in units of 1 ÷ 10⁹. Whole numbers only."""
    below, term, rank = 0, 1, 0
    while rank <= n // 2:
        below += term
        if 2 * below * _PRECISION > doubt << n:
            break
        term = term * (n - rank) // (rank + 1)
        rank += 1
    return rank


def _er_views(posts: Iterable[RelativePost]) -> float | None:
    """(Forwards + reactions + comments) ÷ views × 100 over the posts for which both are known."""
    known = [
        (post.interactions, post.views) for post in posts if post.interactions is not None and post.views is not None
    ]
    views = sum(one[1] for one in known)
    return sum(one[0] for one in known) / views * 100 if views else None


_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff]")
_FEW = 3
_FLAGS = ("without", "with")


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)


def _length(post: RelativePost) -> str:
    length: int = post.more["length"]
    return next(
        band for band, (least, most) in LENGTH_BANDS.items() if length >= least and (most is None or length <= most)
    )


def _emoji(post: RelativePost) -> str:
    count = len(_EMOJI.findall(post.more["text"]))
    return "none" if not count else "few" if count <= _FEW else "many"


def _hashtags(post: RelativePost) -> Sequence[str]:
    return list(dict.fromkeys(post.more["hashtags"])) or [NO_HASHTAG]


_COLUMNS: Mapping[By, str] = {
    By.MEDIA: "p.media_kind",
    By.LENGTH: "char_length(p.text) AS length",
    By.HASHTAG: "p.hashtags",
    By.EMOJI: "p.text",
    By.LINK: "EXISTS (SELECT 1 FROM channels_app_postreference r WHERE r.post_id = p.id AND r.url IS NOT NULL) AS link",
    By.FORWARDED: "NULL AS nothing",
    By.WEEKDAY: "NULL AS nothing",
    By.HOUR: "NULL AS nothing",
}
_GROUPS: Mapping[By, Callable[[RelativePost, ZoneInfo], Sequence[str]]] = {
    By.MEDIA: lambda post, _zone: [post.more["media_kind"]],
    By.LENGTH: lambda post, _zone: [_length(post)],
    By.HASHTAG: lambda post, _zone: _hashtags(post),
    By.EMOJI: lambda post, _zone: [_emoji(post)],
    By.LINK: lambda post, _zone: [_FLAGS[post.more["link"]]],
    By.FORWARDED: lambda post, _zone: ["forwarded" if post.is_forward else "own"],
    By.WEEKDAY: lambda post, zone: [str(_local(post.published_at, zone).isoweekday())],
    By.HOUR: lambda post, zone: [str(_local(post.published_at, zone).hour)],
}
_ORDERS: Mapping[By, Sequence[str]] = {
    By.LENGTH: tuple(LENGTH_BANDS),
    By.EMOJI: ("none", "few", "many"),
    By.LINK: _FLAGS,
    By.FORWARDED: ("own", "forwarded"),
    By.WEEKDAY: tuple(str(day) for day in range(1, 8)),
    By.HOUR: tuple(str(hour) for hour in range(24)),
}
