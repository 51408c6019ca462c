"""Official statistics once a day, where the account may see them: raw graphs, daily facts, figures of single posts."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from channels_app.collect.address import access_of, address
from channels_app.collect.claims import hold
from channels_app.collect.gaps import note_lateness
from channels_app.collect.official import daily_values
from channels_app.collect.schedule import OFF_EVERY, REFUSED_EVERY, STATS_EVERY
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.ingest import ingest_official, ingest_post_graphs, ingest_public_forwards
from channels_app.models import CollectTask, Post
from mtproto.errors import GraphExpired, RequestInvalid, ServerTrouble, StatsRefused
from mtproto.records import Graph, Peer, PublicForward

# A token that ran out means: ask for the statistics anew. A server that does so for ever is left for tomorrow.
RELOADS = 3
# Posts whose own statistics are loaded in one run, newest first; the rest come with the next days' runs.
POSTS_PER_RUN = 30
POSTS_SPAN = timedelta(days=30)
FORWARD_PAGES = 5


async def load_stats(session: Session, task: CollectTask, work: Slice) -> Outcome:
    """One daily load of the task's channel. StatsRefused when Telegram shows this account nothing."""
    if not settings.MTPROTO_STATS_ENABLED:
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_STATS_ENABLED is off")
    peer = await address(session, task.channel)
    access = await session.database(access_of, session.account, task.channel)
    if access is None or not access.can_view_stats:
        return Outcome(session.clock() + REFUSED_EVERY, finished=False, note="no account may see the statistics")
    graphs = await _all_graphs(session, peer, access.stats_dc)
    counts = {"graphs": 0, "days": 0, "posts": 0, "forwards": 0}
    await session.database(_commit, task, graphs, counts, now=session.clock())
    await _load_posts(session, task, peer, access.stats_dc, work, counts)
    return Outcome(session.clock() + STATS_EVERY, counts)


async def _all_graphs(session: Session, peer: Peer, stats_dc: int | None) -> dict[str, Graph]:
    """Every graph with its JSON or Telegram's word why there is none; tokens are turned in at once, they run out."""
    for attempt in range(1, RELOADS + 1):
        stats = await session.gateway.broadcast_stats(peer, stats_dc=stats_dc)
        loaded: dict[str, Graph] = {}
        try:
            for name, graph in stats.graphs.items():
                loaded[name] = await _resolved(session, peer, graph, stats_dc)
        except GraphExpired as error:
            if attempt < RELOADS:
                continue
            loaded.update({name: Graph(error=error.code) for name in stats.graphs if name not in loaded})
        return loaded
    raise AssertionError("unreachable: the last attempt returns")


async def _resolved(session: Session, peer: Peer, graph: Graph, stats_dc: int | None) -> Graph:
    return graph if graph.token is None else await session.gateway.load_graph(peer, graph.token, stats_dc=stats_dc)


@transaction.atomic
def _commit(task: CollectTask, graphs: Mapping[str, Graph], counts: dict[str, int], *, now: datetime) -> None:
    hold(task)
    note_lateness(task, "stats", now=now)
    result = ingest_official(task.channel_id, graphs=graphs, daily=daily_values(graphs), observed_at=now)
    counts["graphs"] += result.graphs_stored
    counts["days"] += result.days_changed


async def _load_posts(
    session: Session, task: CollectTask, peer: Peer, stats_dc: int | None, work: Slice, counts: dict[str, int]
) -> None:
    """Graphs and public reposts of single posts, as far as the slice goes; one refused post stops no other."""
    for message_id in await session.database(posts_to_load, task.channel_id, now=session.clock()):
        if work.over:
            return
        try:
            graphs = await _post_graphs(session, peer, message_id, stats_dc)
            forwards = await _post_forwards(session, peer, message_id, stats_dc)
        except (StatsRefused, RequestInvalid, GraphExpired, ServerTrouble):
            continue
        await session.database(_commit_post, task, message_id, graphs, forwards, counts, now=session.clock())
        await asyncio.sleep(session.page_pause)


def posts_to_load(channel_id: int, *, now: datetime) -> list[int]:
    """Posts of the last 30 days, those whose statistics were never loaded first, then the longest ago."""
    posts = Post.objects.filter(channel_id=channel_id, published_at__gt=now - POSTS_SPAN, deleted_at__isnull=True)
    loaded = Max("official_graphs__loaded_at")
    rows = posts.annotate(loaded=loaded).order_by(F("loaded").asc(nulls_first=True), "-message_id")
    return list(rows.values_list("message_id", flat=True)[:POSTS_PER_RUN])


async def _post_graphs(session: Session, peer: Peer, message_id: int, stats_dc: int | None) -> dict[str, Graph]:
    stats = await session.gateway.message_stats(peer, message_id, stats_dc=stats_dc)
    return {name: await _resolved(session, peer, graph, stats_dc) for name, graph in stats.graphs.items()}


async def _post_forwards(
    session: Session, peer: Peer, message_id: int, stats_dc: int | None
) -> tuple[PublicForward, ...]:
    found: list[PublicForward] = []
    offset: str | None = ""
    for _ in range(FORWARD_PAGES):
        page = await session.gateway.public_forwards(peer, message_id, offset=offset or "", stats_dc=stats_dc)
        found.extend(page.forwards)
        offset = page.next_offset
        if not offset:
            break
    return tuple(found)


@transaction.atomic
def _commit_post(
    task: CollectTask,
    message_id: int,
    graphs: Mapping[str, Graph],
    forwards: tuple[PublicForward, ...],
    counts: dict[str, int],
    *,
    now: datetime,
) -> None:
    hold(task)
    ingest_post_graphs(task.channel_id, message_id, graphs=graphs, observed_at=now)
    counts["posts"] += 1
    counts["forwards"] += ingest_public_forwards(task.channel_id, message_id, forwards, observed_at=now)
