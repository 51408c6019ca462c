"""Albums: several messages that are one post, named by the smallest id, counting the maximum of its items.

Decisions. A deleted item keeps its last counters in the maximum (taking a picture away takes no views back), but its
text can no longer be the caption. The album is deleted when all its items are. The name stays the smallest id ever
seen, deleted or not. What an item that is met later than the others raises the maximum by was not gained then: it
raises all that was read before, and so the baseline. A group that is larger than Telegram's albums are is none: what
is not in it already stays a post of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from channels_app.ingest.changes import Changes
from channels_app.ingest.content import Content, content_of, takes_text
from channels_app.ingest.counters import (
    NOTHING,
    REACTIONS,
    Known,
    Lift,
    Reading,
    fill_unknown,
    first_known,
    highest,
    read_on,
)
from channels_app.ingest.store import StoredItem, StoredPost
from mtproto.records import Entity, MessageRecord, Reference, ReferenceKind, Source

# Telegram's albums have two to ten items, sent together. Of a group that seems larger, its id cannot be believed.
MAX_ITEMS, MAX_SPAN = 10, 100


def split_group(
    contents: Sequence[Content], *, known: Collection[int], singles: Mapping[int, StoredPost], source: str
) -> tuple[list[Content], list[Content]]:
    """Which of a group's messages are items of its album, and which are posts of their own.

    Items already `known` stay so. The others join them if the album does not grow beyond `MAX_ITEMS` or `MAX_SPAN` ids,
    but for `singles` that this source itself has told before: they were turned away then.
    """
    may_join = []
    for content in contents:
        single = singles.get(content.record.message_id)
        turned_away = single is not None and single.content_source == source == Source.MTPROTO
        if content.record.message_id not in known and not turned_away:
            may_join.append(content)
    ids = {*known, *(content.record.message_id for content in may_join)}
    fits = bool(ids) and len(ids) <= MAX_ITEMS and max(ids) - min(ids) < MAX_SPAN
    joining = {content.record.message_id for content in may_join} if fits else set()
    items = [c for c in contents if c.record.message_id in known or c.record.message_id in joining]
    rest = [c for c in contents if not (c.record.message_id in known or c.record.message_id in joining)]
    return items, [content_of(replace(content.record, grouped_id=None)) for content in rest]


class Taken(NamedTuple):
    """Which items of an album a page told something current of: seen first or not late, and whose text was edited."""

    current: set[int]
    edited: bool


def take_items(
    changes: Changes, items: dict[int, StoredItem], contents: Sequence[Content], *, grouped_id: int, held: str | None
) -> Taken:
    """Bring the items of one album up to what these records tell; changed ones go to `changes`.

    `held`: the source whose word on the text the album holds, None for a new album.
    """
    at, current, edited = changes.observed_at, set(), False
    for content in contents:
        record = content.record
        item = items.get(record.message_id)
        if item is None:
            item = items[record.message_id] = _new_item(record, grouped_id, at)
        newer = not item.stored or item.seen_at is None or at >= item.seen_at
        before = item.text, item.deleted_at, item.known
        if record.text != item.text and takes_text(
            record, source=changes.source, held=held or changes.source, newer=newer
        ):
            item.text, item.content, item.media_kind = record.text, _kept_content(record), record.media_kind.value
            edited = True
        if item.deleted_at is not None and at > item.deleted_at:
            item.deleted_at = None
        reading = Reading.of(record.counters, at=at, source=changes.source)
        item.known = _counted(item, reading)
        if not item.stored or before != (item.text, item.deleted_at, item.known):
            changes.items[item.message_id] = item
        elif newer and item.seen_at != at and reading.tells:
            changes.items_seen.append(item.message_id)
        if newer:
            item.seen_at = at
            current.add(item.message_id)
    return Taken(current, edited)


def _new_item(record: MessageRecord, grouped_id: int, at: datetime) -> StoredItem:
    return StoredItem(
        record.message_id,
        grouped_id,
        record.text,
        record.media_kind.value,
        NOTHING,
        None,
        _kept_content(record),
        at,
        None,
        stored=False,
    )


def _counted(item: StoredItem, reading: Reading) -> Known:
    if not reading.tells:
        return item.known
    if item.counters_at is None or reading.at >= item.counters_at:
        item.counters_at = reading.at
        return read_on(item.known, reading) if item.known is not NOTHING else first_known(reading)
    return fill_unknown(item.known, reading)


def _kept_content(record: MessageRecord) -> Any:
    """What an item needs to become the caption later; nothing without a text."""
    if not record.text:
        return None
    return {
        "entities": [(e.kind, e.offset, e.length, e.url) for e in record.entities],
        "references": [(r.kind.value, r.url, r.username, r.message_id) for r in record.references],
        "hashtags": list(record.hashtags),
    }


def counted(items: dict[int, StoredItem]) -> Known:
    """The album's latest counters; of equals the first item's."""
    return highest([items[number].known for number in sorted(items)])


def reading_of(items: dict[int, StoredItem], contents: Sequence[Content], *, at: datetime, source: str) -> Reading:
    """What this look tells of the album: the maximum over all items, those not looked at with their latest."""
    told = [content.record.counters for content in contents]
    approximate = bool(told) and all(counters.approximate for counters in told)
    known = counted(items)
    if not any(Reading.of(counters, at=at, source=source).tells for counters in told):
        known = NOTHING
    return Reading(at, known.values, known.reactions, approximate, source)


def partial_reading(contents: Sequence[Content], *, at: datetime, source: str) -> Reading:
    """What a late look tells of the album: the maximum over the items it saw."""
    in_order = sorted(contents, key=lambda content: content.record.message_id)
    parts = [first_known(Reading.of(content.record.counters, at=at, source=source)) for content in in_order]
    known = highest(parts)
    approximate = all(content.record.counters.approximate for content in contents)
    return Reading(at, known.values, known.reactions, approximate, source)


def lift_of(known: Known, reading: Reading, items: dict[int, StoredItem], *, old: Collection[int]) -> Lift | None:
    """By how much views, forwards and replies of the album rise only because of items that are not `old`; None: not.

    Reactions stay out: Telegram counts them on one item only, and their kinds cannot be divided.
    """
    after = read_on(known, reading).values
    without = highest([item.known for number, item in sorted(items.items()) if number in old]).values
    lift = [
        0 if was is None or now is None else max(now - max(was, other or 0), 0)
        for was, now, other in zip(known.values[:REACTIONS], after[:REACTIONS], without[:REACTIONS], strict=True)
    ]
    return (lift[0], lift[1], lift[2]) if any(lift) else None


def caption(items: dict[int, StoredItem]) -> StoredItem | None:
    """The item whose text is the album's: the first that is there and has one, else the first that is there."""
    alive = sorted((item for item in items.values() if item.deleted_at is None), key=lambda item: item.message_id)
    return next((item for item in alive if item.text), alive[0] if alive else None)


