"""State that an older version, or an accident, left behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sandbox.app import build_sandbox
from sandbox.server import Sandbox
from sandbox.state import State
from sandbox.world.clock import from_iso
from sandbox.world.generate import HISTORY_DAYS

NOW = from_iso("2026-03-10T12:00:00Z")
CHANNEL = "samarqand_news"


def _start(folder: Path) -> Sandbox:
    return build_sandbox(channels=None, seed=5, state_folder=folder, now=NOW, days=3)


def _with(folder: Path, world: str) -> None:
    state = State(folder)
    state.put("world", world)
    state.save_account("+99890000009", "Ann", None)
    state.append("1", {"do": "delete", "ids": [1], "at": 1})
    state.close()


def _stored(folder: Path) -> dict[str, Any]:
    state = State(folder)
    world: dict[str, Any] = json.loads(state.get("world") or "{}")
    state.close()
    return world


def test_world_from_before_its_length_was_kept_goes_on(tmp_path: Path) -> None:
    _with(tmp_path, json.dumps({"seed": 2, "anchor": NOW}))

    sandbox = _start(tmp_path)
    sandbox.state.close()

    assert _stored(tmp_path) == {"seed": 2, "anchor": NOW, "days": HISTORY_DAYS}
    assert sandbox.notes == ["the state of an older version was taken over"]
    again = _start(tmp_path)
    again.state.close()
    assert again.notes == []


@pytest.mark.parametrize("world", ["nonsense", "[]", '{"seed": 2}', '{"seed": "x", "anchor": 1, "days": 2}'])
def test_world_that_cannot_be_read_is_made_anew_and_people_stay(tmp_path: Path, world: str) -> None:
    _with(tmp_path, world)

    sandbox = _start(tmp_path)
    changes, accounts = list(sandbox.state.changes()), sandbox.state.accounts()
    sandbox.state.close()

    assert _stored(tmp_path) == {"seed": 5, "anchor": pytest.approx(NOW), "days": 3}
    assert (changes, [phone for phone, *_ in accounts]) == ([], ["+99890000009"])
    assert "made anew" in sandbox.notes[0]


@pytest.mark.parametrize("content", ["no database", "other tables"])
def test_file_that_cannot_be_read_is_put_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "sandbox.sqlite3"
    if content == "no database":
        path.write_bytes(b"no database" * 1000)
    else:
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE auth_keys (id BLOB PRIMARY KEY)")
        database.close()

    sandbox = _start(tmp_path)
    sandbox.state.close()

    assert _stored(tmp_path)["seed"] == 5
    assert (tmp_path / "sandbox.sqlite3.unreadable").exists()
    assert "sandbox.sqlite3.unreadable" in sandbox.notes[0]


@pytest.mark.parametrize(
    "change", [{"do": "dance", "at": 1}, {"at": 1}, {"do": "delete", "ids": None, "at": 1}, {"do": "delete", "ids": []}]
)
def test_change_that_is_not_understood_is_passed_over(tmp_path: Path, change: dict[str, Any]) -> None:
    first = _start(tmp_path)
    channel = next(c for c in first.world.channels.values() if c.username == CHANNEL)
    first.state.append(str(channel.id), change)
    first.state.close()

    again = _start(tmp_path)
    again.state.close()

    assert len(again.world.channels[channel.id].posts) == len(channel.posts)
