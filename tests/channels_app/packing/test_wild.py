"""Whatever comes in whatever order: a channel that is packed and written in prepared batches reads as its twin."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.cells import recompute_dirty_cells, repair_channel
from channels_app.ingest import Prepared, ingest_messages, ingest_poll, mark_deleted, write_prepared
from channels_app.models import Channel, ChannelHour, Post
from channels_app.packing import pack_posts
from mtproto.records import EmptyRecord, MessageRecord, Source
from tests.channels_app.ingest.seen import adds_up, latest, make_channel, message
from tests.channels_app.packing.curves import OPENED, read

pytestmark = pytest.mark.django_db

ALBUMS = {3: 77, 4: 77, 5: 77}
MAYBE = st.none() | st.integers(0, 30)
KINDS = st.none() | st.dictionaries(st.sampled_from(["👍", "🔥"]), st.integers(0, 9), max_size=2)


@st.composite
def records(draw: st.DrawFn, source: Source) -> MessageRecord:
    number = draw(st.integers(1, 6))
    grouped = ALBUMS.get(number)
    if grouped and source is not Source.MTPROTO and draw(st.booleans()):
        grouped = None
    return message(
        number,
        date=OPENED + timedelta(minutes=number),
        grouped_id=grouped,
        text=draw(st.sampled_from(["", f"text of {number}", "edited"])),
        views=draw(MAYBE), forwards=draw(MAYBE), replies=draw(MAYBE), reactions=draw(KINDS),
        approximate=source is Source.PREVIEW,
    )  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> tuple[Any, ...]:
    at = OPENED + timedelta(minutes=draw(st.sampled_from([8, 20, 65, 70, 200, 3000, 60 * 24 * 20, 60 * 24 * 40])))
    what = draw(st.sampled_from(["page"] * 4 + ["poll", "delete", "pack", "pack", "recompute"]))
    source = draw(st.sampled_from([Source.MTPROTO, Source.MTPROTO, Source.PREVIEW, Source.IMPORT]))
    if what in {"page", "poll"}:
        source = Source.MTPROTO if what == "poll" else source
        page = draw(st.lists(records(source), min_size=1, max_size=5))
        empties = draw(st.lists(st.integers(1, 7), max_size=1)) if what == "poll" else []
        return what, at, source, [*page, *(EmptyRecord(n) for n in empties)]
    if what == "delete":
        return what, at, source, draw(st.lists(st.integers(1, 6), min_size=1, max_size=2))
    if what == "pack":
        return what, at, source, draw(st.booleans())
    return what, at, source, None


def rows(channel: Channel) -> dict[int, Any]:
    names = ["text", "item_ids", "counters_at", "counters_source", "exact_known", "counters_approximate", "seen_at",
             "text_at", "first_seen_at", "next_poll_at", "content_source", "reactions"]  # fmt: skip
    posts = Post.objects.filter(channel=channel).order_by("message_id")
    return {post.message_id: ([getattr(post, name) for name in names], read(post)) for post in posts}


def cells(channel: Channel) -> list[Any]:
    found = ChannelHour.objects.filter(channel=channel).order_by("hour")
    return [
        row for row in found.values_list("hour", "posts", "views", "forwards", "replies", "reactions") if any(row[1:])
    ]


def pack(channel: Channel, *, drop: bool) -> None:
    pack_posts(list(channel.posts.values_list("pk", flat=True)))
    if drop:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM channels_app_postsnapshot s USING channels_app_packedcurve k"
                " WHERE k.post_id = s.post_id AND s.observed_at <= k.last_at"
            )


def step(channel: Channel, one: tuple[Any, ...], *, packs: bool) -> Any:
    what, at, source, told = one
    if what == "page":
        if not packs:
            return ingest_messages(channel.pk, told, source=source, observed_at=at)
        prepared = Prepared(channel.pk, source=source, observed_at=at, rows=True)
        prepared.add(told[:2])
        prepared.add(told[2:])
        with transaction.atomic():
            return write_prepared(prepared)
    if what == "poll":
        return ingest_poll(channel.pk, [1, 2, 3, 4, 5, 6, 7], told, observed_at=at)
    if what == "delete":
        return mark_deleted(channel.pk, told, observed_at=at)
    if what == "recompute":
        recompute_dirty_cells(1000)
    elif packs:
        pack(channel, drop=told)
    return None


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps(), min_size=1, max_size=12))
def test_packed_channel_is_its_twin(taken: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        packed, plain = make_channel(), make_channel()
        for one in taken:
            assert step(packed, one, packs=True) == step(plain, one, packs=False)
            assert rows(packed) == rows(plain)
            adds_up(packed)
        assert latest(packed) == latest(plain)
        assert cells(packed) == cells(plain)
        before = rows(packed), cells(packed), latest(packed)
        repair_channel(packed.pk)
        assert (rows(packed), cells(packed), latest(packed)) == before
        transaction.set_rollback(True)
