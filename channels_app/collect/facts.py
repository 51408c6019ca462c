"""Facts of a channel every hour: subscribers, title, and what the account may do there."""

from datetime import datetime

from django.db import transaction

from analyticbot.core import runtime
from channels_app.collect.address import ChannelMerged, address, adopt
from channels_app.collect.claims import begin_if_idle, hold
from channels_app.collect.gaps import note_lateness
from channels_app.collect.ownership import settle_ownership
from channels_app.collect.schedule import FACTS_EVERY, OFF_EVERY
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.models import CollectKind, CollectTask
from mtproto.records import ChannelRecord


async def load_facts(session: Session, task: CollectTask, _work: Slice) -> Outcome:
    """Ask for the full channel once; its statistics become due when this account may see them."""
    if not runtime.HISTORY.now():
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_HISTORY_ENABLED is off")
    peer = await address(session, task.channel)
    asked_at = session.clock()
    record = await session.gateway.channel(peer)
    await session.database(_commit, session, task, record, now=asked_at)
    return Outcome(session.clock() + FACTS_EVERY, {"subscribers": record.subscribers or 0})


@transaction.atomic
def _commit(session: Session, task: CollectTask, record: ChannelRecord, *, now: datetime) -> None:
    hold(task)
    note_lateness(task, "subscribers", now=now)
    survivor = adopt(session.account, task.channel, record, now=now)
    if survivor != task.channel_id:
        raise ChannelMerged(f"{task.channel} is channel {survivor}")
    settle_ownership(session.account, task.channel, is_admin=record.is_admin, now=now)
    if record.can_view_stats:
        begin_if_idle(task.channel_id, CollectKind.STATS, at=now)
