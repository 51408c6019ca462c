"""Live updates of one account: pushed ones into rows at once, missed ones by the channel's difference.

1. Every channel that this account has met and somebody tracks is followed; new ones are noticed within seconds.
2. A channel begins with a difference from its saved pts (or, without one, with its present pts).
3. What Telegram pushes is written at once; rows and pts in one transaction.
4. Telegram pushes nothing of channels that the account is not in: their difference is asked for, no oftener than
   Telegram's own timeout says.
5. A difference that is too long: the history is due forward, and the open posts are due for a poll, which finds
   edits and deletions by their ids.
6. A difference that the server cannot tell: pushes go on being written, the history is paged forward instead, and the
   difference is asked for ever more rarely until it comes.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from analyticbot.core import runtime
from channels_app import metrics
from channels_app.collect.address import adopt
from channels_app.collect.claims import make_due
from channels_app.collect.gaps import close_updates_gap
from channels_app.collect.schedule import POLLED_SPAN, make_poll_due
from channels_app.collect.session import Session, utc_now
from channels_app.ingest import ingest_messages, mark_deleted
from channels_app.models import Channel, ChannelSync, CollectKind, Post, TrackedChannel
from mtproto.errors import (
    AccountUnusable,
    FloodWait,
    GatewayError,
    PeerRefused,
    RequestInvalid,
    ServerTrouble,
    Unreachable,
)
from mtproto.models import PeerAccess, TelegramAccount
from mtproto.peers import save_pts
from mtproto.records import (
    AnyUpdate,
    ChannelTooLong,
    DeletedMessages,
    EditedMessages,
    MessageRecord,
    NewMessages,
    Peer,
    ServiceRecord,
    Source,
)

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 2.0
# A difference is asked for no oftener than this where Telegram names no timeout.
DIFFERENCE_SECONDS = 30.0
DIFFERENCE_CAP_SECONDS = 300.0
REFUSED_SECONDS = 3600.0
# After a difference that failed: the first wait, doubling, and the longest.
TROUBLE_FIRST_SECONDS, TROUBLE_CAP_SECONDS = 15.0, 600.0
# Service messages after which the channel's facts are not what they were.
_NEW_FACTS = frozenset({"chat_edit_title", "chat_edit_photo", "chat_delete_photo"})
# Updates that are written in one transaction when many come at once.
DRAIN = 200


@dataclass(slots=True)
class Followed:
    """A channel whose updates this account brings."""

    channel_id: int
    peer: Peer
    is_member: bool
    pts: int | None
    caught_up: bool = False
    # When to ask for the difference next (monotonic seconds); 0: now.
    ask_at: float = 0.0
    # Differences that failed in a row.
    failures: int = 0
    # The pts that the last difference gave, when it was too long.
    too_long_at: int | None = None

    @property
    def waits(self) -> bool:
        """Whether the difference failed and is not to be asked for yet."""
        return self.failures > 0 and time.monotonic() < self.ask_at


class Follower:
    """Follows the channels of one account over one connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._followed: dict[int, Followed] = {}
        # What was pushed, and when.
        self._pushed: asyncio.Queue[tuple[datetime, AnyUpdate]] = asyncio.Queue()

    async def run(self) -> None:
        """Follow until the session ends; raises Unreachable or AccountUnusable."""
        jobs = [asyncio.create_task(job()) for job in (self._receive, self._write, self._catch_up_all)]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    @property
    def caught_up(self) -> bool:
        """True when every followed channel has had its first difference."""
        return all(channel.caught_up for channel in self._followed.values())

    @property
    def size(self) -> int:
        """How many channels are followed."""
        return len(self._followed)

    async def refresh(self) -> None:
        """Take up channels that became known, let go of those that nobody tracks any more."""
        rows = await self._session.database(followed_rows, self._session.account)
        known = {channel.peer.tg_id: channel for channel in rows}
        for tg_id in self._followed.keys() - known.keys():
            del self._followed[tg_id]
        for tg_id, channel in known.items():
            kept = self._followed.setdefault(tg_id, channel)
            kept.channel_id, kept.peer, kept.is_member = channel.channel_id, channel.peer, channel.is_member

    async def catch_up_once(self) -> None:
        """The difference of every channel whose turn it is."""
        now = time.monotonic()
        for channel in list(self._followed.values()):
            if self._session.ending:
                return
            if channel.ask_at <= now and not (channel.caught_up and channel.is_member):
                await self._catch_up(channel)

    async def _receive(self) -> None:
        async for update in self._session.gateway.updates():
            self._pushed.put_nowait((self._session.clock(), update))

    async def _catch_up_all(self) -> None:
        while not self._session.ending:
            await self.refresh()
            await self.catch_up_once()
            await self._session.pause(REFRESH_SECONDS)

    async def _write(self) -> None:
        while True:
            pushed = [await self._pushed.get()]
            while len(pushed) < DRAIN and not self._pushed.empty():
                pushed.append(self._pushed.get_nowait())
            for tg_id in dict.fromkeys(update.channel_tg_id for _, update in pushed):
                mine = [(at, update) for at, update in pushed if update.channel_tg_id == tg_id]
                await self._write_channel(tg_id, [update for _, update in mine], at=mine[0][0])

    async def _write_channel(self, tg_id: int, updates: Sequence[AnyUpdate], *, at: datetime) -> None:
        if tg_id not in self._followed:
            await self.refresh()
        channel = self._followed.get(tg_id)
        if channel is None:
            return
        too_long = any(isinstance(update, ChannelTooLong) for update in updates)
        if too_long or (channel.caught_up and channel.pts is not None and _skips(channel.pts, updates)):
            # Something between was not pushed: the difference brings all of it, in order. It may be long in coming:
            # what is in hand is written now, without moving the place in the stream.
            channel.caught_up = False
            await self._apply(channel, [u for u in updates if not isinstance(u, ChannelTooLong)], None, at=at)
            if not channel.waits:
                await self._catch_up(channel)
            return
        pts = max((update.pts for update in updates if update.pts is not None), default=None)
        if pts is not None and channel.pts is not None:
            pts = max(pts, channel.pts)
        await self._apply(channel, updates, pts if channel.caught_up else None, at=at)

    async def _apply(self, channel: Followed, updates: Sequence[AnyUpdate], pts: int | None, *, at: datetime) -> None:
        """Write updates that were pushed, or whose difference was asked for, at `at`."""
        session = self._session
        if updates:
            tg_id = channel.peer.tg_id
            await session.database(
                apply_updates, session.account, channel.channel_id, tg_id, updates, pts=pts, observed_at=at
            )
            await session.database(wake, channel.channel_id, updates, now=session.clock())
            logger.info("live channel=%s updates=%s", channel.channel_id, len(updates))
        elif pts is not None:
            await session.database(save_pts, session.account, channel.peer.tg_id, pts=pts)
        if pts is not None:
            channel.pts = pts

    async def _catch_up(self, channel: Followed) -> None:
        """The difference of one channel; a refusal leaves it for later and stops no other channel."""
        try:
            timeout = await self._difference(channel)
        except (Unreachable, AccountUnusable):
            raise
        except FloodWait as error:
            channel.ask_at = time.monotonic() + error.seconds
            return
        except PeerRefused as error:
            logger.warning("channel %s cannot be followed: %s", channel.channel_id, error.message)
            channel.ask_at = time.monotonic() + REFUSED_SECONDS
            await self._session.database(make_due, channel.channel_id, CollectKind.FACTS, at=self._session.clock())
            return
        except GatewayError as error:
            await self._leave_to_history(channel, error)
            return
        channel.caught_up = True
        wait = min(float(timeout or DIFFERENCE_SECONDS), DIFFERENCE_CAP_SECONDS)
        channel.ask_at = time.monotonic() + max(wait, 1.0)
        await self._session.database(close_updates_gap, channel.channel_id, now=self._session.clock())

    async def _leave_to_history(self, channel: Followed, error: GatewayError) -> None:
        """The server cannot tell the difference: the history brings new posts, open ones are looked at by their ids."""
        wait = min(TROUBLE_FIRST_SECONDS * 2 ** min(channel.failures, 10), TROUBLE_CAP_SECONDS)
        logger.warning("no difference of channel %s for %.0f s: %s", channel.channel_id, wait, error.message)
        session, first = self._session, channel.failures == 0
        channel.caught_up, channel.failures, channel.ask_at = False, channel.failures + 1, time.monotonic() + wait
        if first:
            await session.database(reread_open, channel.channel_id, now=session.clock())
        else:
            await session.database(make_due, channel.channel_id, CollectKind.HISTORY, at=session.clock())

    async def _difference(self, channel: Followed) -> int | None:
        session = self._session
        if channel.pts is None:
            return await self._begin(channel)
        while True:
            before, asked_at = channel.pts, session.clock()
            difference = await session.gateway.difference(channel.peer, pts=before)
            if difference.too_long and channel.too_long_at == before >= difference.pts:
                raise ServerTrouble("The difference is too long whenever it is asked for", code="DIFFERENCE_STUCK")
            channel.failures = 0
            channel.too_long_at = difference.pts if difference.too_long else None
            if difference.too_long:
                await session.database(reread_open, channel.channel_id, now=session.clock())
                await self._apply(channel, (), difference.pts, at=asked_at)
                return difference.timeout
            await self._apply(channel, difference.updates, difference.pts, at=asked_at)
            # A server that says "more" without moving on would be asked for ever.
            if difference.final or session.ending or difference.pts <= before:
                return difference.timeout

    async def _begin(self, channel: Followed) -> int | None:
        """A channel without a place in the stream: take the present one, and join where that is wanted."""
        session = self._session
        if not channel.is_member and joins(session):
            await self._join(channel)
        asked_at = session.clock()
        record = await session.gateway.channel(channel.peer)
        row = await session.database(Channel.objects.get, pk=channel.channel_id)
        await session.database(adopt, session.account, row, record, now=asked_at)
        channel.is_member = record.is_member
        if record.pts is not None:
            await self._apply(channel, (), record.pts, at=asked_at)
        # What was posted between the last page of history and this pts is found by the forward check.
        await session.database(make_due, channel.channel_id, CollectKind.HISTORY, at=session.clock())
        return None

    async def _join(self, channel: Followed) -> None:
        """Join; who may not (too many channels) follows by the difference alone."""
        try:
            await self._session.gateway.join(channel.peer)
        except (RequestInvalid, ServerTrouble) as error:
            logger.warning("channel %s cannot be joined: %s", channel.channel_id, error.message)


