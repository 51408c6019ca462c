"""Official statistics: summary figures, graphs as they come, public forwards."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from mtproto.parsing.messages import _int, _text, _time
from mtproto.records import BroadcastStats, Graph, MessageStats, PublicForward, PublicForwards, ValueAndPrevious

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No channel has more subscribers; beyond it, and for what is no number at all, nothing is believed.
_MOST = 2**53


def parse_stats(tl: Any) -> BroadcastStats:
    """stats.broadcastStats of any layer: every figure and graph that is there, under Telegram's own name."""
    fields = vars(tl)
    values = {
        name: ValueAndPrevious(current=value.current, previous=value.previous)
        for name, value in fields.items()
        if value.__class__.__name__ == "StatsAbsValueAndPrev"
    }
    notifications = fields.get("enabled_notifications")
    period = fields.get("period")
    return BroadcastStats(
        period_from=_time(getattr(period, "min_date", None)) or _EPOCH,
        period_to=_time(getattr(period, "max_date", None)) or _EPOCH,
        values=values,
        enabled_notifications=None if notifications is None else (notifications.part, notifications.total),
        graphs=_graphs(fields),
        recent_posts=tuple(
            (post.msg_id, post.views, post.forwards, getattr(post, "reactions", None) or 0)
            for post in _recent(fields)
            if _int(getattr(post, "msg_id", None)) is not None
        ),
    )


def _recent(fields: dict[str, Any]) -> list[Any]:
    """Layers before 170 call the list recent_message_interactions."""
    return list(fields.get("recent_posts_interactions") or fields.get("recent_message_interactions") or ())


def parse_message_stats(tl: Any, message_id: int) -> MessageStats:
    """stats.messageStats of one post."""
    return MessageStats(message_id=message_id, graphs=_graphs(vars(tl)))


def _graphs(fields: dict[str, Any]) -> dict[str, Graph]:
    return {
        name: parse_graph(value)
        for name, value in fields.items()
        if value.__class__.__name__ in {"StatsGraph", "StatsGraphAsync", "StatsGraphError"}
    }


def parse_graph(tl: Any) -> Graph:
    """A StatsGraph, StatsGraphAsync or StatsGraphError: JSON text, a token, or Telegram's error text."""
    name = tl.__class__.__name__
    if name == "StatsGraphAsync":
        return Graph(token=tl.token)
    if name == "StatsGraphError":
        return Graph(error=tl.error)
    return Graph(json=tl.json.data, zoom_token=_text(getattr(tl, "zoom_token", None)))


def parse_public_forwards(tl: Any) -> PublicForwards:
    """A page of public reposts, stories left out; channels are named from the chats that came along."""
    chats = {chat.id: chat for chat in getattr(tl, "chats", None) or ()}
    found = []
    for forward in getattr(tl, "forwards", None) or ():
        message = getattr(forward, "message", None)
        channel_id = getattr(getattr(message, "peer_id", None), "channel_id", None)
        if message is None or channel_id is None:
            continue
        chat = chats.get(channel_id)
        username = _text(getattr(chat, "username", None))
        found.append(
            PublicForward(
                channel_tg_id=channel_id,
                channel_username=username.lower() if username else None,
                channel_title=_text(getattr(chat, "title", None)),
                message_id=message.id,
                date=_time(getattr(message, "date", None)),
                views=_int(getattr(message, "views", None)),
            )
        )
    return PublicForwards(count=tl.count, forwards=tuple(found), next_offset=_text(getattr(tl, "next_offset", None)))


def summary_of(stats: BroadcastStats) -> dict[str, Any]:
    """What the statistics tell beside their graphs, as JSON that can be kept raw: figures and the period they are of.

    {"period": [first, last second as ISO], "values": {name: [current, previous]}, "enabled_notifications": [part,
    total] or null}.
    """
    told = stats.enabled_notifications
    return {
        "period": [stats.period_from.isoformat(), stats.period_to.isoformat()],
        "values": {name: [value.current, value.previous] for name, value in stats.values.items()},
        "enabled_notifications": None if told is None else list(told),
    }


def notifications_of(summary: Mapping[str, Any]) -> tuple[date, int, int] | None:
    """From a kept summary: (UTC day it is of, subscribers with notifications on, subscribers they were counted among).

    None where Telegram did not tell, or told what cannot be.
    """
    try:
        part, total = (float(value) for value in summary["enabled_notifications"])
        day = datetime.fromisoformat(summary["period"][1]).astimezone(UTC).date()
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if not (0 <= part <= total and 0 < total < _MOST) or day <= _EPOCH.date():
        return None
    return day, round(part), round(total)
