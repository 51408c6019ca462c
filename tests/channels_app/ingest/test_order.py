"""Whatever the order, the cutting into pages and the repetition: the same posts, latest counters and sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from channels_app.cells import recompute_dirty_cells
from channels_app.models import Channel, ChannelHour
from mtproto.records import MessageRecord, Source
from tests.channels_app.ingest.seen import NOW, adds_up, latest, make_channel, message, see, totals

pytestmark = pytest.mark.django_db

# Message id → album, and hours from publication to the first look: some posts are young when first seen.
ALBUMS = {3: 77, 4: 77, 5: 77, 8: 88, 9: 88}
AGES = {1: 0, 2: 1, 3: 0, 4: 0, 5: 0, 6: 30, 7: 500, 8: 40, 9: 40, 10: 2}
FIRST_LOOK = NOW

Page = tuple[datetime, Source, tuple[MessageRecord, ...]]
SINGLES = sorted(AGES.keys() - ALBUMS.keys())


@dataclass(frozen=True)
class Seen:
    """Pages in order of time, and the same cut up, shuffled and partly repeated."""

    in_order: tuple[Page, ...]
    shuffled: tuple[Page, ...]
    # Both begin with it: every item of every album, looked at together.
    first: tuple[Page, ...] = ()


def _told(pages: tuple[Page, ...]) -> str:
    lines = []
    for at, source, records in pages:
        looks = [(r.message_id, r.counters.views, r.counters.forwards, r.counters.reactions) for r in records]
        lines.append(f"  {at:%d %H:%M} {source} {looks}")
    return "\n".join(lines)


count = st.integers(0, 40)
kinds_counted = st.dictionaries(st.sampled_from(["👍", "🔥", "custom:5", "paid"]), st.integers(0, 9), max_size=3)


@st.composite
def looks(draw: st.DrawFn, *, albums_first: bool) -> Seen:
    pages: list[Page] = []
    at = FIRST_LOOK
    # Which counters a single post has at all: comments may be off, reactions forbidden.
    has = {number: draw(st.tuples(*[st.booleans()] * 4)) for number in SINGLES}
    whole = tuple(draw(_record(number, has, abbreviated=False)) for number in sorted(ALBUMS))
    first: tuple[Page, ...] = ((at, Source.MTPROTO, whole),) if albums_first else ()
    for _ in range(draw(st.integers(1, 5))):
        at += timedelta(minutes=draw(st.sampled_from([1, 20, 59, 60, 61, 700])))
        source = draw(st.sampled_from([Source.MTPROTO, Source.MTPROTO, Source.PREVIEW]))
        known = sorted(AGES) if source is Source.MTPROTO else SINGLES
        ids = draw(st.lists(st.sampled_from(known), min_size=1, max_size=7, unique=True))
        abbreviated = source is Source.PREVIEW
        pages.append((at, source, tuple(draw(_record(number, has, abbreviated=abbreviated)) for number in sorted(ids))))
    pieces: list[Page] = []
    for when, source, records in pages:
        size = draw(st.integers(1, 4))
        pieces += [(when, source, records[first : first + size]) for first in range(0, len(records), size)]
    again = draw(st.lists(st.sampled_from(pieces), max_size=3))
    return Seen(tuple(pages), tuple(draw(st.permutations(pieces + again))), first)


@st.composite
def _record(draw: st.DrawFn, number: int, has: dict[int, tuple[bool, ...]], *, abbreviated: bool) -> MessageRecord:
    # A look tells all counters that there are, as Telegram does, or none: their time is kept for all of them together.
    told = draw(st.none() | st.tuples(count, count, count, kinds_counted))
    mask = has.get(number, (True,) * 4)
    views, forwards, replies, counted = told or (None, None, None, None)
    return message(
        number,
        date=FIRST_LOOK - timedelta(hours=AGES[number]),
        grouped_id=ALBUMS.get(number),
        text="" if number in (3, 9) else f"text of {number}",
        views=views if mask[0] else None,
        forwards=forwards if mask[1] else None,
        replies=replies if mask[2] else None,
        reactions=counted if mask[3] else None,
        approximate=abbreviated,
    )


def ingested(pages: Sequence[Page]) -> Channel:
    channel = make_channel()
    for at, source, records in pages:
        see(channel, *records, at=at, source=source)
        adds_up(channel)
    return channel


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(looks(albums_first=True))
def test_order_cutting_and_repetition_change_nothing(seen: Seen) -> None:
    note(f"in order:\n{_told(seen.in_order)}\nshuffled:\n{_told(seen.shuffled)}")
    expected, found = ingested(seen.first + seen.in_order), ingested(seen.first + seen.shuffled)

    assert latest(found) == latest(expected)
    assert totals(found) == totals(expected)
    recompute_dirty_cells(10_000)
    assert not ChannelHour.objects.filter(dirty=True).exists()
    assert adds_up(found)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(looks(albums_first=False))
def test_order_of_first_looks_at_items_moves_counts_only_between_hours_and_baselines(seen: Seen) -> None:
    note(f"in order:\n{_told(seen.in_order)}\nshuffled:\n{_told(seen.shuffled)}")
    expected, found = ingested(seen.in_order), ingested(seen.shuffled)

    counted = [[post[:8] for post in latest(channel)] for channel in (expected, found)]
    assert counted[0] == counted[1]
    for name in ("views", "forwards", "replies", "reactions"):
        sums = [totals(channel)[name] + totals(channel)[f"baseline_{name}"] for channel in (expected, found)]
        assert sums[0] == sums[1]
    recompute_dirty_cells(10_000)
    assert adds_up(found)
