"""Channels from files: Telethon ``to_dict`` dumps and CSV tables, read with patience.

One file is one channel; its username is the file's name up to the first dot. A row that makes no sense is counted
and left out, a field that makes no sense is left out of its row: an odd message never stops the load.
``NAME.meta.json`` beside a file may say: title, about, subscribers, id, can_view_stats, private,
invite_hash, demo_role (what the demo account is there: creator, admin, member, or null).
"""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from sandbox.loader_csv import read_csv
from sandbox.loader_dump import channel_id_of, read_dump
from sandbox.world.channels import Channel, stable_id
from sandbox.world.clock import Clock
from sandbox.world.growth import share_between
from sandbox.world.posts import Post

log = logging.getLogger("sandbox.loader")

HOUR = 3600
_SUFFIXES = (".json", ".json.gz", ".csv", ".csv.gz", ".tsv", ".tsv.gz")


@dataclass
class Loaded:
    """What became of a folder."""

    channels: list[Channel] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def load_folder(folder: Path, clock: Clock) -> Loaded:
    """Load every channel file of *folder*; a file that cannot be read at all is named in ``failed``."""
    loaded = Loaded()
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith(".") or ".meta." in path.name:
            continue
        if not path.name.lower().endswith(_SUFFIXES):
            continue
        try:
            loaded.channels.append(load_file(path, clock))
        except (OSError, EOFError, ValueError, zlib.error) as error:
            loaded.failed[path.name] = str(error) or type(error).__name__
            log.warning("%s cannot be read: %s", path.name, error)
    return loaded


def load_file(path: Path, clock: Clock) -> Channel:
    """One channel from one file; raises ``ValueError`` or ``OSError`` when the file is no table or dump at all."""
    text = _decode(_bytes_of(path))
    name = path.name.split(".", 1)[0]
    found_id: int | None = None
    if ".json" in path.name.lower():
        rows = _rows(text)
        found_id = channel_id_of(rows)
        posts, skipped = read_dump(rows)
    else:
        posts, skipped = read_csv(text)
    meta = _meta(path.parent / f"{name}.meta.json")
    channel = Channel(
        id=int(meta.get("id") or found_id or stable_id(name)),
        username=name,
        title=str(meta.get("title") or name),
        clock=clock,
        about=str(meta.get("about") or ""),
        can_view_stats=bool(meta.get("can_view_stats", True)),
        private=bool(meta.get("private", False)),
        invite_hash=str(meta.get("invite_hash") or f"invite{stable_id(name)}"),
        base_subscribers=int(meta["subscribers"]) if meta.get("subscribers") is not None else None,
    )
    channel.skipped = skipped
    channel.demo_role = meta.get("demo_role", "creator")
    settle(channel, posts)
    return channel


def settle(channel: Channel, posts: dict[int, Post]) -> None:
    """Put the posts in. Their counters hold until the clock is moved, then grow as if observed an hour after the last.

    What a post will have in the end is its counters divided by the share a post of its age usually has.
    """
    channel.anchor = max((p.date for p in posts.values()), default=0) + HOUR
    for post in posts.values():
        post.counted_at = channel.anchor
        share = max(0.05, share_between(post.date, channel.anchor))
        for counter in (post.views, post.forwards, post.replies, *(r.count for r in post.reactions)):
            if counter is not None:
                counter.final = counter.base / share if counter.base > 0 else counter.base
    channel.created = min((p.date for p in posts.values()), default=0)
    channel.load(posts.values())
    if channel.base_subscribers is None:
        views = [p.views.base for p in posts.values() if p.views is not None]
        channel.base_subscribers = max(0, round(10 * median(views))) if views else 0


def _bytes_of(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def _decode(data: bytes) -> str:
    """UTF-8 (with or without BOM), UTF-16 by its BOM, else Windows-1251 as old exports have it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def _rows(text: str) -> list[Any]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError:
        # one object a line
        lines = [line for line in text.splitlines() if line.strip()]
        parsed = [_line(line) for line in lines]
        if not any(isinstance(row, dict) for row in parsed):
            raise ValueError("neither a JSON list nor JSON lines") from None
        return parsed
    if isinstance(parsed, dict):
        parsed = parsed.get("messages") if isinstance(parsed.get("messages"), list) else [parsed]
    if not isinstance(parsed, list):
        raise ValueError("the dump is not a list")  # noqa: TRY004 - the file is bad, not the argument
    return parsed


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def _meta(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        meta = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        log.warning("%s is ignored: %s", path.name, error)
        return {}
    return meta if isinstance(meta, dict) else {}
