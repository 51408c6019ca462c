"""Auth keys: who is behind one, which data centre made it, which connections use it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.state import State
from sandbox.world.accounts import Account

if TYPE_CHECKING:
    from sandbox.connection import Connection
    from sandbox.world.world import World


@dataclass
class AuthKeyRecord:
    """One auth key. *account* is set by signing in or by importing an authorisation on another data centre."""

    id: bytes
    key: bytes
    dc: int
    salt: int
    account: Account | None = None
    lang: str = "en"
    connections: set[Connection] = field(default_factory=set)
    pending_phone: str | None = None  # code accepted, password still to come
    qr_token: bytes | None = None
    revoked: str | None = None


class KeyRing:
    """All auth keys, kept in the state so that a restart keeps everyone signed in."""

    def __init__(self, state: State, world: World) -> None:
        self._state = state
        self._keys: dict[bytes, AuthKeyRecord] = {}
        for key_id, key, dc, user_id, lang, salt in state.auth_keys():
            account = world.account_by_id(user_id) if user_id is not None else None
            self._keys[key_id] = AuthKeyRecord(key_id, key, dc, salt, account, lang or "en")

    def add(self, key: bytes, dc: int) -> AuthKeyRecord:
        """Take a freshly negotiated key."""
        key_id = hashlib.sha1(key).digest()[12:20]  # noqa: S324 - protocol
        record = AuthKeyRecord(key_id, key, dc, secrets.randbits(63))
        self._keys[key_id] = record
        self.save(record)
        return record

    def get(self, key_id: bytes) -> AuthKeyRecord | None:
        """The key with this id."""
        return self._keys.get(key_id)

    def all(self) -> list[AuthKeyRecord]:
        """Every key."""
        return list(self._keys.values())

    def save(self, record: AuthKeyRecord) -> None:
        """Write a key's state down."""
        self._state.save_key(
            record.id,
            record.key,
            record.dc,
            record.account.id if record.account else None,
            record.lang,
            record.salt,
        )

    def sign_in(self, record: AuthKeyRecord, account: Account | None) -> None:
        """Tie the key to an account (None signs out)."""
        record.account = account
        record.pending_phone = None
        record.qr_token = None
        record.revoked = None
        self.save(record)
