"""stats.*: official statistics, on the statistics data centre only."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sandbox.errors import RpcFault
from sandbox.rpc import Call, method
from sandbox.tl import Raw, functions, types
from sandbox.world.channels import Channel
from sandbox.world.graphs import GRAPHS, NOT_ENOUGH, post_reactions, post_views, zoomed
from sandbox.world.growth import DAY
from sandbox.world.posts import Post

TOKEN_SECONDS = 900
PERIOD_DAYS = 7
RECENT_POSTS = 30
SMALLEST_CHANNEL = 50
# Sent at once, like the first graphs of the real answer; the others come as tokens.
_AT_ONCE = ("growth", "followers", "top_hours")
_ZOOMABLE = ("views_by_source", "new_followers_by_source", "languages", "interactions")


@dataclass(slots=True)
class Token:
    """What a graph token stands for."""

    channel_id: int
    graph: str
    expires: float
    zoom: bool = False


def _allowed(call: Call, peer: Any) -> Channel:
    """The channel, if this data centre serves statistics and the account may see them."""
    if call.connection.dc != call.server.stats_dc:
        raise RpcFault(f"STATS_MIGRATE_{call.server.stats_dc}", 303)
    channel = call.channel(peer)
    if channel.megagroup:
        raise RpcFault("BROADCAST_REQUIRED")
    if call.account.roles.get(channel.id) not in ("creator", "admin") or not channel.can_view_stats:
        raise RpcFault("CHAT_ADMIN_REQUIRED")
    if channel.subscribers() < SMALLEST_CHANNEL:
        raise RpcFault("CHAT_ADMIN_REQUIRED")
    return channel


@method(functions.stats.GetBroadcastStatsRequest)
def get_broadcast_stats(call: Call) -> Any:
    """The summary of a week against the one before, twelve graphs and the latest posts."""
    channel = _allowed(call, call.request.channel)
    moment = channel.time()
    today = int(moment // DAY)
    now_, before = (_week(channel, today - PERIOD_DAYS * n) for n in (0, 1))
    graphs = {f"{name}_graph": _graph(call, channel, name) for name in GRAPHS}
    size = channel.subscribers()
    then = channel.audience.size_at(moment - PERIOD_DAYS * DAY) if channel.audience else size
    pair = types.StatsAbsValueAndPrev
    return types.stats.BroadcastStats(
        period=types.StatsDateRangeDays(min_date=int((today - PERIOD_DAYS) * DAY), max_date=int((today - 1) * DAY)),
        followers=pair(current=float(size), previous=float(then)),
        views_per_post=pair(current=now_["views"], previous=before["views"]),
        shares_per_post=pair(current=now_["forwards"], previous=before["forwards"]),
        reactions_per_post=pair(current=now_["reactions"], previous=before["reactions"]),
        views_per_story=pair(current=0.0, previous=0.0),
        shares_per_story=pair(current=0.0, previous=0.0),
        reactions_per_story=pair(current=0.0, previous=0.0),
        enabled_notifications=types.StatsPercentValue(part=float(round(size * 0.28)), total=float(size)),
        recent_posts_interactions=_recent(channel, moment),
        **graphs,
    )


def _week(channel: Channel, end_day: int) -> dict[str, float]:
    """Means per post published in the seven days before *end_day*."""
    low, high = (end_day - PERIOD_DAYS) * DAY, end_day * DAY
    moment = channel.time()
    counted = []
    for post_id in reversed(channel.ids):
        post = channel.posts[post_id]
        if post.date < low - 2 * DAY:
            break
        if low <= post.date < high and post.action is None:
            counted.append(post.snapshot(moment))
    return {
        "views": fmean([s.views or 0 for s in counted]) if counted else 0.0,
        "forwards": fmean([s.forwards or 0 for s in counted]) if counted else 0.0,
        "reactions": fmean([sum(n for _, _, n in s.reactions) for s in counted]) if counted else 0.0,
    }


def _recent(channel: Channel, moment: float) -> list[Any]:
    out = []
    for post_id in reversed(channel.ids[-2 * RECENT_POSTS :]):
        post = channel.posts[post_id]
        if post.action is not None:
            continue
        counters = post.snapshot(moment)
        out.append(
            types.PostInteractionCountersMessage(
                msg_id=post_id,
                views=counters.views or 0,
                forwards=counters.forwards or 0,
                reactions=sum(n for _, _, n in counters.reactions),
            )
        )
    return out[:RECENT_POSTS]


def _graph(call: Call, channel: Channel, name: str) -> Any:
    if name in _AT_ONCE:
        return _loaded(call, channel, name)
    return types.StatsGraphAsync(token=_token(call, channel, name))


def _token(call: Call, channel: Channel, graph: str, *, zoom: bool = False) -> str:
    text = secrets.token_urlsafe(24)
    call.server.graph_tokens[text] = Token(channel.id, graph, call.world.clock.now() + TOKEN_SECONDS, zoom)
    return text


def _loaded(call: Call, channel: Channel, name: str) -> Any:
    body = call.server.graph_cache.get(channel, name, call.key.lang)
    if body is None:
        return types.StatsGraphError(error=NOT_ENOUGH)
    zoom = _token(call, channel, name, zoom=True) if name in _ZOOMABLE else None
    return types.StatsGraph(json=types.DataJSON(data=body), zoom_token=zoom)


@method(functions.stats.LoadAsyncGraphRequest)
def load_async_graph(call: Call) -> Any:
    """The graph behind a token; an old token is expired, an unknown one invalid."""
    if call.connection.dc != call.server.stats_dc:
        raise RpcFault(f"STATS_MIGRATE_{call.server.stats_dc}", 303)
    token = call.server.graph_tokens.get(call.request.token)
    if token is None:
        raise RpcFault("GRAPH_INVALID_RELOAD")
    if token.expires <= call.world.clock.now():
        raise RpcFault("GRAPH_EXPIRED_RELOAD")
    channel = call.world.channels.get(token.channel_id)
    if channel is None:
        raise RpcFault("GRAPH_OUTDATED_RELOAD")
    if token.graph.startswith("post:"):
        return _post_graph(call, channel, token.graph)
    if not token.zoom:
        return _loaded(call, channel, token.graph)
    body = call.server.graph_cache.get(channel, token.graph, call.key.lang)
    return types.StatsGraph(json=types.DataJSON(data=zoomed(body or "{}", call.request.x or 0)))


def _post(channel: Channel, message_id: int) -> Post:
    post = channel.posts.get(message_id)
    if post is None or post.action is not None:
        raise RpcFault("MESSAGE_ID_INVALID")
    return post


@method(functions.stats.GetMessageStatsRequest)
def get_message_stats(call: Call) -> Any:
    """Views by hour at once, reactions by sentiment behind a token."""
    channel = _allowed(call, call.request.channel)
    post = _post(channel, call.request.msg_id)
    views = _as_graph(post_views(channel, post, call.key.lang))
    return types.stats.MessageStats(
        views_graph=views,
        reactions_by_emotion_graph=types.StatsGraphAsync(token=_token(call, channel, f"post:{post.id}")),
    )


def _post_graph(call: Call, channel: Channel, graph: str) -> Any:
    post = _post(channel, int(graph.partition(":")[2]))
    return _as_graph(post_reactions(channel, post, call.key.lang))


def _as_graph(body: dict[str, Any] | None) -> Any:
    if body is None:
        return types.StatsGraphError(error=NOT_ENOUGH)
    return types.StatsGraph(json=types.DataJSON(data=json.dumps(body, ensure_ascii=False)))


@method(functions.stats.GetMessagePublicForwardsRequest)
def get_message_public_forwards(call: Call) -> Any:
    """Posts of other public channels that forward this one, newest first, paged by a numeric offset."""
    channel = _allowed(call, call.request.channel)
    _post(channel, call.request.msg_id)
    found = sorted(_forwards_of(call, channel, call.request.msg_id), key=lambda pair: -pair[1].date)
    start = int(call.request.offset) if call.request.offset.isdigit() else 0
    end = start + max(1, min(100, call.request.limit))
    page = found[start:end]
    return types.stats.PublicForwards(
        count=len(found),
        forwards=[types.PublicForwardMessage(message=Raw(c.message(p))) for c, p in page],
        chats=call.chats(*{c.id: c for c, _ in page}.values()),
        users=[],
        next_offset=str(end) if end < len(found) else None,
    )


def _forwards_of(call: Call, channel: Channel, message_id: int) -> list[tuple[Channel, Post]]:
    out = []
    for other in call.world.channels.values():
        if other.private or other.banned:
            continue
        for post in other.posts.values():
            header = post.fields.get("fwd_from")
            if header is None or header.channel_post != message_id:
                continue
            if getattr(header.from_id, "channel_id", None) == channel.id:
                out.append((other, post))
    return out


@method(functions.stats.GetMegagroupStatsRequest)
def get_megagroup_stats(call: Call) -> Any:
    """Groups have no statistics here."""
    _allowed(call, call.request.channel)
    raise RpcFault("MEGAGROUP_REQUIRED")
