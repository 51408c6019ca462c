"""Official statistics graphs as the JSON that Telegram sends (core.telegram.org/api/stats#graphs)."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from sandbox.world.channels import Channel
from sandbox.world.growth import HOUR, reading_hours
from sandbox.world.history import Days, split, value_at
from sandbox.world.posts import Post

GRAPH_DAYS = 90
NOT_ENOUGH = "Not enough data to display."
_COLORS = (
    "BLUE#007AFF",
    "GREEN#34C759",
    "RED#FF3B30",
    "GOLDEN#FEB52B",
    "LIGHTBLUE#5AC8FA",
    "INDIGO#5856D6",
    "GREY#8E8E93",
)
_VIEW_SOURCES = {"Followers": 62, "Private Chats": 13, "Channels": 10, "Groups": 5, "Search": 5, "URL": 3, "Other": 2}
_JOIN_SOURCES = {"URL": 40, "Search": 22, "Channels": 20, "Groups": 8, "Private Chats": 7, "Other": 3}
_LANGUAGES = {"Russian": 55, "Uzbek": 33, "English": 9, "Other": 3}
_NEGATIVE = ("👎", "😢", "🤮", "💩", "😡", "🤬")
_NEUTRAL = ("🤔", "😱", "🤯", "😐", "👀")

_NAMES = {
    "ru": {
        "Total followers": "Всего подписчиков", "Joined": "Подписались", "Left": "Отписались", "Muted": "Отключили",
        "Unmuted": "Включили", "Views": "Просмотры", "Shares": "Пересылки", "Followers": "Подписчики",
        "Private Chats": "Личные чаты", "Channels": "Каналы", "Groups": "Группы", "Search": "Поиск", "URL": "Ссылки",
        "Other": "Другое", "Russian": "Русский", "Uzbek": "Узбекский", "English": "Английский",
        "Positive": "Позитивные", "Neutral": "Нейтральные", "Negative": "Негативные",
    },
    "uz": {
        "Total followers": "Jami obunachilar", "Joined": "Qo‘shildi", "Left": "Chiqdi", "Muted": "O‘chirdi",
        "Unmuted": "Yoqdi", "Views": "Ko‘rishlar", "Shares": "Ulashishlar", "Followers": "Obunachilar",
        "Private Chats": "Shaxsiy chatlar", "Channels": "Kanallar", "Groups": "Guruhlar", "Search": "Qidiruv",
        "URL": "Havola", "Other": "Boshqa", "Russian": "Ruscha", "Uzbek": "O‘zbekcha", "English": "Inglizcha",
        "Positive": "Ijobiy", "Neutral": "Betaraf", "Negative": "Salbiy",
    },
}  # fmt: skip

Series = dict[str, list[int]]


def chart(x: list[int], series: Series, kind: str, lang: str, **flags: Any) -> dict[str, Any]:
    """One graph: a column of *x* and one per series, with the names in the account's language."""
    keys = [f"y{n}" for n in range(len(series))]
    translated = _NAMES.get(lang[:2], {})
    body: dict[str, Any] = {
        "columns": [["x", *x], *([key, *values] for key, values in zip(keys, series.values(), strict=True))],
        "types": dict.fromkeys(keys, kind) | {"x": "x"},
        "names": {key: translated.get(name, name) for key, name in zip(keys, series, strict=True)},
        "colors": {key: _COLORS[n % len(_COLORS)] for n, key in enumerate(keys)},
        "hidden": [],
        "subchart": {"show": True, "defaultZoom": [x[max(0, len(x) - 31)], x[-1]] if x else [0, 0]},
        "strokeWidth": 2,
        "xTickFormatter": "statsFormat('day')",
        "xTooltipFormatter": "statsFormat('week')",
        "xRangeFormatter": "null",
    }
    return body | flags


def growth(days: Days, lang: str) -> dict[str, Any]:
    """Total followers at the end of each day."""
    return chart(days.milliseconds(), {"Total followers": days.size}, "line", lang)


def followers(days: Days, lang: str) -> dict[str, Any]:
    """Joined and left."""
    return chart(days.milliseconds(), {"Joined": days.joined, "Left": days.left}, "line", lang)


def mute(days: Days, lang: str) -> dict[str, Any]:
    """Notifications switched off and on."""
    muted = [max(1, round(j * 0.55)) if j else 0 for j in days.joined]
    unmuted = [max(0, round(j * 0.08)) for j in days.joined]
    return chart(days.milliseconds(), {"Muted": muted, "Unmuted": unmuted}, "line", lang)


def interactions(days: Days, lang: str) -> dict[str, Any]:
    """Views and shares, on two scales."""
    series = {"Views": days.views, "Shares": days.forwards}
    return chart(days.milliseconds(), series, "step", lang, y_scaled=True)


