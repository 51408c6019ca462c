"""Known posts that are seen again: counters in order of time, late readings, content, deletion and its end."""

from dataclasses import dataclass
from datetime import datetime

from channels_app.ingest.changes import Changes, ContentChange
from channels_app.ingest.content import Content, content_rank, takes_content, takes_text, text_rank
from channels_app.ingest.counters import (
    REACTIONS,
    Known,
    Lift,
    Reading,
    fold,
    gained,
    hour_of,
    is_young,
    lifted,
    read_on,
)
from channels_app.ingest.store import StoredPost
from mtproto.records import Source


@dataclass(frozen=True, slots=True)
class Late:
    """A look that cannot be added at the end: its post's readings are folded again with it."""

    post: StoredPost
    reading: Reading | None
    # The publication date under which the stored readings were credited.
    credited_at: datetime
    # An album's maximum over its items, which its latest counters must equal.
    items: Known | None = None
    # What items of the album that are met only now raise it by: all readings before are raised by it.
    lift: Lift | None = None


def look_at(changes: Changes, post: StoredPost, reading: Reading, *, items: Known | None = None) -> Late | None:
    """Take a reading of a known post; a Late one comes back, to be folded once its snapshots are loaded."""
    if not reading.tells:
        return None
    at = reading.at
    if post.counters_at is not None and at <= post.counters_at:
        if at == post.counters_at and read_on(post.known, reading) is post.known:
            return None
        return Late(post, reading, post.published_at, items)
    after = read_on(post.known, reading)
    if after is post.known:
        if adopts(post.known, reading):
            post.counters_at = at
            changes.touch(post)
        return None
    gain, baseline = gained(post.known.values, after.values, young=is_young(post.published_at, at))
    if any(gain):
        changes.gain(hour_of(at), gain)
    post.baseline = [a + b for a, b in zip(post.baseline, baseline, strict=True)]
    post.known, post.counters_at, post.counters_source = after, at, reading.source
    changes.snapshots[post.id, at] = reading
    changes.count(post)
    return None


def adopts(known: Known, reading: Reading) -> bool:
    """Does the reading confirm anything? An abbreviated one says nothing of counters that were told exactly."""
    return any(
        value is not None and not (reading.approximate and known.exact >> i & 1)
        for i, value in enumerate(reading.values)
    )


def fold_late(changes: Changes, late: Late, stored: list[Reading], *, frozen: datetime | None = None) -> None:
    """Put a late reading in its place, and correct latest counters, baselines and the hours it touches.

    Those hours are computed anew afterwards, but not those before `frozen`, which cannot be.
    """
    post = late.post
    before = fold(stored, published_at=late.credited_at)
    if late.lift is not None and late.reading is not None:
        stored = [lifted(reading, late.lift) for reading in stored]
        changes.snapshots.update({(post.id, reading.at): reading for reading in stored})
        post.counters_at = late.reading.at
    placed = _placed(changes, late, stored)
    after = fold(placed, published_at=post.published_at)
    target = after.known if late.items is None else items_known(after.known, late.items)
    if target != after.known:
        placed = _closed(changes, post, placed, target)
        after = fold(placed, published_at=post.published_at)
    is_late = late.reading is not None and post.counters_at is not None and late.reading.at < post.counters_at
    for hour in before.hours.keys() | after.hours.keys():
        old, new = before.hours.get(hour, [0] * 4), after.hours.get(hour, [0] * 4)
        if old != new:
            dirty = is_late and (frozen is None or hour >= hour_of(frozen))
            changes.gain(hour, [b - a for a, b in zip(old, new, strict=True)], dirty=dirty)
    visible = after.known != post.known or after.baseline != post.baseline or before.hours != after.hours
    if placed and (post.counters_at is None or placed[-1].at >= post.counters_at):
        post.counters_at, post.counters_source = placed[-1].at, placed[-1].source
    post.known, post.baseline = after.known, after.baseline
    if visible:
        changes.count(post)


def items_known(known: Known, items: Known) -> Known:
    """An album's latest counters are its items' maximum; what no item tells as well stays as the album had it."""
    values, reactions = list(known.values), known.reactions
    for i, value in enumerate(items.values):
        if value is None or (known.exact & ~items.exact) >> i & 1:
            continue
        values[i] = value
        if i == REACTIONS:
            reactions = items.reactions
    return Known((values[0], values[1], values[2], values[3]), reactions, known.exact)


def _placed(changes: Changes, late: Late, stored: list[Reading]) -> list[Reading]:
    """The stored readings with the late one among them, where it tells something new; written to `changes`."""
    reading, post = late.reading, late.post
    if reading is None:
        return stored
    earlier = [one for one in stored if one.at < reading.at]
    later = [one for one in stored if one.at > reading.at]
    same = [one for one in stored if one.at == reading.at]
    known = fold(earlier, published_at=post.published_at).known
    if same:
        reading = _together(same[0], reading, highest_wins=late.items is not None)
        if reading == same[0]:
            return stored
    elif late.items is not None and post.counters_at is not None and reading.at < post.counters_at:
        reading = _not_below(known, reading)
    if not same and read_on(known, reading) is known:
        return stored
    changes.snapshots[post.id, reading.at] = reading
    placed = [*earlier, reading, *later]
    if not later and post.counters_at is not None and reading.at < post.counters_at:
        # Since the last snapshot nothing had changed up to counters_at: say so, or the late value would stand.
        return _closed(changes, post, placed, post.known)
    return placed


