"""Accounts that can sign in, and the other users that exist."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sandbox.tl import types

DEMO_PHONE = "99890000001"
TWO_FACTOR_PHONE = "99890000002"
TWO_FACTOR_PASSWORD = "sandbox"
BANNED_PHONE = "99890000099"
LOGIN_CODE = "12345"


@dataclass
class Account:
    """A person with a phone who can sign in. *roles* maps channel ids to creator, admin or member."""

    id: int
    phone: str
    first_name: str
    username: str | None = None
    password: str | None = None
    roles: dict[int, str] = field(default_factory=dict)
    joined: dict[int, int] = field(default_factory=dict)

    def to_user(self, viewer: Account | None) -> Any:
        """The TL ``User`` as *viewer* sees it."""
        is_self = viewer is not None and viewer.id == self.id
        return types.User(
            id=self.id,
            is_self=is_self,
            access_hash=access_hash(viewer.id if viewer else 0, "user", self.id),
            first_name=self.first_name,
            username=self.username,
            phone=self.phone if is_self else None,
            status=types.UserStatusEmpty(),
        )


@dataclass(frozen=True)
class Stranger:
    """A user or bot that only exists to be resolved."""

    id: int
    username: str
    first_name: str
    bot: bool = False

    def to_user(self, viewer: Account | None) -> Any:
        """The TL ``User`` as *viewer* sees it."""
        return types.User(
            id=self.id,
            access_hash=access_hash(viewer.id if viewer else 0, "user", self.id),
            first_name=self.first_name,
            username=self.username,
            bot=self.bot,
            bot_info_version=1 if self.bot else None,
            status=types.UserStatusEmpty(),
        )


def phone_digits(phone: str) -> str:
    """The digits of a phone number."""
    return "".join(c for c in phone if c.isdigit())


def account_id_of(phone: str) -> int:
    """A stable user id for a phone."""
    return 5_000_000_000 + int.from_bytes(hashlib.sha256(phone.encode()).digest()[:4], "big")


def access_hash(account_id: int, kind: str, peer_id: int) -> int:
    """The access hash of a peer for one account: stable, signed, and different for every account."""
    digest = hashlib.sha256(f"sandbox:{account_id}:{kind}:{peer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "little", signed=True)