def _skips(pts: int, updates: Sequence[AnyUpdate]) -> bool:
    """Whether the stream jumps: each update moves pts by the number of messages that it speaks of."""
    for update in updates:
        if update.pts is None or update.pts <= pts:
            continue
        ids = update.message_ids if isinstance(update, DeletedMessages) else getattr(update, "messages", ())
        if update.pts > pts + len(ids):
            return True
        pts = update.pts
    return False


def joins(session: Session) -> bool:
    """Whether watched channels are joined, so that Telegram pushes their updates to us.

    A real account joins only when the operator says so (an account may be in 500 channels, and members are seen);
    in the sandbox nobody minds.
    """
    return bool(settings.SANDBOX or (runtime.JOINING.now() and session.account.workspace_id is None))


def followed_rows(account: TelegramAccount) -> list[Followed]:
    """The tracked channels that this account has met."""
    peers = {row.channel_tg_id: row for row in PeerAccess.objects.filter(account=account)}
    trackings = TrackedChannel.objects.live()
    if account.workspace_id is not None:
        trackings = trackings.filter(workspace_id=account.workspace_id)
    tracked = Exists(trackings.filter(channel=OuterRef("pk")))
    channels = Channel.objects.filter(tracked, tg_id__in=list(peers), hold="")
    return [
        Followed(
            channel_id=pk,
            peer=Peer(tg_id=tg_id, access_hash=peers[tg_id].access_hash),
            is_member=peers[tg_id].is_member,
            pts=peers[tg_id].pts,
        )
        for pk, tg_id in channels.values_list("pk", "tg_id")
        if tg_id is not None
    ]