def iv_interactions(days: Days, lang: str) -> dict[str, Any]:
    """Instant View opens."""
    series = {"Views": [v // 40 for v in days.views], "Shares": [f // 25 for f in days.forwards]}
    return chart(days.milliseconds(), series, "step", lang, y_scaled=True)


def _stacked(days: Days, totals: list[int], shares: dict[str, float], key: str) -> Series:
    rows = [split(total, shares, f"{key}:{days.first + n}") for n, total in enumerate(totals)]
    return {name: [row[name] for row in rows] for name in shares}


def views_by_source(days: Days, lang: str) -> dict[str, Any]:
    """Where views came from; the parts sum to the day's views."""
    series = _stacked(days, days.views, dict(_VIEW_SOURCES), "views")
    return chart(days.milliseconds(), series, "bar", lang, stacked=True)


def new_followers_by_source(days: Days, lang: str) -> dict[str, Any]:
    """Where new followers came from; the parts sum to the day's joins."""
    series = _stacked(days, days.joined, dict(_JOIN_SOURCES), "joined")
    return chart(days.milliseconds(), series, "bar", lang, stacked=True)


def languages(days: Days, lang: str) -> dict[str, Any]:
    """Viewers by the language of their app, as shares of a whole."""
    series = _stacked(days, [v // 3 for v in days.views], dict(_LANGUAGES), "languages")
    return chart(days.milliseconds(), series, "area", lang, stacked=True, percentage=True)


def emotions(reactions: dict[str, list[int]], length: int) -> Series:
    """Reactions by sentiment."""
    out = {name: [0] * length for name in ("Positive", "Neutral", "Negative")}
    for emoji, values in reactions.items():
        name = "Negative" if emoji in _NEGATIVE else "Neutral" if emoji in _NEUTRAL else "Positive"
        out[name] = [a + b for a, b in zip(out[name], values, strict=True)]
    return out


def reactions_by_emotion(days: Days, lang: str) -> dict[str, Any]:
    """Reactions by sentiment per day."""
    return chart(days.milliseconds(), emotions(days.reactions, len(days)), "bar", lang, stacked=True)


def top_hours(days: Days, lang: str) -> dict[str, Any]:
    """Views by hour of the day, the last week against the one before; x is the hour itself, 0 to 23."""
    names = ("This week", "Last week")
    weeks = (sum(days.views[-7:]), sum(days.views[-14:-7]))
    series = {}
    for name, total in zip(names, weeks, strict=True):
        base = days.first * 86400.0
        hours = [_rhythm(base + h * HOUR) for h in range(24)]
        series[name] = [round(total * hour) for hour in hours]
    return chart(list(range(24)), series, "line", lang, xTickFormatter="null", xTooltipFormatter="statsFormat('hour')")


def _rhythm(moment: float) -> float:
    return (reading_hours(moment + HOUR) - reading_hours(moment)) / 24.0


def story_interactions(days: Days, lang: str) -> dict[str, Any]:
    """Views and shares of stories."""
    series = {"Views": [s // 30 for s in days.size], "Shares": [s // 3000 for s in days.size]}
    return chart(days.milliseconds(), series, "step", lang, y_scaled=True)


def story_reactions(days: Days, lang: str) -> dict[str, Any]:
    """Reactions to stories by sentiment."""
    positive = [s // 800 for s in days.size]
    zero = [0] * len(days)
    return chart(
        days.milliseconds(), {"Positive": positive, "Neutral": zero, "Negative": zero}, "bar", lang, stacked=True
    )


def post_views(channel: Channel, post: Post, lang: str) -> dict[str, Any] | None:
    """Views of one post hour by hour since its publication (the first four days); None without views."""
    if post.views is None:
        return None
    end = min(channel.time(), post.date + 96 * HOUR)
    start = post.date // 3600 * 3600
    hours = max(1, int((end - start) // HOUR))
    x = [(start + n * 3600) * 1000 for n in range(hours)]
    edges = [value_at(post.views, post, max(post.date, start + n * 3600)) for n in range(hours)]
    edges.append(value_at(post.views, post, end))
    values = [max(0, round(b) - round(a)) for a, b in pairwise(edges)]
    return chart(x, {"Views": values}, "step", lang, xTickFormatter="statsFormat('5min')")


def post_reactions(channel: Channel, post: Post, lang: str) -> dict[str, Any] | None:
    """Reactions to one post by sentiment, per day; None without reactions."""
    if not post.reactions:
        return None
    first, last = int(post.date // 86400), int(channel.time() // 86400)
    days = range(first, min(last, first + 7) + 1)
    series: dict[str, list[int]] = {}
    for reaction in post.reactions:
        edges = [value_at(reaction.count, post, max(post.date, d * 86400.0)) for d in [*days, days[-1] + 1]]
        series[reaction.value or reaction.kind] = [max(0, round(b - a)) for a, b in pairwise(edges)]
    return chart([d * 86_400_000 for d in days], emotions(series, len(days)), "bar", lang, stacked=True)


_PLAIN: dict[str, Callable[[Days, str], dict[str, Any]]] = {
    "growth": growth,
    "followers": followers,
    "mute": mute,
    "top_hours": top_hours,
    "interactions": interactions,
    "iv_interactions": iv_interactions,
    "views_by_source": views_by_source,
    "new_followers_by_source": new_followers_by_source,
    "languages": languages,
    "reactions_by_emotion": reactions_by_emotion,
    "story_interactions": story_interactions,
    "story_reactions_by_emotion": story_reactions,
}
GRAPHS = tuple(_PLAIN)
# Only the news channel uses Instant View and stories; the others have nothing to show there.
_RARE = ("iv_interactions", "story_interactions", "story_reactions_by_emotion")


def graph_json(channel: Channel, days: Days, name: str, lang: str) -> str | None:
    """The JSON of a broadcast graph; None when there is not enough data for it."""
    if name in _RARE and channel.style not in ("news", ""):
        return None
    body = _PLAIN[name](days, lang)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def zoomed(body: str, x: int) -> str:
    """A graph reduced to the day that holds *x* (milliseconds), as a zoom token gives it."""
    graph = json.loads(body)
    days = graph["columns"][0][1:]
    keep = [n for n, moment in enumerate(days) if moment <= x < moment + 86_400_000]
    graph["columns"] = [[column[0], *(column[1 + n] for n in keep)] for column in graph["columns"]]
    return json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
