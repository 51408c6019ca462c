"""One page of messages against what is known: sorts records into new posts, known posts and albums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from channels_app.ingest import albums
from channels_app.ingest.changes import Changes
from channels_app.ingest.content import Content
from channels_app.ingest.counters import (
    NOTHING,
    Known,
    Lift,
    Reading,
    first_told,
    fold,
    hour_of,
    is_young,
)
from channels_app.ingest.fresh import FreshRows
from channels_app.ingest.known import Late, Trust, delete, fold_late, look_at, look_at_content, see
from channels_app.ingest.store import (
    StoredItem,
    StoredPost,
    load_albums,
    load_as_item,
    load_readings,
    lock_and_load,
    new_post_ids,
)
from channels_app.keeping import dropped_among, frozen_before
from channels_app.packing import unpack_posts
from channels_app.schedule import next_poll_at
from mtproto.records import Source


class Page:
    """The records of one call, worked out against the stored rows into `changes`."""

    def __init__(self, changes: Changes, *, source: Source) -> None:
        self.changes = changes
        self.source = source
        self.at = changes.observed_at
        self.polls = source is Source.MTPROTO
        self.posts: dict[int, StoredPost] = {}
        self.albums: dict[int, StoredPost] = {}
        self.items: dict[int, dict[int, StoredItem]] = defaultdict(dict)
        # New posts: content, item ids (empty for a single message), what is known.
        self.new: list[tuple[Content, list[int], Known]] = []
        self.late: list[Late] = []
        self.scheduled: set[int] = set()

    def take(self, seen: Sequence[Content], *, empty: Sequence[int], asked: Sequence[int]) -> None:
        """Lock the channel and work out all that these records change. Raises ChannelGone."""
        group_of = self._load(seen, [*empty, *asked], expects_new=any(content.fresh for content in seen))
        groups: dict[int, list[Content]] = defaultdict(list)
        for content in seen:
            record = content.record
            group = group_of.get(record.message_id, record.grouped_id)
            if group is None:
                self._single(content)
            else:
                groups[group].append(content)
        for group, contents in groups.items():
            items, rest = albums.split_group(
                contents, known=self.items[group].keys(), singles=self.posts, source=self.source
            )
            if items:
                self._album(group, items)
            for content in rest:
                self._single(content)
        for message_id in empty:
            self._empty(message_id, group_of.get(message_id))
        self._write_new()
        self._fold_late()
        if self.polls:
            self._schedule(asked, group_of)

    def _load(self, seen: Sequence[Content], others: list[int], *, expects_new: bool) -> dict[int, int]:
        """Read what is known of these messages; returns the album of each known item."""
        ids = [content.record.message_id for content in seen] + others
        groups = {c.record.grouped_id for c in seen if c.record.grouped_id is not None}
        posts, items = lock_and_load(self.changes.channel_id, ids, list(groups), expects_new=expects_new)
        for post in posts:
            self._hold(post)
        if not items:
            return {}
        for item in items.values():
            self.items[item.grouped_id][item.message_id] = item
        for post in load_albums(self.changes.channel_id, list(self.items.keys() - self.albums.keys())):
            self._hold(post)
        return {item.message_id: item.grouped_id for item in items.values()}

    def _hold(self, post: StoredPost) -> None:
        if post.grouped_id is None:
            self.posts[post.message_id] = post
        else:
            self.albums[post.grouped_id] = post

    def _single(self, content: Content) -> None:
        post = self.posts.get(content.record.message_id)
        if post is None:
            self._new_single(content)
        else:
            self._known_single(post, content)

    def _new_single(self, content: Content) -> None:
        self.new.append((content, [], first_told(content.record.counters) if content.fresh is None else NOTHING))

    def _known_single(self, post: StoredPost, content: Content) -> None:
        newer = post.seen_at is None or self.at >= post.seen_at
        credited = look_at_content(self.changes, post, content, Trust(newer=newer))
        self._look(post, Reading.of(content.record.counters, at=self.at, source=self.source), credited, newer=newer)

    def _look(
        self,
        post: StoredPost,
        reading: Reading,
        credited: datetime | None,
        *,
        newer: bool,
        items: Known | None = None,
        lift: Lift | None = None,
    ) -> None:
        see(self.changes, post, self.at)
        if credited is not None or lift is not None:
            # The publication moved, and with it what counts as young, or all was more than was known: fold anew.
            self.late.append(Late(post, reading if reading.tells else None, credited or post.published_at, items, lift))
        elif late := look_at(self.changes, post, reading, items=items):
            self.late.append(late)
        self.changes.unchanged.add(post.id)
        if newer and self.polls:
            self._next_poll(post)

    def _album(self, group: int, contents: list[Content]) -> None:
        self.changes.albums += 1
        items = self.items[group]
        post = self._album_post(group, contents, items)
        held = post.content_source if post else None
        old = set(post.item_ids or [post.message_id]) if post else set()
        taken = albums.take_items(self.changes, items, contents, grouped_id=group, held=held)
        told = albums.album_content(items, contents, current=taken.current)
        if post is None:
            if told is not None:
                self.new.append((told[0], sorted(items), albums.counted(items)))
            return
        ids = sorted(items)
        renames = ids[0] != post.message_id
        if ids != post.item_ids:
            post.item_ids, post.message_id, post.grouped_id = ids, ids[0], group
            self.changes.restate(post)
        newer = post.seen_at is None or self.at >= post.seen_at
        credited = None
        if told is not None:
            # Each item's text keeps the order of time by itself; a caption that a new item brings is no edit.
            trust = Trust(newer=True, rest=told[1], edited=taken.edited, renames=renames)
            credited = look_at_content(self.changes, post, told[0], trust)
        reading = albums.reading_of(items, contents, at=self.at, source=self.source)
        if reading.tells and post.counters_at is not None and self.at < post.counters_at:
            reading = albums.partial_reading(contents, at=self.at, source=self.source)
        is_last = reading.tells and post.counters_at is not None and self.at >= post.counters_at
        lift = None
        if is_last and items.keys() - old and not is_young(post.published_at, self.at):
            lift = albums.lift_of(post.known, reading, items, old=old)
        self._look(post, reading, credited, newer=newer, items=albums.counted(items), lift=lift)

    def _album_post(self, group: int, contents: list[Content], items: dict[int, StoredItem]) -> StoredPost | None:
        """The album's row. Single posts that turn out to be its items become items; one of them may become the row."""
        post = self.albums.get(group)
        singles = [self.posts.pop(c.record.message_id) for c in contents if c.record.message_id in self.posts]
        for single in sorted(singles, key=lambda one: one.message_id):
            item = load_as_item(single, grouped_id=group)
            items[item.message_id] = self.changes.items[item.message_id] = item
            if post is None:
                post = self.albums[group] = single
            else:
                self._absorb(single)
        return post

    def _absorb(self, post: StoredPost) -> None:
        """Take a post's contributions out of the cells; its row goes."""
        readings = load_readings([post.id])[post.id]
        if readings and dropped_among([post.id]):
            # When it was gained nobody knows any more: it leaves the last hour there was.
            gained = [(value or 0) - base for value, base in zip(post.known.values, post.baseline, strict=True)]
            self.changes.gain(hour_of(readings[-1].at), [-gain for gain in gained])
        else:
            for hour, gains in fold(readings, published_at=post.published_at).hours.items():
                self.changes.gain(hour, [-gain for gain in gains])
        self.changes.move_publication(post.published_at, None)
        self.changes.absorbed.append(post)

    def _empty(self, message_id: int, group: int | None) -> None:
        """Telegram has nothing at this id: if it was seen, it is deleted."""
        if group is None:
            post = self.posts.get(message_id)
            if post is not None and delete(self.changes, post, self.at):
                self.changes.deleted.append(message_id)
            return
        items = self.items[group]
        item, post = items[message_id], self.albums.get(group)
        if item.deleted_at is not None or (item.seen_at is not None and item.seen_at > self.at):
            return
        item.deleted_at = self.at
        self.changes.items[message_id] = item
        self.changes.deleted.append(message_id)
        if post is None:
            return
        if all(one.deleted_at is not None for one in items.values()):
            delete(self.changes, post, self.at)
        elif content := albums.text_content(items, published_at=post.published_at):
            look_at_content(self.changes, post, content, Trust(newer=True, rest=False))

    def _write_new(self) -> None:
        if self.new:
            self.changes.new_posts = len(self.new)
            self.changes.post_rows = self._new_rows(new_post_ids(len(self.new)))

    def _new_rows(self, ids: Iterator[int]) -> Iterator[bytes]:
        """The rows of new posts, one by one. It asks the database nothing: that is taking in rows meanwhile."""
        changes, make = self.changes, FreshRows(self.changes.channel_id, source=self.source, observed_at=self.at).of
        this_hour = hour_of(self.at)
        for content, item_ids, known in self.new:
            fresh = content.fresh or make(content, item_ids=item_ids, known=known)
            key = b"%d" % next(ids)
            yield key + fresh.post
            changes.cell(fresh.hour).posts += 1
            if fresh.gain is not None:
                changes.gain(this_hour, fresh.gain)
            if fresh.snapshot is not None:
                changes.snapshot_rows.append(key + fresh.snapshot)
            for reference in fresh.references:
                changes.reference_rows.append(key + reference)

    def _fold_late(self) -> None:
        if not self.late:
            return
        # A curve that was dropped takes in nothing any more: what it held beside is not known.
        dropped = dropped_among({late.post.id for late in self.late})
        stored = load_readings({late.post.id for late in self.late} - dropped)
        frozen = frozen_before(self.changes.channel_id)
        for late in self.late:
            if late.post.id in stored:
                fold_late(self.changes, late, stored[late.post.id], frozen=frozen)
        # Only what is corrected: a file that is read again and tells nothing new leaves closed posts as they are.
        corrected = {post_id for post_id, _ in self.changes.snapshots}
        unpack_posts(corrected & stored.keys())

    def _next_poll(self, post: StoredPost) -> None:
        if post.id in self.scheduled:
            return
        self.scheduled.add(post.id)
        due = None if post.deleted_at else next_poll_at(post.published_at, now=self.at)
        if due != post.next_poll_at:
            post.next_poll_at = due
            self.changes.touch(post)

    def _schedule(self, asked: Sequence[int], group_of: dict[int, int]) -> None:
        """A post that was asked for is not asked again before its next time, whatever the answer was."""
        for message_id in asked:
            group = group_of.get(message_id)
            post = self.posts.get(message_id) if group is None else self.albums.get(group)
            if post is not None:
                self._next_poll(post)
