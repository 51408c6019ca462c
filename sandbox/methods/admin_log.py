"""The administrative log: what was edited, deleted and renamed in the last 48 hours; for admins only."""

from __future__ import annotations

from typing import Any

from sandbox.errors import RpcFault
from sandbox.rpc import Call, method
from sandbox.tl import functions, types
from sandbox.world.channels import Channel

KEPT_SECONDS = 48 * 3600
PAGE = 100
EVENTS_PER_CHANGE = 1000


@method(functions.channels.GetAdminLogRequest)
def get_admin_log(call: Call) -> Any:
    """Events newest first, paged by max_id and min_id; the events filter is honoured for edit, delete and info."""
    channel = call.channel(call.request.channel)
    if call.account.roles.get(channel.id) not in ("creator", "admin"):
        raise RpcFault("CHAT_ADMIN_REQUIRED")
    limit = max(1, min(PAGE, call.request.limit))
    events = []
    newest = call.request.max_id or 2**63
    for number, change in reversed(channel.log):
        if change["at"] < call.now - KEPT_SECONDS:
            break
        if not _wanted(call.request.events_filter, change):
            continue
        for n, action in reversed(list(enumerate(_actions(channel, change)))):
            event_id = number * EVENTS_PER_CHANGE + n
            if call.request.min_id < event_id < newest:
                date = int(change["at"])
                events.append(
                    types.ChannelAdminLogEvent(id=event_id, date=date, user_id=call.account.id, action=action)
                )
        if len(events) >= limit:
            break
    return types.channels.AdminLogResults(
        events=events[:limit], chats=call.chats(channel), users=[call.account.to_user(call.account)]
    )


def _wanted(events_filter: Any, change: dict[str, Any]) -> bool:
    if events_filter is None:
        return True
    name = {"edit": "edit", "delete": "delete", "facts": "info", "post": "send", "pin": "pinned"}.get(change["do"])
    return name is not None and bool(getattr(events_filter, name, False))


def _actions(channel: Channel, change: dict[str, Any]) -> list[Any]:
    if change["do"] == "delete":
        return [
            types.ChannelAdminLogEventActionDeleteMessage(message=_message(channel, int(i), text, change["at"]))
            for i, text in change.get("texts", {}).items()
        ]
    if change["do"] == "edit":
        post_id = int(change["id"])
        return [
            types.ChannelAdminLogEventActionEditMessage(
                prev_message=_message(channel, post_id, change.get("before", ""), change["at"]),
                new_message=_message(channel, post_id, change["text"], change["at"]),
            )
        ]
    if change["do"] == "facts" and "title" in change:
        return [types.ChannelAdminLogEventActionChangeTitle(prev_value="", new_value=str(change["title"]))]
    if change["do"] == "facts" and "about" in change:
        return [types.ChannelAdminLogEventActionChangeAbout(prev_value="", new_value=str(change["about"]))]
    return []


def _message(channel: Channel, post_id: int, text: str, at: int) -> Any:
    return types.Message(id=post_id, peer_id=types.PeerChannel(channel.id), date=int(at), message=text, post=True)