def _closed(changes: Changes, post: StoredPost, readings: list[Reading], known: Known) -> list[Reading]:
    """The readings with one at `counters_at` that tells what was known then."""
    at = post.counters_at
    if at is None:
        return readings
    source = post.counters_source or changes.source
    closing = Reading(at, known.values, known.reactions, not known.all_exact, source)
    changes.snapshots[post.id, at] = closing
    return [*(one for one in readings if one.at != at), closing]


def _together(first: Reading, second: Reading, *, highest_wins: bool) -> Reading:
    """Two readings of the same moment: what the second tells, else the first; of an album's items the highest."""
    if second.approximate and not first.approximate:
        first, second = second, first
    values = [b if b is not None else a for a, b in zip(first.values, second.values, strict=True)]
    reactions = second.reactions if second.reactions is not None else first.reactions
    if highest_wins:
        values = [
            max((x for x in (a, b) if x is not None), default=None)
            for a, b in zip(first.values, second.values, strict=True)
        ]
        if (first.values[3] or 0) > (second.values[3] or 0):
            reactions = first.reactions
    merged = (values[0], values[1], values[2], values[3])
    return Reading(first.at, merged, reactions, second.approximate, first.source)


def _not_below(known: Known, reading: Reading) -> Reading:
    """A late look at some items of an album: the album counted at least what it was known to count then."""
    values = [b if a is None or b is None else max(a, b) for a, b in zip(known.values, reading.values, strict=True)]
    reactions = reading.reactions
    if (known.values[3] or 0) > (reading.values[3] or 0):
        reactions = known.reactions
    return reading._replace(values=(values[0], values[1], values[2], values[3]), reactions=reactions)


def see(changes: Changes, post: StoredPost, at: datetime) -> None:
    """The post was there at this moment: an earlier deletion is over."""
    if post.seen_at is None or at > post.seen_at:
        post.seen_at = at
        changes.touch(post)
    if at < post.first_seen_at:
        post.first_seen_at, post.first_source = at, changes.source
        changes.restate(post, visible=False)
    if post.deleted_at is not None and at > post.deleted_at:
        post.deleted_at = None
        changes.restate(post)


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a record of a known post is to be believed."""

    # Not seen before what we hold.
    newer: bool
    # Not only its text, but all its content.
    rest: bool = True
    # A new text is an edit of the old one, and leaves a revision.
    edited: bool = True
    # It is the first item of an album that was known by another: the publication is its.
    renames: bool = False


def look_at_content(changes: Changes, post: StoredPost, content: Content, trust: Trust) -> datetime | None:
    """Compare content with the post's; returns the date it was credited under if its publication is now corrected."""
    record, held, source = content.record, post.content_source, changes.source
    if (
        content.text_hash == post.text_hash
        and content.content_hash == post.content_hash
        and record.date == post.published_at
    ):
        return None
    text_differs = content.text_hash != post.text_hash
    text = text_differs and takes_text(record, source=source, held=held, newer=trust.newer)
    rest = (
        trust.rest
        and content.content_hash != post.content_hash
        and takes_content(record, source=source, held=held, newer=trust.newer)
    )
    if rest and not text and text_differs:
        rest = content_rank(source) > content_rank(held)
    if text or rest:
        changes.content.append(_content_change(changes, post, content, text=text, rest=rest, edited=trust.edited))
        changes.changed.add(post.id)
    elif text_differs and not trust.newer:
        _keep_late_text(changes, post, content)
    mine, theirs = content_rank(source), content_rank(held)
    if record.date == post.published_at or not trust.rest or not (mine > theirs or (trust.renames and mine == theirs)):
        return None
    credited, post.published_at = post.published_at, record.date
    changes.move_publication(credited, record.date)
    changes.restate(post)
    return credited


def _content_change(
    changes: Changes, post: StoredPost, content: Content, *, text: bool, rest: bool, edited: bool
) -> ContentChange:
    mine, theirs = text_rank(changes.source), text_rank(post.content_source)
    is_later = post.text_at is None or changes.observed_at > post.text_at
    revision = text and edited and is_later and post.content_source != Source.PREVIEW
    return ContentChange(post, content, text=text, rest=rest, revision=revision, loose=mine != theirs)


def _keep_late_text(changes: Changes, post: StoredPost, content: Content) -> None:
    """A text from before the one we hold goes to the ledger of edits."""
    same_weight = text_rank(changes.source) == text_rank(post.content_source)
    if same_weight and post.text_at is not None and changes.observed_at < post.text_at and content.record.text:
        changes.late_texts.append((post.id, content.record.text, content.text_hash, changes.observed_at, post.text_at))


def delete(changes: Changes, post: StoredPost, at: datetime) -> bool:
    """Telegram proved that the post was gone at this moment; False when we knew, or saw it later than that."""
    if post.deleted_at is not None or (post.seen_at or post.first_seen_at) > at:
        return False
    post.deleted_at, post.next_poll_at = at, None
    changes.restate(post)
    return True
