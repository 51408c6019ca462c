"""Names with their history, subscribers over time, rows that turn out to be one channel."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from channels_app.ingest import ChannelGone, ChannelMismatch, ingest_channel, merge_channels
from channels_app.models import (
    Channel,
    ChannelFactChange,
    DailyFact,
    Post,
    Relation,
    SubscriberSample,
    TrackedChannel,
)
from mtproto.records import ChannelRecord, PeerKind, Source
from tests.channels_app.ingest.seen import NOW, adds_up, make_channel, message, post_of, see
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def record(channel: Channel, **values: Any) -> ChannelRecord:
    return replace(ChannelRecord(tg_id=channel.tg_id or 77, kind=PeerKind.CHANNEL, title="Shop"), **values)


def told(channel: Channel, at: Any = NOW, source: Source = Source.MTPROTO, **values: Any) -> Any:
    return ingest_channel(channel.pk, record(channel, **values), source=source, observed_at=at)


def changes(channel: Channel) -> list[tuple[object, ...]]:
    rows = ChannelFactChange.objects.filter(channel=channel).order_by("observed_at", "field")
    return list(rows.values_list("field", "old", "new"))


def test_first_telling_is_no_change_and_later_ones_are() -> None:
    channel = make_channel()

    first = told(channel, username="Shop", about="We sell")
    again = told(channel, NOW + HOUR, username="shop", about="We sell")
    told(channel, NOW + 2 * HOUR, title="Shop 2", username="shop2", about=None)

    assert set(first.changed_fields) == {"title", "username", "about"}
    assert again.changed_fields == ()
    assert changes(channel) == [("title", "Shop", "Shop 2"), ("username", "shop", "shop2")]
    channel.refresh_from_db()
    assert (channel.title, channel.username, channel.about, channel.version) == ("Shop 2", "shop2", "We sell", 2)


def test_older_telling_overwrites_nothing() -> None:
    channel = make_channel()
    told(channel, title="New", subscribers=200)

    told(channel, NOW - HOUR, Source.IMPORT, title="Old", about="Filled in", subscribers=100)

    channel.refresh_from_db()
    assert (channel.title, channel.about, channel.subscribers, changes(channel)) == ("New", "Filled in", 200, [])
    assert SubscriberSample.objects.count() == 2


def test_subscribers_are_sampled_on_change_and_once_a_day() -> None:
    channel = make_channel()
    counts = [(0, 100), (1, 100), (2, 103), (12, 103), (13, 103)]

    sampled = [told(channel, NOW + hours * HOUR, subscribers=count).sampled for hours, count in counts]

    assert sampled == [True, False, True, True, False]
    days = DailyFact.objects.order_by("day").values_list("day", "source", "subscribers")
    assert list(days) == [(date(2026, 3, 10), "mtproto", 103), (date(2026, 3, 11), "mtproto", 103)]
    channel.refresh_from_db()
    assert (channel.subscribers, channel.subscribers_at) == (103, NOW + 13 * HOUR)


def test_abbreviated_subscribers_stand_back_behind_exact_ones_until_those_are_old() -> None:
    channel = make_channel()
    told(channel, subscribers=1234)

    told(channel, NOW + HOUR, Source.PREVIEW, subscribers=1200)
    channel.refresh_from_db()
    assert (channel.subscribers, channel.subscribers_approximate) == (1234, False)

    told(channel, NOW + timedelta(days=9), Source.PREVIEW, subscribers=1500)
    channel.refresh_from_db()
    assert (channel.subscribers, channel.subscribers_approximate, channel.subscribers_source) == (1500, True, "preview")


def test_username_that_moved_is_freed_where_it_was() -> None:
    old, new = make_channel(username="shop"), make_channel()

    told(new, username="Shop")

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.username, new.username, old.version) == (None, "shop", 1)
    assert changes(old) == [("username", "shop", None)]


def test_row_of_another_channel_is_not_overwritten() -> None:
    channel = make_channel(username="shop")

    with pytest.raises(ChannelMismatch):
        told(channel, tg_id=5)


def test_pending_row_becomes_the_known_channel() -> None:
    known = make_channel(username="old_name")
    pending = Channel.objects.create(username="new_name", created_at=NOW)
    both, one = make_workspace(), make_workspace()
    TrackedChannel.objects.create(workspace=both, channel=known, created_at=NOW)
    for workspace in (both, one):
        TrackedChannel.objects.create(workspace=workspace, channel=pending, relation=Relation.OWNED, created_at=NOW)

    result = told(pending, tg_id=known.tg_id, username="new_name")

    assert (result.channel_id, result.merged_from) == (known.pk, pending.pk)
    assert not Channel.objects.filter(pk=pending.pk).exists()
    trackings = TrackedChannel.objects.filter(channel=known).order_by("workspace")
    assert list(trackings.values_list("workspace", "relation")) == [(both.pk, "owned"), (one.pk, "owned")]
    known.refresh_from_db()
    assert known.username == "new_name"


def test_imported_posts_move_with_the_merge() -> None:
    known, imported = make_channel(), Channel.objects.create(username="shop", created_at=NOW)
    see(known, message(1, views=10))
    see(imported, message(1, views=9), message(2, views=5), source=Source.IMPORT)
    see(imported, *(message(n, views=n, grouped_id=4) for n in (5, 6)), source=Source.IMPORT)

    merge_channels(imported.pk, into_id=known.pk)

    assert list(Post.objects.order_by("message_id").values_list("message_id", "views")) == [(1, 10), (2, 5), (5, 6)]
    assert adds_up(known)
    see(known, *(message(n, views=n + 4, grouped_id=4) for n in (5, 6)), at=NOW + HOUR)
    assert (post_of(known, 5).views, adds_up(known)) == (10, True)


def test_row_that_is_not_there() -> None:
    with pytest.raises(ChannelGone):
        ingest_channel(10**9, record(make_channel()), source=Source.MTPROTO, observed_at=NOW)