@transaction.atomic
def apply_updates(
    account: TelegramAccount,
    channel_id: int,
    tg_id: int,
    updates: Sequence[AnyUpdate],
    *,
    pts: int | None,
    observed_at: datetime,
) -> None:
    """Write updates in their order, and the place in the stream after them, in one transaction."""
    for order, update in enumerate(together(updates)):
        # What came later counts as seen later, also where all were taken up in the same moment.
        seen_at = observed_at + timedelta(microseconds=order)
        match update:
            case NewMessages() | EditedMessages():
                ingest_messages(channel_id, update.messages, source=Source.MTPROTO, observed_at=seen_at)
                _observe_lag(update, utc_now())
            case DeletedMessages():
                mark_deleted(channel_id, update.message_ids, observed_at=seen_at)
            case ChannelTooLong():
                pass
    if pts is not None:
        save_pts(account, tg_id, pts=pts)


def together(updates: Sequence[AnyUpdate]) -> list[AnyUpdate]:
    """The same updates with neighbours of one kind as one: a burst of posts is written like a page, not post by post.

    Not over two versions of one message: each is an observation of its own.
    """
    merged: list[AnyUpdate] = []
    ids: set[int] = set()
    for update in updates:
        last = merged[-1] if merged else None
        if isinstance(update, NewMessages | EditedMessages):
            mine = {message.message_id for message in update.messages}
            if type(last) is type(update) and last.channel_tg_id == update.channel_tg_id and not mine & ids:
                merged[-1] = replace(last, messages=(*last.messages, *update.messages), pts=update.pts)
                ids |= mine
                continue
            ids = mine
        merged.append(update)
    return merged


