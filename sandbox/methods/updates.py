"""State and differences: how a client catches up with what it missed."""

from __future__ import annotations

from typing import Any

from sandbox.errors import RpcFault
from sandbox.methods.history import dialog, member_channels
from sandbox.rpc import Call, method
from sandbox.tl import Raw, epoch_of, functions, types
from sandbox.world.channels import Channel, Event

# A channel's own event may carry the same second as the client's date, and clocks may have been moved a little.
_DATE_SLACK = 60


@method(functions.updates.GetStateRequest)
def get_state(call: Call) -> Any:
    """The account's state; its own pts never moves, since there are no private messages."""
    return _state(call)


def _state(call: Call) -> Any:
    return types.updates.State(pts=1, qts=0, date=call.now, seq=0, unread_count=0)


@method(functions.updates.GetDifferenceRequest)
def get_difference(call: Call) -> Any:
    """Nothing of the account's own, but ``updateChannelTooLong`` for every channel that changed since."""
    since = epoch_of(call.request.date) - _DATE_SLACK
    changed = [c for c in member_channels(call) if c.events and c.last_event_at >= since]
    if not changed:
        return types.updates.DifferenceEmpty(date=call.now, seq=0)
    return types.updates.Difference(
        new_messages=[],
        new_encrypted_messages=[],
        other_updates=[types.UpdateChannelTooLong(channel_id=c.id, pts=c.pts) for c in changed],
        chats=call.chats(*changed),
        users=[],
        state=_state(call),
    )


@method(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(call: Call) -> Any:
    """The ledger after a pts, in slices of ``limit``; too long when the ledger does not reach back that far."""
    channel = call.channel(call.request.channel)
    pts, limit = call.request.pts, max(1, call.request.limit)
    if pts <= 0:
        raise RpcFault("PERSISTENT_TIMESTAMP_EMPTY")
    if pts > channel.pts:
        raise RpcFault("PERSISTENT_TIMESTAMP_INVALID")
    if pts == channel.pts:
        return types.updates.ChannelDifferenceEmpty(pts=channel.pts, final=True, timeout=300)
    events = [e for e in channel.events if e.pts > pts]
    reaches = events[0].pts - events[0].count <= pts if events else False
    if not reaches or channel.pts - pts > call.server.difference_limit:
        return _too_long(call, channel)
    return _slice(call, channel, events, limit)


def _slice(call: Call, channel: Channel, events: list[Event], limit: int) -> Any:
    taken: list[Event] = []
    size = 0
    for event in events:
        if taken and size + event.count > limit:
            break
        taken.append(event)
        size += event.count
    fresh: dict[int, Any] = {}
    others: list[Any] = []
    for event in taken:
        if event.kind == "new":
            # a post that was deleted since is not in the difference any more, only its deletion is
            fresh.update({i: Raw(channel.message(channel.posts[i])) for i in event.ids if i in channel.posts})
        else:
            others.extend(call.server.updates_of(channel, event))
    return types.updates.ChannelDifference(
        pts=taken[-1].pts,
        new_messages=[fresh[i] for i in sorted(fresh)],
        other_updates=others,
        chats=call.chats(channel),
        users=[],
        final=len(taken) == len(events),
        timeout=300,
    )


def _too_long(call: Call, channel: Channel) -> Any:
    latest = channel.ids[-20:][::-1]
    return types.updates.ChannelDifferenceTooLong(
        dialog=dialog(channel),
        messages=[Raw(channel.message(channel.posts[i])) for i in latest],
        chats=call.chats(channel),
        users=[],
        final=True,
        timeout=300,
    )
