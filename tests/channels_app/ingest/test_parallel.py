"""Two writers of one channel take turns, two channels go side by side; partitions are made once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from channels_app.ingest import ingest_messages
from channels_app.models import Channel, Post, PostSnapshot
from channels_app.partitions import (
    ensure_months,
    ensure_partitions,
    forget_partitions,
    list_partitions,
    month_of,
    partition_of,
)
from mtproto.records import Source
from tests.channels_app.ingest.seen import NOW, adds_up, hours, make_channel, message, see

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30  # seconds


def in_threads(*works: Callable[[], object]) -> list[object]:
    """Run all at once, each on a connection of its own."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            start.wait(PATIENCE)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_writers_of_one_channel_count_nothing_twice() -> None:
    channel = make_channel()

    def write(views: int) -> Callable[[], None]:
        def run() -> None:
            for turn in range(8):
                at = NOW + timedelta(minutes=turn)
                page = [message(n, date=NOW, views=turn * 10, grouped_id=7 if n < 3 else None) for n in range(1, 9)]
                ingest_messages(channel.pk, page[views % 2 :], source=Source.MTPROTO, observed_at=at)

        return run

    in_threads(write(0), write(1))

    assert Post.objects.filter(channel=channel).count() == 7
    assert (hours(channel), adds_up(channel)) == ({"10 12": 490}, True)


def test_two_channels_do_not_wait_for_each_other() -> None:
    # Made ahead, as beat does: making a month's partition is the one thing that channels wait for.
    ensure_months({month_of(NOW)})
    first, second = make_channel(), make_channel()
    written, finish = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            see(first, message(1, views=1))
            written.set()
            assert finish.wait(PATIENCE)

    def go() -> None:
        assert written.wait(PATIENCE)
        try:
            see(second, message(1, views=1))
        finally:
            finish.set()

    in_threads(hold, go)

    assert Channel.objects.filter(version=1).count() == 2


def test_partitions_are_made_ahead_once_and_by_old_observations() -> None:
    channel, old = make_channel(), datetime(2019, 12, 31, 23, 59, tzinfo=UTC)
    forget_partitions()

    made = in_threads(*[lambda: ensure_partitions(datetime(2018, 11, 5, tzinfo=UTC))] * 3)
    see(channel, message(1, date=old, views=1), at=old, source=Source.IMPORT)
    see(channel, message(1, date=old, views=2), at=old + timedelta(minutes=2), source=Source.IMPORT)

    names = [f"channels_app_postsnapshot_{month}" for month in ("2018_11", "2018_12", "2019_01", "2019_02")]
    assert sorted(name for part in made for name in part) in (names, [])  # type: ignore[attr-defined]
    present = list_partitions()
    assert {partition_of((2019, 12)), partition_of((2020, 1))} <= set(present)
    assert set(names) <= {partition.name for partition in present}
    assert [partition.start for partition in present] == sorted(partition.start for partition in present)
    assert PostSnapshot.objects.filter(post_id__in=channel.posts.values("pk")).count() == 2
