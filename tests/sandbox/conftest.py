"""Fixtures: a sandbox process over a small folder of files, one per test module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.telegram import SandboxProcess

POSTS = 250
MISSING = {7, 8, 100}


def message(post_id: int, **fields: Any) -> dict[str, Any]:
    """A minimal Telethon dump row."""
    return {
        "_": "Message",
        "id": post_id,
        "peer_id": {"_": "PeerChannel", "channel_id": 1234567890},
        "date": f"2026-01-{1 + post_id // 24 % 28:02d}T{post_id % 24:02d}:00:00+00:00",
        "message": f"post {post_id}",
        "views": 1000 + post_id,
        "forwards": post_id % 7,
    } | fields


def write_channels(folder: Path) -> Path:
    """Two channels: ``alpha`` (250 posts with gaps, a dump) and ``beta`` (three posts, CSV)."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [message(i) for i in range(1, POSTS + 1) if i not in MISSING]
    for i in (20, 21, 22):
        rows[[r["id"] for r in rows].index(i)]["grouped_id"] = 13000000000000001
    (folder / "alpha.json").write_text(json.dumps(rows))
    (folder / "alpha.meta.json").write_text(json.dumps({"title": "Alpha", "about": "first", "subscribers": 5000}))
    (folder / "beta.csv").write_text(
        "id,date,text,views,forwards,replies\n"
        "1,2026-01-01T10:00:00,one,10,1,\n"
        "2,2026-01-01 11:00:00+00:00,two,20,,3\n"
        "3,2026-01-02T00:00:00Z,three,,,\n"
    )
    return folder


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A running sandbox over the two channels."""
    with SandboxProcess(channels=write_channels(tmp_path_factory.mktemp("channels"))) as process:
        yield process


@pytest.fixture(autouse=True)
def _no_faults_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Faults of one test must not reach the next."""
    yield
    if "telegram" in request.fixturenames:
        request.getfixturevalue("telegram").control("clear_faults")
