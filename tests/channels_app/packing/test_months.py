"""Months of snapshots: scheduled, packed in slices, kept while anything is open, dropped when nothing needs them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings

from channels_app.models import PackedCurve, Post, PostSnapshot, SnapshotMonth
from channels_app.packing import months, pack_posts
from channels_app.packing.months import schedule_months, work_on_months
from channels_app.partitions import (
    drop_partition,
    ensure_months,
    forget_partitions,
    hold_month,
    list_partitions,
    partition_of,
)
from tests.channels_app.ingest.seen import adds_up, make_channel, message, see
from tests.channels_app.packing.curves import OPENED, Told, make_post, read, write_snapshots

pytestmark = pytest.mark.django_db

JANUARY = partition_of((2026, 1))
DUE = JANUARY.end + timedelta(days=31)
LATER = JANUARY.end + timedelta(days=70)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def work_on_january(now: datetime, *, budget: timedelta = timedelta(minutes=1)) -> SnapshotMonth:
    """Do what is due on the month, as if `now` had come."""
    schedule_months(now=now)
    due = SnapshotMonth.objects.filter(month=date(2026, 1, 1), due_at__lte=now)
    SnapshotMonth.objects.exclude(month=date(2026, 1, 1)).update(due_at=None)
    due.update(due_at=datetime(2026, 1, 1, tzinfo=UTC))
    work_on_months(clock=at(now), budget=budget)
    return SnapshotMonth.objects.get(month=date(2026, 1, 1))


def posts_with_curves(count: int) -> list[Post]:
    channel = make_channel()
    posts = [make_post(channel) for _ in range(count)]
    for number, post in enumerate(posts):
        write_snapshots(post, [Told(timedelta(hours=step), views=number + step) for step in range(5)])
    return posts


def is_there() -> bool:
    return JANUARY in list_partitions()


def test_month_is_due_a_month_after_its_end_once() -> None:
    posts_with_curves(1)

    assert schedule_months(now=OPENED) >= 1
    assert schedule_months(now=OPENED) == 0
    row = SnapshotMonth.objects.get(month=date(2026, 1, 1))
    assert (row.due_at, row.packed_at) == (DUE, None)


def test_closed_month_is_packed_and_dropped_and_reads_the_same() -> None:
    posts = posts_with_curves(7)
    before = [read(post) for post in posts]

    packed = work_on_january(DUE)
    assert (packed.packed_at, packed.packed_posts, packed.due_at) == (DUE, 7, JANUARY.end + timedelta(days=65))
    assert PackedCurve.objects.count() == 7
    assert is_there()

    dropped = work_on_january(LATER)
    assert (dropped.dropped_at, dropped.due_at, is_there()) == (LATER, None, False)
    assert [read(post) for post in posts] == before


def test_month_stays_as_long_as_the_setting_says() -> None:
    posts_with_curves(1)
    with override_settings(SNAPSHOT_RAW_DAYS=365):
        work_on_january(DUE)
        row = work_on_january(LATER)

    assert (row.dropped_at, is_there()) == (None, True)


def test_slices_go_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "POSTS_AT_ONCE", 2)
    posts = posts_with_curves(5)

    first = work_on_january(DUE, budget=timedelta(0))
    assert (first.cursor, first.packed_at) == (posts[1].pk, None)
    for _ in range(3):
        last = work_on_january(DUE, budget=timedelta(0))
    assert (last.packed_posts, last.packed_at) == (5, DUE)


def test_kill_in_the_middle_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "POSTS_AT_ONCE", 2)
    posts = posts_with_curves(5)
    before = [read(post) for post in posts]
    real, calls = pack_posts, []

    def killed(post_ids: list[int]) -> list[int]:
        found = real(post_ids)
        calls.append(found)
        if len(calls) == 2:
            raise KeyboardInterrupt  # packed, not committed
        return found

    monkeypatch.setattr(months, "pack_posts", killed)
    with pytest.raises(KeyboardInterrupt):
        work_on_january(DUE)
    row = SnapshotMonth.objects.get(month=date(2026, 1, 1))
    assert (row.cursor, PackedCurve.objects.count()) == (posts[1].pk, 2)
    assert [read(post) for post in posts] == before

    SnapshotMonth.objects.update(leased_until=None)
    row = work_on_january(DUE)
    assert (row.packed_at, row.packed_posts) == (DUE, 5)
    assert [read(post) for post in posts] == before


def test_open_post_keeps_its_month() -> None:
    done, still_polled = posts_with_curves(2)
    Post.objects.filter(pk=still_polled.pk).update(next_poll_at=DUE)

    row = work_on_january(DUE)
    assert (row.packed_at, row.due_at) == (None, DUE + timedelta(days=1))
    assert list(PackedCurve.objects.values_list("pk", flat=True)) == [done.pk]

    # Nobody polls it any more: after 60 days it counts as closed.
    row = work_on_january(OPENED + timedelta(days=61))
    assert row.packed_at == OPENED + timedelta(days=61)


def test_snapshot_that_came_after_packing_keeps_its_month() -> None:
    (post,) = posts_with_curves(1)
    work_on_january(DUE)
    write_snapshots(post, [Told(timedelta(days=3), views=50)])
    before = read(post)

    row = work_on_january(LATER)
    assert (row.dropped_at, row.packed_at, is_there()) == (None, None, True)
    work_on_january(LATER)
    row = work_on_january(LATER)
    assert (row.dropped_at, is_there()) == (LATER, False)
    assert read(post) == before


def test_late_reading_brings_a_dropped_month_back_and_it_goes_again() -> None:
    channel = make_channel()
    first, second = OPENED, OPENED + timedelta(hours=6)
    see(channel, message(1, date=first, views=10), at=first)
    see(channel, message(1, date=first, views=30), at=second)
    Post.objects.update(next_poll_at=None)
    work_on_january(DUE)
    work_on_january(LATER)
    assert not is_there()

    see(channel, message(1, date=first, views=20), at=OPENED + timedelta(hours=3))

    post = Post.objects.get(channel=channel)
    assert [row[3] for row in read(post)] == [10, 20, 30]
    assert is_there()
    assert adds_up(channel)
    Post.objects.update(next_poll_at=None)
    for _ in range(2):
        row = work_on_january(LATER)
    assert (row.dropped_at, is_there()) == (LATER, False)
    assert [row[3] for row in read(post)] == [10, 20, 30]


def test_month_that_was_found_dropped_comes_back_with_a_late_reading() -> None:
    posts_with_curves(1)
    schedule_months(now=DUE)
    with transaction.atomic():
        drop_partition(JANUARY)
    assert work_on_january(LATER).due_at is None

    posts_with_curves(1)
    schedule_months(now=LATER)

    assert SnapshotMonth.objects.get(month=date(2026, 1, 1)).due_at == LATER


def test_orphans_of_posts_that_are_gone_do_not_keep_a_month() -> None:
    (post,) = posts_with_curves(1)
    post.delete()
    work_on_january(DUE)

    assert work_on_january(LATER).dropped_at == LATER


@pytest.mark.django_db(transaction=True)
def test_month_that_is_being_written_to_is_dropped_later() -> None:
    import threading

    posts_with_curves(1)
    work_on_january(DUE)
    writing, dropped = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                ensure_months([(2026, 1)])
                writing.set()
                dropped.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert writing.wait(20)
        row = work_on_january(LATER)
        assert (row.dropped_at, row.due_at, row.attempts) == (None, LATER + timedelta(minutes=10), 0)
    finally:
        dropped.set()
        thread.join()
    SnapshotMonth.objects.update(due_at=LATER)
    assert work_on_january(LATER).dropped_at == LATER
    assert not PostSnapshot.objects.filter(observed_at__range=(JANUARY.start, JANUARY.end)).exists()


def test_holding_a_month_waits_for_nobody_long() -> None:
    with transaction.atomic():
        hold_month((2026, 1))
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("800ms",)


@pytest.mark.django_db(transaction=True)
def test_who_waited_for_a_month_that_was_dropped_makes_it_anew() -> None:
    import threading

    forget_partitions()
    with transaction.atomic():
        ensure_months([(2024, 1)])
    month, waiting = partition_of((2024, 1)), threading.Event()

    def drop() -> None:
        try:
            with transaction.atomic():
                hold_month((2024, 1))
                waiting.set()
                deadline = datetime.now(UTC) + timedelta(seconds=20)
                with connection.cursor() as cursor:
                    while not _waits_for_a_month(cursor):
                        assert datetime.now(UTC) < deadline
                        cursor.execute("SELECT pg_sleep(0.01)")
                drop_partition(month)
        finally:
            connection.close()

    thread = threading.Thread(target=drop)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [month.name])  # from here on this connection knows the name
        thread.start()
        try:
            assert waiting.wait(20)
            assert ensure_months([(2024, 1)]) == [month.name]
        finally:
            thread.join()
        cursor.execute(
            "INSERT INTO channels_app_postsnapshot (post_id, observed_at, source, approximate)"
            " VALUES (1, %s, 'import', false)",
            [month.start],
        )
        transaction.set_rollback(True)


def _waits_for_a_month(cursor: Any) -> bool:
    cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND mode = 'ShareLock'")
    return cursor.fetchone() is not None
