"""Users, usernames, channels, invitations, membership."""

from __future__ import annotations

from typing import Any

from sandbox.errors import RpcFault
from sandbox.rpc import Call, method
from sandbox.tl import functions, types
from sandbox.world.accounts import Account, Stranger, access_hash
from sandbox.world.channels import Channel, admin_rights


def _user(call: Call, input_user: Any) -> Account | Stranger | None:
    if isinstance(input_user, types.InputUserSelf | types.InputPeerSelf):
        return call.account
    user_id = getattr(input_user, "user_id", 0)
    if getattr(input_user, "access_hash", None) not in (0, access_hash(call.account.id, "user", user_id)):
        return None
    if user_id == call.account.id:
        return call.account
    people: list[Account | Stranger] = [*call.world.accounts.values(), *call.world.strangers.values()]
    return next((p for p in people if p.id == user_id), None)


@method(functions.users.GetUsersRequest)
def get_users(call: Call) -> Any:
    """Users by input user; an unknown one is ``userEmpty``."""
    found = [(_user(call, i), getattr(i, "user_id", 0)) for i in call.request.id]
    return [user.to_user(call.account) if user else types.UserEmpty(id=user_id) for user, user_id in found]


@method(functions.users.GetFullUserRequest)
def get_full_user(call: Call) -> Any:
    """A user with settings."""
    user = _user(call, call.request.id)
    if user is None:
        raise RpcFault("USER_ID_INVALID")
    full = types.UserFull(
        id=user.id,
        settings=types.PeerSettings(),
        notify_settings=types.PeerNotifySettings(),
        common_chats_count=0,
    )
    return types.users.UserFull(full_user=full, chats=[], users=[user.to_user(call.account)])


@method(functions.contacts.ResolveUsernameRequest)
def resolve_username(call: Call) -> Any:
    """A username to its channel, group, user or bot."""
    name = call.request.username.lower().removeprefix("@")
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise RpcFault("USERNAME_INVALID")
    person: Account | Stranger | None = call.world.strangers.get(name)
    if person is None:
        person = next((a for a in call.world.accounts.values() if (a.username or "").lower() == name), None)
    if person is not None:
        return types.contacts.ResolvedPeer(
            peer=types.PeerUser(person.id), chats=[], users=[person.to_user(call.account)]
        )
    channel = call.world.by_username(name)
    if channel is None or channel.private:
        raise RpcFault("USERNAME_NOT_OCCUPIED")
    return types.contacts.ResolvedPeer(peer=types.PeerChannel(channel.id), chats=call.chats(channel), users=[])


@method(functions.channels.GetChannelsRequest)
def get_channels(call: Call) -> Any:
    """Channels by input channel (hash checked)."""
    return types.messages.Chats(chats=call.chats(*[call.channel(c) for c in call.request.id]))


@method(functions.channels.GetFullChannelRequest)
def get_full_channel(call: Call) -> Any:
    """The full channel: about, subscribers, pts, and what its admins may see."""
    channel = call.channel(call.request.channel)
    admin = call.account.roles.get(channel.id) in ("creator", "admin")
    stats = admin and channel.can_view_stats
    full = types.ChannelFull(
        id=channel.id,
        about=channel.about,
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=types.PhotoEmpty(id=0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=channel.pts,
        participants_count=channel.subscribers(),
        admins_count=1 if admin else None,
        kicked_count=0 if admin else None,
        banned_count=0 if admin else None,
        can_view_participants=admin,
        can_set_username=admin,
        can_view_stats=stats,
        stats_dc=call.server.stats_dc if stats else None,
        pinned_msg_id=next((i for i in reversed(channel.ids) if channel.posts[i].fields.get("pinned")), None),
        available_reactions=types.ChatReactionsAll(),
    )
    return types.messages.ChatFull(full_chat=full, chats=call.chats(channel), users=[])


@method(functions.channels.JoinChannelRequest)
def join_channel(call: Call) -> Any:
    """Become a member; updates are pushed from now on."""
    channel = call.channel(call.request.channel)
    return _join(call, channel)


def _join(call: Call, channel: Channel) -> Any:
    if call.account.roles.get(channel.id) in ("creator", "admin", "member"):
        raise RpcFault("USER_ALREADY_PARTICIPANT")
    call.server.set_role(call.account, channel, "member")
    return call.server.envelope([types.UpdateChannel(channel_id=channel.id)], call.chats(channel))


@method(functions.channels.LeaveChannelRequest)
def leave_channel(call: Call) -> Any:
    """Stop being a member."""
    channel = call.channel(call.request.channel)
    if call.account.roles.get(channel.id) is None:
        raise RpcFault("USER_NOT_PARTICIPANT")
    call.server.set_role(call.account, channel, None)
    return call.server.envelope([types.UpdateChannel(channel_id=channel.id)], call.chats(channel))


@method(functions.channels.GetParticipantRequest)
def get_participant(call: Call) -> Any:
    """The role of oneself (or, for an admin, of another known account)."""
    channel = call.channel(call.request.channel)
    user = _user(call, call.request.participant)
    if user is None:
        raise RpcFault("PARTICIPANT_ID_INVALID")
    account = call.account if user.id == call.account.id else user
    role = account.roles.get(channel.id) if isinstance(account, Account) else None
    if not isinstance(account, Account) or role in (None, "banned"):
        raise RpcFault("USER_NOT_PARTICIPANT")
    participant = _participant(call, account, channel, role)
    return types.channels.ChannelParticipant(
        participant=participant, chats=call.chats(channel), users=[account.to_user(call.account)]
    )


def _participant(call: Call, account: Account, channel: Channel, role: str | None) -> Any:
    joined = account.joined.get(channel.id, channel.created)
    if role == "creator":
        return types.ChannelParticipantCreator(user_id=account.id, admin_rights=admin_rights())
    if role == "admin":
        return types.ChannelParticipantAdmin(
            user_id=account.id,
            promoted_by=account.id,
            date=joined,
            admin_rights=admin_rights(),
            is_self=account.id == call.account.id,
            inviter_id=account.id,
        )
    if account.id == call.account.id:
        return types.ChannelParticipantSelf(user_id=account.id, inviter_id=account.id, date=joined)
    return types.ChannelParticipant(user_id=account.id, date=joined)


@method(functions.messages.CheckChatInviteRequest)
def check_chat_invite(call: Call) -> Any:
    """What an invite link leads to."""
    channel = call.world.by_invite(call.request.hash)
    if channel is None:
        raise RpcFault("INVITE_HASH_EXPIRED" if call.request.hash else "INVITE_HASH_EMPTY")
    if call.account.roles.get(channel.id) in ("creator", "admin", "member"):
        return types.ChatInviteAlready(chat=call.chats(channel)[0])
    return types.ChatInvite(
        title=channel.title,
        photo=types.PhotoEmpty(id=0),
        participants_count=channel.subscribers(),
        color=1,
        channel=True,
        broadcast=not channel.megagroup,
        megagroup=channel.megagroup,
        public=not channel.private,
        about=channel.about or None,
    )


@method(functions.messages.ImportChatInviteRequest)
def import_chat_invite(call: Call) -> Any:
    """Join by an invite link."""
    channel = call.world.by_invite(call.request.hash)
    if channel is None:
        raise RpcFault("INVITE_HASH_EXPIRED")
    if call.account.roles.get(channel.id) == "banned" or channel.banned:
        raise RpcFault("CHANNEL_PRIVATE")
    return _join(call, channel)
