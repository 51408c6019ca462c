"""The changes one call makes, gathered in memory and then written in a few statements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from channels_app.ingest.content import Content
from channels_app.ingest.counters import COUNTERS, Reading, hour_of
from channels_app.ingest.store import StoredItem, StoredPost


@dataclass(frozen=True, slots=True)
class ContentChange:
    """New content of a known post: its text, or the rest, or both. `loose`: differing in blanks only is no edit."""

    post: StoredPost
    content: Content
    text: bool
    rest: bool
    revision: bool
    loose: bool


@dataclass(slots=True)
class CellChange:
    """What one hour gains: posts published in it, and counters."""

    posts: int = 0
    gains: list[int] = field(default_factory=lambda: [0] * COUNTERS)
    dirty: bool = False


@dataclass(slots=True)
class Changes:
    """Everything to be written for one channel and one moment."""

    channel_id: int
    source: str
    observed_at: datetime
    new_posts: int = 0
    # Going through them also gives their snapshots, references and cells. Those that are not ready yet are made
    # while the database takes in the first of them.
    post_rows: Iterable[bytes] = ()
    # Snapshots of new posts, as COPY text; and of known posts, by key, so that the last of a moment wins.
    snapshot_rows: list[bytes] = field(default_factory=list)
    snapshots: dict[tuple[int, datetime], Reading] = field(default_factory=dict)
    reference_rows: list[bytes] = field(default_factory=list)
    # Posts whose row is to be written, by id; those with new counters, and those with another name, date or deletion.
    touched: dict[int, StoredPost] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    restated: set[int] = field(default_factory=set)
    content: list[ContentChange] = field(default_factory=list)
    # Texts seen late, from before the one we hold: (post, text, hash, seen at, replaced at).
    late_texts: list[tuple[int, str, bytes, datetime, datetime]] = field(default_factory=list)
    items: dict[int, StoredItem] = field(default_factory=dict)
    items_seen: list[int] = field(default_factory=list)
    absorbed: list[StoredPost] = field(default_factory=list)
    cells: dict[int, CellChange] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    deleted: list[int] = field(default_factory=list)
    albums: int = 0

    def cell(self, hour: int) -> CellChange:
        """The cell of an hour (counted from the epoch)."""
        found = self.cells.get(hour)
        if found is None:
            found = self.cells[hour] = CellChange()
        return found

    def gain(self, hour: int, gains: Iterable[int], *, dirty: bool = False) -> None:
        """Credit gains to an hour."""
        cell = self.cell(hour)
        cell.gains = [a + b for a, b in zip(cell.gains, gains, strict=True)]
        cell.dirty |= dirty

    def move_publication(self, old: datetime | None, new: datetime | None) -> None:
        """A post was published at `new`, not at `old`; None: not at all."""
        if old is not None:
            self.cell(hour_of(old)).posts -= 1
        if new is not None:
            self.cell(hour_of(new)).posts += 1

    def touch(self, post: StoredPost) -> None:
        """The times of this post's row are to be written; nothing that a reader could see."""
        self.touched[post.id] = post

    def count(self, post: StoredPost) -> None:
        """This post's counters are to be written."""
        self.touched[post.id] = post
        self.counted.add(post.id)
        self.changed.add(post.id)

    def restate(self, post: StoredPost, *, visible: bool = True) -> None:
        """This post's name, items, dates or deletion are to be written."""
        self.touched[post.id] = post
        self.restated.add(post.id)
        if visible:
            self.changed.add(post.id)

    @property
    def visible(self) -> bool:
        """Is there anything that a reader can see?"""
        return bool(self.new_posts or self.changed or self.deleted or self.absorbed or self.content)
