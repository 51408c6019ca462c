"""Ingest against bare COPY into the same keyed table, batch sizes, and the poll of 90 posts.

Both sides run in this process, on the same connection, in turns; every figure is a median. Rows are made up here, with
the mix of a news channel: 400 characters of text, a link in every second post, reactions on two of three.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from channels_app.ingest import ingest_messages, ingest_poll
from channels_app.ingest.rows import POST_COLUMNS
from channels_app.models import Channel
from mtproto.records import Counters, Entity, MessageRecord, Reference, ReferenceKind, Source

ROUNDS = 9
PAGE = 1000
POLLED = 90
# The present: of looks in months long past ingest asks whether the month is still there.
NOW = datetime.now(UTC).replace(microsecond=0)
_TEXT = "Yangi narxlar eʼlon qilindi: подробности в канале, see below.\n" * 7


def records(first: int, count: int, *, gained: int = 0) -> list[MessageRecord]:
    """Messages `first`, …, an hour apart, the last far from NOW; `gained` views more than the first time."""
    return [
        MessageRecord(
            message_id=number,
            date=NOW - timedelta(days=30) - timedelta(hours=number),
            text=f"{number}. {_TEXT}",
            counters=Counters(
                views=number * 7 % 5000 + gained,
                forwards=number % 50,
                replies=number % 9,
                reactions={"👍": number % 70, "🔥": 3} if number % 3 else None,
            ),
            entities=(Entity("bold", 0, 12), Entity("text_url", 20, 8, "https://example.org/a")),
            references=(Reference(ReferenceKind.HIDDEN_LINK, url="https://example.org/a"),) if number % 2 else (),
        )
        for number in range(first, first + count)
    ]


def _channel() -> int:
    return Channel.objects.create(tg_id=time.time_ns() % 10**15, title="bench", created_at=NOW).pk


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _copy_lines(source: int, target: int) -> bytes:
    """The rows of a channel as COPY text, for another channel and with new ids."""
    columns = POST_COLUMNS.replace("id, channel_id,", f"nextval('channels_app_post_id_seq'), {target},", 1)
    with connection.cursor() as cursor:
        sql = f"COPY (SELECT {columns} FROM channels_app_post WHERE channel_id = {source}) TO STDOUT"
        with cursor.copy(sql) as copy:
            return b"".join(bytes(block) for block in copy)


def _bare_copy(lines: bytes) -> None:
    sql = f"COPY channels_app_post ({POST_COLUMNS}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.write(lines)


def fresh_against_copy(size: int) -> tuple[float, float]:
    """(seconds of a full ingest, seconds of COPY) of one page of `size` new posts, medians."""
    full, bare = [], []
    for _ in range(ROUNDS):
        here, there = _channel(), _channel()
        page = records(1, size)
        full.append(_timed(lambda: ingest_messages(here, page, source=Source.MTPROTO, observed_at=NOW)))  # noqa: B023
        lines = _copy_lines(here, there)
        bare.append(_timed(lambda: _bare_copy(lines)))  # noqa: B023
    return statistics.median(full), statistics.median(bare)


def history(size: int, *, total: int = 10_000) -> float:
    """Posts per second of a whole history in batches of `size`, processor time of this process in the same unit."""
    channel = _channel()
    pages = [records(first, size) for first in range(1, total, size)]

    def run() -> None:
        for page in pages:
            ingest_messages(channel, page, source=Source.MTPROTO, observed_at=NOW)

    return total / _timed(run)


def poll(*, changed: bool) -> float:
    """Seconds of one poll of 90 posts, commit included, and of the processor here and in the database's process."""
    channel = _channel()
    ingest_messages(channel, records(1, 1000), source=Source.MTPROTO, observed_at=NOW)
    seconds = []
    for turn in range(1, 41):
        answer = records(1, POLLED, gained=turn if changed else 0)
        at = NOW + timedelta(minutes=5 * turn)
        ids = [record.message_id for record in answer]
        seconds.append(_timed(lambda: ingest_poll(channel, ids, answer, observed_at=at)))  # noqa: B023
    return statistics.median(seconds[5:])


def run() -> dict[str, float]:
    """Print and return the figures; cleans up after itself."""
    figures: dict[str, float] = {}
    fresh_against_copy(PAGE)
    for size in (90, 1000):
        full, bare = fresh_against_copy(size)
        figures[f"ingest / COPY, {size} rows"] = bare / full
        print(f"full ingest of {size} new posts {full * 1000:.1f} ms, COPY {bare * 1000:.1f} ms: {bare / full:.2f}")
    for size in (100, 500, 1000):
        cpu = time.process_time()
        rate = history(size)
        cpu = time.process_time() - cpu
        figures[f"posts/s in batches of {size}"] = rate
        print(f"history in batches of {size}: {rate:,.0f} posts/s, {cpu * 100:.0f} us processor time here a post")
    for changed in (True, False):
        name = f"poll of {POLLED}, {'all' if changed else 'none'} changed, ms"
        figures[name] = poll(changed=changed) * 1000
        print(f"{name}: {figures[name]:.2f}")
    _clean()
    return figures


def _clean() -> None:
    bench = Channel.objects.filter(title="bench")
    with connection.cursor() as cursor:
        ids = list(bench.values_list("pk", flat=True))
        for table in ("channelhour", "channelday", "postreference"):
            cursor.execute(f"DELETE FROM channels_app_{table} WHERE channel_id = ANY(%s)", [ids])
        cursor.execute(
            "DELETE FROM channels_app_postsnapshot WHERE post_id IN"
            " (SELECT id FROM channels_app_post WHERE channel_id = ANY(%s))",
            [ids],
        )
        cursor.execute("DELETE FROM channels_app_post WHERE channel_id = ANY(%s)", [ids])
    bench.delete()
