"""Official statistics once a day, where the account may see them: raw graphs, daily facts, figures of single posts."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from analyticbot.core import runtime
from channels_app.collect.address import access_of, address
from channels_app.collect.claims import hold
from channels_app.collect.gaps import note_lateness
from channels_app.collect.official import daily_values
from channels_app.collect.schedule import OFF_EVERY, REFUSED_EVERY, STATS_EVERY
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.ingest import ingest_official, ingest_post_graphs, ingest_public_forwards
from channels_app.models import CollectTask, Post
from mtproto.errors import GraphExpired, RequestInvalid, ServerTrouble, StatsRefused
from mtproto.parsing.stats import summary_of
from mtproto.records import Graph, Peer, PublicForward

# A token that ran out means: ask for the statistics anew. A server that does so for ever is left for tomorrow.
RELOADS = 3
# A graph that the server could not make is tried again after this, then after twice as long, up to the next full load.
GRAPH_RETRY_FIRST = timedelta(minutes=10)
# After so many failures in a row the server is in trouble altogether: the rest is not even asked for.
GRAPH_FAILURES = 3
# Posts whose own statistics are loaded in one slice, and the time to the next: 8,640 posts a day, or where a pause is
# kept between posts about 1,400.
POSTS_PER_RUN = 30
POSTS_EVERY = timedelta(minutes=5)
POSTS_SPAN = timedelta(days=30)
FORWARD_PAGES = 5


@dataclass(slots=True)
class Progress:
    """How far the load of a day has come; kept on the task, so that a wait or a kill loses none of it."""

    # When all graphs were asked for; None: the load has yet to begin.
    loaded_at: datetime | None = None
    # Graphs that the server could not make, and when they are tried again.
    failed: list[str] = field(default_factory=list)
    retry_at: datetime | None = None
    # Posts from this message id on are done, newest first; None: all posts to come.
    below: int | None = None
    posts_done: bool = False

    @classmethod
    def of(cls, task: CollectTask, *, now: datetime) -> "Progress":
        """What the task tells; empty when a day has passed since."""
        told = task.progress
        loaded_at = _moment(told.get("loaded_at"))
        if loaded_at is None or now - loaded_at >= STATS_EVERY:
            return cls()
        done, failed = bool(told.get("posts_done")), list(told.get("failed", ()))
        return cls(loaded_at, failed, _moment(told.get("retry_at")), told.get("below"), done)

    def keep(self, task: CollectTask) -> None:
        """Write it down, with the time of the load as that of the last success."""
        task.progress = {
            "loaded_at": self.loaded_at and self.loaded_at.isoformat(),
            "failed": self.failed,
            "retry_at": self.retry_at and self.retry_at.isoformat(),
            "below": self.below,
            "posts_done": self.posts_done,
        }
        task.finished_at = self.loaded_at
        task.held().update(progress=task.progress, finished_at=self.loaded_at)

    def note_failed(self, failed: list[str], *, now: datetime) -> None:
        """These graphs are to be tried again: each wait is as long as all of the time since the load."""
        self.failed = failed
        waited = now - (self.loaded_at or now)
        self.retry_at = now + max(GRAPH_RETRY_FIRST, waited) if failed else None

    def outcome(self, counts: dict[str, int], *, now: datetime) -> Outcome:
        """When the task is due next, and what is still missing."""
        due_at = (self.loaded_at or now) + STATS_EVERY
        if self.retry_at is not None:
            due_at = min(due_at, self.retry_at)
        if not self.posts_done:
            due_at = min(due_at, now + POSTS_EVERY)
        if self.failed:
            return Outcome(due_at, counts, finished=False, note=f"GRAPHS_FAILED: {', '.join(self.failed)}")
        return Outcome(due_at, counts)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def load_stats(session: Session, task: CollectTask, work: Slice) -> Outcome:
    """A slice of the daily load of the task's channel. StatsRefused when Telegram shows this account nothing."""
    if not runtime.STATISTICS.now():
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_STATS_ENABLED is off")
    peer = await address(session, task.channel)
    access = await session.database(access_of, session.account, task.channel)
    if access is None or not access.can_view_stats:
        return Outcome(session.clock() + REFUSED_EVERY, finished=False, note="no account may see the statistics")
    counts = {"graphs": 0, "days": 0, "posts": 0, "forwards": 0}
    progress = Progress.of(task, now=session.clock())
    if progress.loaded_at is None:
        graphs, failed, summary = await _all_graphs(session, peer, access.stats_dc)
        progress.loaded_at = session.clock()
        progress.note_failed(failed, now=progress.loaded_at)
        await session.database(_commit, task, graphs, progress, counts, now=progress.loaded_at, summary=summary)
    elif progress.retry_at is not None and progress.retry_at <= session.clock():
        await _retry(session, task, peer, access.stats_dc, progress, counts)
    if not progress.posts_done:
        await _load_posts(session, task, peer, access.stats_dc, work, progress, counts)
    return progress.outcome(counts, now=session.clock())