def album_content(
    items: dict[int, StoredItem], contents: Sequence[Content], *, current: set[int]
) -> tuple[Content, bool] | None:
    """The album's content, and whether all of it is current (its first item is among the `current` records), or only
    its text. None when no item is left whose text could be read.
    """
    teller = caption(items)
    if teller is None or not contents:
        return None
    by_id = {content.record.message_id: content.record for content in contents}
    first = min(items)
    lead = by_id.get(first)
    base = lead or contents[0].record
    told = by_id.get(teller.message_id)
    if told is not None and told.text == teller.text:
        merged = replace(
            base, text=told.text, entities=told.entities, references=told.references, hashtags=told.hashtags
        )
    else:
        merged = _with_stored_text(base, teller)
    return content_of(merged), lead is not None and first in current


def text_content(items: dict[int, StoredItem], *, published_at: datetime) -> Content | None:
    """The album's text alone, from its stored items (an item was deleted)."""
    teller = caption(items)
    if teller is None:
        return None
    return content_of(_with_stored_text(MessageRecord(teller.message_id, published_at), teller))


def _with_stored_text(base: MessageRecord, item: StoredItem) -> MessageRecord:
    kept = item.content or {"entities": [], "references": [], "hashtags": []}
    return replace(
        base,
        text=item.text,
        entities=tuple(Entity(*entity) for entity in kept["entities"]),
        references=tuple(
            Reference(ReferenceKind(kind), url, username, target) for kind, url, username, target in kept["references"]
        ),
        hashtags=tuple(kept["hashtags"]),
    )
