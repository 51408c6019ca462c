"""The Bot API methods. Each takes the bot and its parameters and returns what goes into ``result``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.bots.bots import Bot, BotError, chat_of, member_of, user_of
from sandbox.world.entities import utf16

if TYPE_CHECKING:
    from sandbox.server import Sandbox

TEXT_LIMIT = 4096
_POLL_LIMIT = 100
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_LONGEST_POLL = 50.0


class BotMethods:
    """``do_getme`` is getMe: method names are not case sensitive."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.bots = sandbox.bots

    def find(self, name: str) -> Callable[[Bot, dict[str, Any]], Any]:
        """The method of this name; 404 for one that does not exist."""
        found = getattr(self, f"do_{name.lower()}", None)
        if found is None:
            raise BotError(404, "Not Found: method not found")
        action: Callable[[Bot, dict[str, Any]], Any] = found
        return action

    # -- the bot itself

    def do_getme(self, bot: Bot, _given: dict[str, Any]) -> Any:
        """The bot."""
        return bot.to_user()

    def do_logout(self, _bot: Bot, _given: dict[str, Any]) -> Any:
        """Accepted."""
        return True

    def do_setmycommands(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Remember the commands."""
        commands = given.get("commands")
        if not isinstance(commands, list):
            raise BotError(400, "Bad Request: can't parse BotCommand")
        bot.commands = commands
        return True

    def do_getmycommands(self, bot: Bot, _given: dict[str, Any]) -> Any:
        """The remembered commands."""
        return bot.commands

    def do_setchatmenubutton(self, _bot: Bot, _given: dict[str, Any]) -> Any:
        """Accepted."""
        return True

    # -- updates

    async def do_getupdates(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Long poll: an offset confirms all updates below it; a second poller ends the first with 409."""
        if bot.webhook:
            raise BotError(409, "Conflict: can't use getUpdates method while webhook is active")
        _allow(bot, given)
        offset, limit = number(given, "offset", 0), max(1, min(_POLL_LIMIT, number(given, "limit", _POLL_LIMIT)))
        if offset < 0:
            while len(bot.updates) > -offset:
                bot.updates.popleft()
        while bot.updates and bot.updates[0]["update_id"] < offset:
            bot.updates.popleft()
        bot.polling += 1
        turn = bot.polling
        bot.wake.set()
        deadline = asyncio.get_running_loop().time() + min(_LONGEST_POLL, number(given, "timeout", 0))
        while not bot.updates and (left := deadline - asyncio.get_running_loop().time()) > 0:
            bot.wake.clear()
            try:
                await asyncio.wait_for(bot.wake.wait(), left)
            except TimeoutError:
                break
            if bot.polling != turn:
                raise BotError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
        return list(bot.updates)[:limit]

    def do_setwebhook(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Deliver updates to an address (plain HTTP on loopback is allowed here)."""
        url = str(given.get("url") or "")
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise BotError(400, "Bad Request: bad webhook: invalid URL")
        _allow(bot, given)
        bot.webhook, bot.secret = url, str(given.get("secret_token") or "")
        if given.get("drop_pending_updates"):
            bot.updates.clear()
        bot.wake.set()
        return True

    def do_deletewebhook(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Back to polling."""
        bot.webhook, bot.secret = "", ""
        if given.get("drop_pending_updates"):
            bot.updates.clear()
        return True

    def do_getwebhookinfo(self, bot: Bot, _given: dict[str, Any]) -> Any:
        """Where updates go and how many wait."""
        info: dict[str, Any] = {
            "url": bot.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates),
        }
        return info | ({"allowed_updates": bot.allowed} if bot.allowed is not None else {})

    # -- chats

    def do_getchat(self, bot: Bot, given: dict[str, Any]) -> Any:
        """A channel in full; a private one only for its members."""
        channel = self._readable(bot, given)
        full = chat_of(channel) | {
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(
                ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
                False,
            ),
        }
        if channel.about:
            full["description"] = channel.about
        if bot.roles.get(channel.id) == "admin":
            full["invite_link"] = f"https://t.me/+{channel.invite_hash}"
        return full

    def do_getchatmembercount(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Subscribers."""
        return self._readable(bot, given).subscribers()

    def do_getchatmember(self, bot: Bot, given: dict[str, Any]) -> Any:
        """What a user is in a channel; others than the bot itself are shown to bot admins only."""
        channel = self._readable(bot, given)
        user_id = number(given, "user_id")
        if user_id == bot.id:
            return member_of(bot.to_user(), bot.roles.get(channel.id))
        self._need_admin(bot, channel.id, "Bad Request: member list is inaccessible")
        account = self.sandbox.world.account_by_id(user_id)
        if account is None:
            raise BotError(400, "Bad Request: user not found")
        return member_of(user_of(account), account.roles.get(channel.id))

    def do_getchatadministrators(self, bot: Bot, given: dict[str, Any]) -> Any:
        """The people and bots that run a channel."""
        channel = self._readable(bot, given)
        self._need_admin(bot, channel.id, "Bad Request: member list is inaccessible")
        people = [(user_of(a), a.roles.get(channel.id)) for a in self.sandbox.world.accounts.values()]
        people += [(b.to_user(), b.roles.get(channel.id)) for b in self.bots.bots.values()]
        return [member_of(user, role) for user, role in people if role in ("creator", "admin")]

    def _readable(self, bot: Bot, given: dict[str, Any]) -> Any:
        channel = self.bots.channel(required(given, "chat_id"))
        if channel.banned or (channel.private and channel.id not in bot.roles):
            raise BotError(403, "Forbidden: bot is not a member of the channel chat")
        return channel

    def _need_admin(self, bot: Bot, channel_id: int, description: str) -> None:
        if bot.roles.get(channel_id) != "admin":
            raise BotError(400, description)

    # -- messages

    def do_sendmessage(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Send a text to a person who exists, or to a channel the bot administers (where it becomes a post)."""
        text = str(given.get("text") or "")
        if not text.strip():
            raise BotError(400, "Bad Request: message text is empty")
        if utf16(text) > TEXT_LIMIT:
            raise BotError(400, "Bad Request: message is too long")
        chat_id = required(given, "chat_id")
        if str(chat_id).startswith(("@", "-")):
            return self._post(bot, chat_id, text)
        account = self.sandbox.world.account_by_id(number(given, "chat_id"))
        if account is None:
            raise BotError(400, "Bad Request: chat not found")
        message = {
            "message_id": bot.next_message,
            "from": {k: v for k, v in bot.to_user().items() if k in ("id", "is_bot", "first_name", "username")},
            "chat": {"id": account.id, "type": "private", "first_name": account.first_name},
            "date": int(self.sandbox.world.clock.now()),
            "text": text,
        }
        bot.next_message += 1
        if isinstance(given.get("reply_markup"), dict) and "inline_keyboard" in given["reply_markup"]:
            message["reply_markup"] = given["reply_markup"]
        bot.sent.append(message)
        return message

    def _post(self, bot: Bot, chat_id: Any, text: str) -> Any:
        channel = self.bots.channel(chat_id)
        if channel.id not in bot.roles:
            raise BotError(403, "Forbidden: bot is not a member of the channel chat")
        self._need_admin(bot, channel.id, "Bad Request: need administrator rights in the channel chat")
        now = int(self.sandbox.world.clock.now())
        spec = {"id": channel.next_id, "date": now, "text": text, "views": {"base": 1, "final": 100}}
        self.sandbox.changes.do(channel, {"do": "post", "at": now, "posts": [spec]})
        chat = chat_of(channel)
        message = {"message_id": spec["id"], "date": now, "chat": chat, "sender_chat": chat, "text": text}
        bot.sent.append(message)
        return message

    def do_editmessagetext(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Change a message the bot has sent."""
        text = str(given.get("text") or "")
        if not text.strip():
            raise BotError(400, "Bad Request: message text is empty")
        message_id = number(given, "message_id")
        for message in bot.sent:
            if message["message_id"] == message_id and str(message["chat"]["id"]) == str(given.get("chat_id")):
                if message["text"] == text:
                    raise BotError(400, "Bad Request: message is not modified")
                message |= {"text": text, "edit_date": int(self.sandbox.world.clock.now())}
                return message
        raise BotError(400, "Bad Request: message to edit not found")

    def do_answercallbackquery(self, bot: Bot, given: dict[str, Any]) -> Any:
        """Answer a button press."""
        query_id = required(given, "callback_query_id")
        bot.sent.append({"message_id": 0, "chat": {"id": 0}, "text": "", "callback_query_id": query_id})
        return True


def required(given: dict[str, Any], name: str) -> Any:
    """A parameter that must be there."""
    if given.get(name) in (None, ""):
        raise BotError(400, f"Bad Request: parameter {name} is required")
    return given[name]


def number(given: dict[str, Any], name: str, default: int | None = None) -> int:
    """An integer parameter."""
    value = given.get(name, default)
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BotError(400, f"Bad Request: parameter {name} is required") from None


def _allow(bot: Bot, given: dict[str, Any]) -> None:
    """Keep the list of wanted kinds; an empty one means the usual kinds, a missing one changes nothing."""
    allowed = given.get("allowed_updates")
    if isinstance(allowed, list):
        bot.allowed = [str(kind) for kind in allowed] or None