async def _retry(
    session: Session, task: CollectTask, peer: Peer, stats_dc: int | None, progress: Progress, counts: dict[str, int]
) -> None:
    """Ask again for the graphs that failed, and only for those."""
    try:
        graphs, failed, _summary = await _all_graphs(session, peer, stats_dc, only=frozenset(progress.failed))
    except ServerTrouble:
        graphs, failed = {}, progress.failed
    progress.note_failed(failed, now=session.clock())
    await session.database(_commit, task, graphs, progress, counts, now=session.clock())


async def _all_graphs(
    session: Session, peer: Peer, stats_dc: int | None, *, only: frozenset[str] | None = None
) -> tuple[dict[str, Graph], list[str], dict[str, Any]]:
    """Every graph (of `only`) with its JSON or the word why there is none, the names of those that failed, the summary.

    Tokens are turned in at once, they run out.
    """
    for attempt in range(1, RELOADS + 1):
        stats = await session.gateway.broadcast_stats(peer, stats_dc=stats_dc)
        wanted = {name: graph for name, graph in stats.graphs.items() if only is None or name in only}
        loaded: dict[str, Graph] = {}
        failed: list[str] = []
        code = ServerTrouble.code
        try:
            for name, graph in wanted.items():
                try:
                    if graph.token is None or len(failed) < GRAPH_FAILURES:
                        loaded[name] = await _resolved(session, peer, graph, stats_dc)
                        continue
                except ServerTrouble as error:
                    code = error.code
                failed.append(name)
                loaded[name] = Graph(error=code)
        except GraphExpired as error:
            if attempt < RELOADS:
                continue
            loaded.update({name: Graph(error=error.code) for name in wanted if name not in loaded})
        return loaded, failed, summary_of(stats)
    raise AssertionError("unreachable: the last attempt returns")


async def _resolved(session: Session, peer: Peer, graph: Graph, stats_dc: int | None) -> Graph:
    return graph if graph.token is None else await session.gateway.load_graph(peer, graph.token, stats_dc=stats_dc)


@transaction.atomic
def _commit(
    task: CollectTask,
    graphs: Mapping[str, Graph],
    progress: Progress,
    counts: dict[str, int],
    *,
    now: datetime,
    summary: Mapping[str, Any] | None = None,
) -> None:
    hold(task)
    note_lateness(task, "stats", now=now)
    daily = daily_values(graphs, summary)
    result = ingest_official(task.channel_id, graphs=graphs, daily=daily, observed_at=now, summary=summary)
    progress.keep(task)
    counts["graphs"] += result.graphs_stored
    counts["days"] += result.days_changed


async def _load_posts(
    session: Session,
    task: CollectTask,
    peer: Peer,
    stats_dc: int | None,
    work: Slice,
    progress: Progress,
    counts: dict[str, int],
) -> None:
    """Graphs and public reposts of single posts, as far as the slice goes; one refused post stops no other."""
    ids = await session.database(posts_to_load, task.channel_id, below=progress.below, now=session.clock())
    for message_id in ids[:POSTS_PER_RUN]:
        if work.over:
            break
        graphs: Mapping[str, Graph] = {}
        forwards: tuple[PublicForward, ...] = ()
        with suppress(StatsRefused, RequestInvalid, GraphExpired, ServerTrouble):
            graphs = await _post_graphs(session, peer, message_id, stats_dc)
            forwards = await _post_forwards(session, peer, message_id, stats_dc)
        progress.below = message_id
        await session.database(_commit_post, task, message_id, graphs, forwards, progress, counts, now=session.clock())
        await asyncio.sleep(session.page_pause)
    if not ids or progress.below == ids[-1]:
        progress.posts_done = True
        await session.database(_commit_progress, task, progress)


def posts_to_load(channel_id: int, *, below: int | None, now: datetime) -> list[int]:
    """Posts of the last 30 days below a message id, newest first; one more than a slice takes, where there is one."""
    posts = Post.objects.filter(channel_id=channel_id, published_at__gt=now - POSTS_SPAN, deleted_at__isnull=True)
    if below is not None:
        posts = posts.filter(message_id__lt=below)
    return list(posts.order_by("-message_id").values_list("message_id", flat=True)[: POSTS_PER_RUN + 1])


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
    progress: Progress,
    counts: dict[str, int],
    *,
    now: datetime,
) -> None:
    hold(task)
    progress.keep(task)
    ingest_post_graphs(task.channel_id, message_id, graphs=graphs, observed_at=now)
    counts["posts"] += 1
    counts["forwards"] += ingest_public_forwards(task.channel_id, message_id, forwards, observed_at=now)


@transaction.atomic
def _commit_progress(task: CollectTask, progress: Progress) -> None:
    hold(task)
    progress.keep(task)
