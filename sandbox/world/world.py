"""All channels, accounts and other users, and what changes in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.tl import types
from sandbox.world.accounts import (
    DEMO_PHONE,
    TWO_FACTOR_PASSWORD,
    TWO_FACTOR_PHONE,
    Account,
    Stranger,
    access_hash,
    account_id_of,
    phone_digits,
)
from sandbox.world.channels import Channel, Event, admin_rights, stable_id
from sandbox.world.clock import Clock

Listener = Callable[[Channel, Event], None]


class World:
    """The state that methods read and the control port changes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.channels: dict[int, Channel] = {}
        self.accounts: dict[str, Account] = {}
        self.strangers: dict[str, Stranger] = {
            s.username: s
            for s in (
                Stranger(5_100_000_001, "sandbox_user", "Sandbox user"),
                Stranger(5_100_000_002, "sandbox_bot", "Sandbox bot", bot=True),
            )
        }
        self._usernames: dict[str, Channel] = {}
        self.listeners: list[Listener] = []
        for phone, name, password in (
            (DEMO_PHONE, "Demo", None),
            (TWO_FACTOR_PHONE, "Guarded", TWO_FACTOR_PASSWORD),
        ):
            self.account(phone, name=name, password=password)

    def account(self, phone: str, *, name: str | None = None, password: str | None = None) -> Account:
        """The account of a phone, made at first mention."""
        digits = phone_digits(phone)
        found = self.accounts.get(digits)
        if found is None:
            found = Account(account_id_of(digits), digits, name or f"User {digits[-4:]}", password=password)
            self.accounts[digits] = found
        return found

    def account_by_id(self, user_id: int) -> Account | None:
        """The account with this user id."""
        return next((a for a in self.accounts.values() if a.id == user_id), None)

    def add_channel(self, channel: Channel) -> None:
        """Add a channel; if its id is taken it gets one from its username."""
        if channel.id in self.channels:
            channel.id = stable_id(channel.username or channel.title)
        self.channels[channel.id] = channel
        if channel.username:
            self._usernames[channel.username.lower()] = channel

    def rename(self, channel: Channel, username: str | None) -> None:
        """Give the channel another username (None: none); the old one becomes free."""
        if channel.username:
            self._usernames.pop(channel.username.lower(), None)
        channel.username = username
        if username:
            self._usernames[username.lower()] = channel
        channel.bump()

    def by_username(self, username: str) -> Channel | None:
        """The channel with this username (any case)."""
        return self._usernames.get(username.lower())

    def find(self, ref: Any) -> Channel | None:
        """A channel by bare id, marked id or username, as the control port names it."""
        text = str(ref).strip().removeprefix("https://t.me/").removeprefix("@")
        if text.lstrip("-").isdigit():
            number = int(text)
            return self.channels.get(number) or self.channels.get(-number - 10**12)
        return self.by_username(text)

    def by_invite(self, invite_hash: str) -> Channel | None:
        """The channel an invite link leads to."""
        return next((c for c in self.channels.values() if c.invite_hash and c.invite_hash == invite_hash), None)

    def channel_tl(self, channel: Channel, viewer: Account) -> Any:
        """The TL ``Channel`` as *viewer* sees it (``ChannelForbidden`` when banned from it)."""
        role = viewer.roles.get(channel.id)
        if role == "banned" or channel.banned or (channel.private and role is None):
            return types.ChannelForbidden(
                id=channel.id,
                access_hash=access_hash(viewer.id, "channel", channel.id),
                title=channel.title,
                broadcast=not channel.megagroup,
                megagroup=channel.megagroup,
            )
        return types.Channel(
            id=channel.id,
            title=channel.title,
            photo=types.ChatPhotoEmpty(),
            date=viewer.joined.get(channel.id, channel.created),
            creator=role == "creator",
            left=role is None,
            broadcast=not channel.megagroup,
            megagroup=channel.megagroup,
            access_hash=access_hash(viewer.id, "channel", channel.id),
            username=None if channel.private else channel.username,
            admin_rights=admin_rights() if role in ("creator", "admin") else None,
            default_banned_rights=types.ChatBannedRights(until_date=0) if channel.megagroup else None,
        )

    def may_read(self, channel: Channel, viewer: Account) -> bool:
        """Whether *viewer* may read the channel at all."""
        role = viewer.roles.get(channel.id)
        return role != "banned" and not channel.banned and (not channel.private or role is not None)

    def publish(self, channel: Channel, event: Event) -> None:
        """Tell the listeners (pushes, state) of a change."""
        for listener in self.listeners:
            listener(channel, event)
