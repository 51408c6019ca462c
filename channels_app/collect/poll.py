"""Counters of young posts: one question for at most 100 message ids serves a whole channel."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from analyticbot.core import runtime
from channels_app.collect.address import address
from channels_app.collect.claims import hold
from channels_app.collect.gaps import note_lateness
from channels_app.collect.schedule import OFF_EVERY, POLLED_SPAN, next_poll
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.ingest import ingest_poll
from channels_app.models import CollectTask, Post
from mtproto.gateway import PAGE_LIMIT
from mtproto.records import AnyMessage

# Posts that are due this soon ride along where a question has room: fewer questions, no later answer.
RIDE_ALONG = timedelta(minutes=2)


async def poll_posts(session: Session, task: CollectTask, work: Slice) -> Outcome:
    """Ask for the due posts of the task's channel, 100 ids at a time, until none is due or the slice is over."""
    if not runtime.HISTORY.now():
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_HISTORY_ENABLED is off")
    peer = await address(session, task.channel)
    counts = {"asked": 0, "changed": 0, "deleted": 0}
    await session.database(note_lateness, task, "counters", now=session.clock())
    while True:
        ids = await session.database(ids_to_ask, task.channel_id, now=session.clock())
        if ids:
            asked_at = session.clock()
            messages = await session.gateway.messages(peer, ids)
            await session.database(_commit, task, ids, messages, counts, now=asked_at)
        due_at = await session.database(next_poll, task.channel_id, now=session.clock())
        if due_at is None or due_at > session.clock() or work.over:
            return Outcome(due_at, counts)
        if not ids:  # due by the aggregate, but not to be asked: never spin
            return Outcome(session.clock() + RIDE_ALONG, counts)


def ids_to_ask(channel_id: int, *, now: datetime) -> list[int]:
    """At most 100 message ids: of the due posts, longest due first, then of young posts that are due soon."""
    due = Post.objects.due_for_poll(channel_id=channel_id, now=now)[:PAGE_LIMIT]
    ids = _fill([], due.values_list("message_id", "item_ids"))
    if not ids or len(ids) >= PAGE_LIMIT:
        return ids
    soon = Post.objects.filter(
        channel_id=channel_id,
        published_at__gt=now - POLLED_SPAN,
        next_poll_at__gt=now,
        next_poll_at__lte=now + RIDE_ALONG,
    ).order_by("next_poll_at", "message_id")
    return _fill(ids, soon[:PAGE_LIMIT].values_list("message_id", "item_ids"))


def _fill(ids: list[int], posts: Iterable[tuple[int, list[int]]]) -> list[int]:
    """Add posts with all items of their albums while they fit; an album is cut only if it fits in no question."""
    for message_id, item_ids in posts:
        wanted = item_ids or [message_id]
        if ids and len(ids) + len(wanted) > PAGE_LIMIT:
            break
        ids.extend(wanted[:PAGE_LIMIT])
    return ids


@transaction.atomic
def _commit(
    task: CollectTask, ids: list[int], messages: tuple[AnyMessage, ...], counts: dict[str, int], *, now: datetime
) -> None:
    hold(task)
    result = ingest_poll(task.channel_id, ids, messages, observed_at=now)
    counts["asked"] += len(ids)
    counts["changed"] += result.changed_posts
    counts["deleted"] += len(result.deleted_ids)
