"""Reading messages: history pages, messages by id, view counters, dialogs."""

from __future__ import annotations

from typing import Any

from sandbox.errors import RpcFault
from sandbox.rpc import Call, method
from sandbox.tl import Raw, encode_result, epoch_of, functions, types
from sandbox.world.channels import Channel, empty_message

PAGE = 100


@method(functions.messages.GetHistoryRequest)
def get_history(call: Call) -> Any:
    """One page, at most 100 messages, newest first, assembled from cached bytes."""
    request = call.request
    if isinstance(request.peer, types.InputPeerSelf | types.InputPeerUser):
        return types.messages.Messages(messages=[], topics=[], chats=[], users=[])
    channel = call.channel(request.peer)
    ids = channel.window(
        offset_id=request.offset_id,
        offset_date=epoch_of(request.offset_date),
        add_offset=request.add_offset,
        limit=max(0, min(PAGE, request.limit)),
        min_id=request.min_id,
        max_id=request.max_id,
    )
    return _page(call, channel, [channel.message(channel.posts[i]) for i in ids])


def _page(call: Call, channel: Channel, messages: list[bytes]) -> Any:
    return types.messages.ChannelMessages(
        pts=channel.pts,
        count=len(channel.ids),
        messages=[Raw(m) for m in messages],
        topics=[],
        chats=[Raw(call.server.chat_bytes(channel, call.account))],
        users=[],
    )


@method(functions.channels.GetMessagesRequest)
def get_messages(call: Call) -> Any:
    """Messages by id; whatever is missing is ``messageEmpty``."""
    channel = call.channel(call.request.channel)
    wanted = call.request.id
    if len(wanted) > PAGE:
        raise RpcFault("MESSAGE_IDS_TOO_MANY")
    out = []
    for item in wanted:
        message_id = getattr(item, "id", 0)
        post = channel.posts.get(message_id)
        out.append(channel.message(post) if post is not None else empty_message(message_id))
    return _page(call, channel, out)


@method(functions.messages.GetMessagesRequest)
def get_private_messages(call: Call) -> Any:
    """Private messages do not exist here."""
    empty = [Raw(empty_message(getattr(i, "id", 0))) for i in call.request.id]
    return types.messages.Messages(messages=empty, topics=[], chats=[], users=[])


@method(functions.messages.GetMessagesViewsRequest)
def get_messages_views(call: Call) -> Any:
    """Counters of up to 100 posts; ``increment`` really adds a view, as the real one does."""
    channel = call.channel(call.request.peer)
    if len(call.request.id) > PAGE:
        raise RpcFault("MESSAGE_IDS_TOO_MANY")
    moment = channel.time()
    views = []
    for message_id in call.request.id:
        post = channel.posts.get(message_id)
        if post is None or post.action is not None:
            views.append(types.MessageViews())
            continue
        if call.request.increment and post.views is not None:
            post.views.base += 1
            post.views.final += 1
            post.touch()
        g = post.grown(moment)
        views.append(
            types.MessageViews(
                views=post.views.at(g) if post.views else None,
                forwards=post.forwards.at(g) if post.forwards else None,
                replies=post.replies_tl(channel.id, g),
            )
        )
    return types.messages.MessageViews(views=views, chats=call.chats(channel), users=[])


@method(functions.messages.GetMessagesReactionsRequest)
def get_messages_reactions(call: Call) -> Any:
    """Reactions of posts, as updates."""
    channel = call.channel(call.request.peer)
    updates = []
    for message_id in call.request.id:
        post = channel.posts.get(message_id)
        if post is None or post.action is not None:
            continue
        reactions = post.to_tl(channel.id, post.grown(channel.time())).reactions
        updates.append(
            types.UpdateMessageReactions(
                peer=types.PeerChannel(channel.id),
                msg_id=message_id,
                reactions=reactions or types.MessageReactions(results=[]),
            )
        )
    return call.server.envelope(updates, call.chats(channel))


def dialog(channel: Channel) -> Any:
    """The TL dialog of a channel."""
    return types.Dialog(
        peer=types.PeerChannel(channel.id),
        top_message=channel.ids[-1] if channel.ids else 0,
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
        pts=channel.pts,
    )


def member_channels(call: Call) -> list[Channel]:
    """The channels the account is in."""
    roles = call.account.roles
    return [c for c in call.world.channels.values() if roles.get(c.id) in ("creator", "admin", "member")]


@method(functions.messages.GetDialogsRequest)
def get_dialogs(call: Call) -> Any:
    """All dialogs at once: the channels the account is in."""
    channels = member_channels(call)
    top = [Raw(c.message(c.posts[c.ids[-1]])) for c in channels if c.ids]
    return types.messages.Dialogs(
        dialogs=[dialog(c) for c in channels],
        messages=top,
        chats=call.chats(*channels),
        users=[call.account.to_user(call.account)],
    )


@method(functions.messages.ReadHistoryRequest, functions.channels.ReadHistoryRequest)
def read_history(call: Call) -> Any:
    """Accepted and forgotten."""
    if isinstance(call.request, functions.channels.ReadHistoryRequest):
        return True
    return encode_result(types.messages.AffectedMessages(pts=1, pts_count=0))