def _observe_lag(update: NewMessages | EditedMessages, now: datetime) -> None:
    if isinstance(update, NewMessages):
        for message in update.messages:
            if isinstance(message, MessageRecord):
                metrics.LIVE_LAG.observe(max(0.0, (now - message.date).total_seconds()))


def wake(channel_id: int, updates: Sequence[AnyUpdate], *, now: datetime) -> None:
    """After new messages: move the range if they are next to it, otherwise ask the history for what lies between.

    Service messages count as posts do: their ids belong to the range. One that tells a new title asks for the facts.
    Not in the transaction of the rows: tasks lock their own row before the channel's, so must not be waited for here.
    """
    new = {m.message_id: m for u in updates if isinstance(u, NewMessages) for m in u.messages}
    if not new:
        return
    ids = sorted(new)
    services = [message for message in new.values() if isinstance(message, ServiceRecord)]
    if any(message.action in _NEW_FACTS for message in services):
        make_due(channel_id, CollectKind.FACTS, at=now)
    if len(services) < len(new):
        make_poll_due(channel_id, now=now)
    synced = ChannelSync.objects.filter(pk=channel_id, newest_id__isnull=False, forward_from_id__isnull=True)
    contiguous = ids[-1] - ids[0] + 1 == len(ids)
    moved = {"newest_id": ids[-1], "checked_at": now, "service_messages": F("service_messages") + len(services)}
    if contiguous and synced.filter(newest_id=ids[0] - 1).update(**moved):
        return
    if not synced.filter(newest_id__gte=ids[-1]).exists():
        make_due(channel_id, CollectKind.HISTORY, at=now)


@transaction.atomic
def reread_open(channel_id: int, *, now: datetime) -> None:
    """Updates were missed beyond recovery: page the history forward, and look at every open post by its id."""
    Post.objects.filter(channel_id=channel_id, published_at__gt=now - POLLED_SPAN, next_poll_at__isnull=False).exclude(
        next_poll_at__lte=now
    ).update(next_poll_at=now)
    make_due(channel_id, CollectKind.HISTORY, at=now)
    make_due(channel_id, CollectKind.POLL, at=now)
