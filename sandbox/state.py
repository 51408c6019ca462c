"""What must survive the process: auth keys, accounts, memberships, and what happened in the channels.

SQLite in WAL mode, written on every change, so that a kill loses nothing; without a folder it lives in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS auth_keys (
  id BLOB PRIMARY KEY, key BLOB NOT NULL, dc INTEGER NOT NULL, user_id INTEGER, lang TEXT, salt INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (phone TEXT PRIMARY KEY, name TEXT NOT NULL, password TEXT);
CREATE TABLE IF NOT EXISTS members (
  phone TEXT NOT NULL, channel TEXT NOT NULL, role TEXT, joined INTEGER NOT NULL, PRIMARY KEY (phone, channel));
CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, body TEXT NOT NULL);
"""
_COLUMNS = {
    "meta": "key, value",
    "auth_keys": "id, key, dc, user_id, lang, salt",
    "accounts": "phone, name, password",
    "members": "phone, channel, role, joined",
    "changes": "seq, channel, body",
}


class State:
    """A small store; *folder* None keeps it in memory."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.durable = folder is not None
        target = str(folder / "sandbox.sqlite3") if folder is not None else ":memory:"
        # What its reader should be told, in words.
        self.notes: list[str] = []
        try:
            self._open(target)
        except sqlite3.DatabaseError as error:
            if folder is None or (isinstance(error, sqlite3.OperationalError) and "no such column" not in str(error)):
                raise
            self._db.close()
            self._put_aside(Path(target), str(error))
            self._open(target)

    def _open(self, target: str) -> None:
        self._db = sqlite3.connect(target, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)
        for table, columns in _COLUMNS.items():
            self._db.execute(f"SELECT {columns} FROM {table} LIMIT 0")

    def _put_aside(self, path: Path, why: str) -> None:
        aside = path.with_name(f"{path.name}.unreadable")
        path.replace(aside)
        for journal in ("-wal", "-shm"):
            path.with_name(path.name + journal).unlink(missing_ok=True)
        self.notes.append(f"the state cannot be read ({why}): it is put aside as {aside.name} and made anew")

    def get(self, key: str) -> str | None:
        """A remembered value."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def put(self, key: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def save_key(self, key_id: bytes, key: bytes, dc: int, user_id: int | None, lang: str, salt: int) -> None:
        """Store an auth key and who is signed in with it."""
        self._db.execute(
            "INSERT OR REPLACE INTO auth_keys VALUES (?, ?, ?, ?, ?, ?)", (key_id, key, dc, user_id, lang, salt)
        )

    def auth_keys(self) -> Iterator[tuple[bytes, bytes, int, int | None, str, int]]:
        """All stored auth keys."""
        yield from self._db.execute("SELECT id, key, dc, user_id, lang, salt FROM auth_keys").fetchall()

    def save_account(self, phone: str, name: str, password: str | None) -> None:
        """Store an account."""
        self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)", (phone, name, password))

    def accounts(self) -> list[tuple[str, str, str | None]]:
        """All stored accounts."""
        return self._db.execute("SELECT phone, name, password FROM accounts").fetchall()

    def save_member(self, phone: str, channel: str, role: str | None, joined: int) -> None:
        """Store a role in a channel (None: has left)."""
        self._db.execute("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", (phone, channel, role, joined))

    def members(self) -> list[tuple[str, str, str | None, int]]:
        """All stored roles."""
        return self._db.execute("SELECT phone, channel, role, joined FROM members").fetchall()

    def append(self, channel: str, change: dict[str, Any]) -> None:
        """Append one change of a channel (only when durable: nothing could read it back otherwise)."""
        if self.durable:
            self._db.execute(
                "INSERT INTO changes (channel, body) VALUES (?, ?)",
                (channel, json.dumps(change, ensure_ascii=False)),
            )

    def changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """All changes in order."""
        for channel, body in self._db.execute("SELECT channel, body FROM changes ORDER BY seq").fetchall():
            yield channel, json.loads(body)

    def forget_world(self) -> None:
        """Drop the invented world and all that happened in it; people and their keys stay."""
        self._db.execute("DELETE FROM meta")
        self._db.execute("DELETE FROM changes")
        self._db.execute("DELETE FROM members")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
