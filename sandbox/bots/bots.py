"""Bots, their update queues, and the chats as the Bot API shows them."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.tl import types
from sandbox.world.accounts import Account
from sandbox.world.channels import Channel, Event
from sandbox.world.posts import Post
from sandbox.world.world import World

TOKEN = re.compile(r"(\d{3,}):[A-Za-z0-9_-]{10,}")
# What a bot gets without asking for it; these three must be named in allowed_updates.
OPT_IN = ("chat_member", "message_reaction", "message_reaction_count")
MARK = 10**12  # the Bot API writes channel 5 as -1000000000005
_QUEUE = 10_000
_STATUS = {"creator": "creator", "admin": "administrator", "member": "member", "banned": "kicked", None: "left"}


class BotError(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


@dataclass
class Bot:
    """One bot: its queue, its webhook, what it has sent, and its status in channels."""

    id: int
    token: str
    username: str
    updates: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_QUEUE))
    next_update: int = 100_000_001
    allowed: list[str] | None = None
    webhook: str = ""
    secret: str = ""
    roles: dict[int, str] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, str]] = field(default_factory=list)
    next_message: int = 1
    polling: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, kind: str, body: dict[str, Any]) -> int | None:
        """Queue an update if the bot wants this kind; returns its id."""
        if self.allowed is not None:
            if kind not in self.allowed:
                return None
        elif kind in OPT_IN:
            return None
        update_id, self.next_update = self.next_update, self.next_update + 1
        self.updates.append({"update_id": update_id, kind: body})
        self.wake.set()
        return update_id

    def to_user(self) -> dict[str, Any]:
        """The bot as a Bot API ``User`` (with what only ``getMe`` tells)."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": "Sandbox bot",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }


class Bots:
    """All bots that ever used a token here, and the events they are told of."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bots: dict[str, Bot] = {}
        world.listeners.append(self._on_event)

    def by_token(self, token: str) -> Bot:
        """The bot of a token; any token of the right shape is a bot, another one is 401."""
        match = TOKEN.fullmatch(token)
        if match is None:
            raise BotError(401, "Unauthorized")
        if token not in self.bots:
            self.bots[token] = Bot(int(match[1]), token, f"sandbox_{match[1]}_bot")
        return self.bots[token]

    def channel(self, chat_id: Any) -> Channel:
        """The channel of ``@name`` or ``-100…``; 400 for anything else."""
        found = self.world.find(chat_id) if str(chat_id).startswith(("@", "-")) else None
        if found is None:
            raise BotError(400, "Bad Request: chat not found")
        return found

    def set_role(self, bot: Bot, channel: Channel, role: str | None, by: Account) -> None:
        """Make the bot admin or member of a channel (None: removed) and tell it so."""
        old = bot.roles.get(channel.id)
        if role is None:
            bot.roles.pop(channel.id, None)
        else:
            bot.roles[channel.id] = role
        body = {
            "chat": chat_of(channel),
            "from": user_of(by),
            "date": int(self.world.clock.now()),
            "old_chat_member": member_of(bot.to_user(), old),
            "new_chat_member": member_of(bot.to_user(), role),
        }
        bot.offer("my_chat_member", body)

    def _on_event(self, channel: Channel, event: Event) -> None:
        kind = {"new": "channel_post", "edit": "edited_channel_post"}.get(event.kind)
        if kind is None or channel.megagroup:
            return
        for bot in self.bots.values():
            if bot.roles.get(channel.id) != "admin":
                continue
            for post_id in event.ids:
                if post_id in channel.posts:
                    bot.offer(kind, message_of(channel, channel.posts[post_id]))


def chat_of(channel: Channel) -> dict[str, Any]:
    """A Bot API ``Chat``."""
    chat = {
        "id": -MARK - channel.id,
        "type": "supergroup" if channel.megagroup else "channel",
        "title": channel.title,
    }
    return chat | ({"username": channel.username} if channel.username and not channel.private else {})


def user_of(account: Account) -> dict[str, Any]:
    """A Bot API ``User``."""
    user: dict[str, Any] = {"id": account.id, "is_bot": False, "first_name": account.first_name}
    return user | ({"username": account.username} if account.username else {})


def member_of(user: dict[str, Any], role: str | None) -> dict[str, Any]:
    """A Bot API ``ChatMember`` of one of the kinds owner, administrator, member, left, banned."""
    member: dict[str, Any] = {"user": user, "status": _STATUS[role]}
    if role == "banned":
        member["until_date"] = 0
    if role == "creator":
        member["is_anonymous"] = False
    if role == "admin":
        rights = (
            "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
            "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_messages",
            "can_edit_messages", "can_post_stories", "can_edit_stories", "can_delete_stories",
        )  # fmt: skip
        member |= dict.fromkeys(rights, True) | {"can_be_edited": False, "is_anonymous": False}
    return member


def message_of(channel: Channel, post: Post) -> dict[str, Any]:
    """A channel post as a Bot API ``Message``."""
    chat = chat_of(channel)
    body: dict[str, Any] = {"message_id": post.id, "date": post.date, "chat": chat, "sender_chat": chat}
    media = post.fields.get("media")
    if isinstance(media, types.MessageMediaPhoto):
        unique = f"photo{channel.id}x{post.id}"
        size = {"file_id": unique, "file_unique_id": unique[-16:], "width": 1280, "height": 853, "file_size": 156_000}
        body["photo"] = [size]
    if post.text:
        body["caption" if media is not None else "text"] = post.text
    for name, key in (("grouped_id", "media_group_id"), ("post_author", "author_signature")):
        if name in post.fields:
            body[key] = str(post.fields[name])
    if post.edit_date is not None:
        body["edit_date"] = post.edit_date
    return body
