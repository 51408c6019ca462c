"""What the product does all day, done by several threads through a pooler that has fewer connections than they.

Run in a process of its own, whose environment names the pooler; prints the number of rounds.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import django

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
ROUNDS, THREADS = 6, 4


def work(number: int) -> int:
    """Ingest with a late reading, packing, due work, a repair and a read of everything through a server's cursor."""
    from django.db import connection, transaction

    from channels_app.cells import check_invariant, recompute_dirty_cells, repair_channel
    from channels_app.ingest import ingest_messages
    from channels_app.models import Channel, CollectKind, CollectTask, Post
    from channels_app.packing import pack_posts
    from mtproto.records import Counters, MessageRecord, Source

    channel = Channel.objects.create(tg_id=5_000_000 + number, created_at=NOW)
    for hours, views in ((0, 10), (9, 90), (4, 40)):
        records = [
            MessageRecord(message, NOW - timedelta(days=50), "t", counters=Counters(views=views + message))
            for message in range(1, 40)
        ]
        ingest_messages(channel.pk, records, source=Source.MTPROTO, observed_at=NOW + timedelta(hours=hours))
    recompute_dirty_cells()
    posts = list(Post.objects.filter(channel=channel).values_list("pk", flat=True))
    if len(pack_posts(posts)) != len(posts) or check_invariant(channel.pk, deep=True):
        raise AssertionError(f"channel {channel.pk} does not add up")
    repair_channel(channel.pk)
    CollectTask.objects.create(channel=channel, kind=CollectKind.POLL, due_at=NOW)
    with transaction.atomic():
        tasks = CollectTask.objects.claim(owner=f"pooled {number}", lease=timedelta(minutes=1))
    if not all(task.complete(now=NOW) for task in tasks):
        raise AssertionError("a claim was lost")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute("SELECT id FROM channels_app_post WHERE channel_id = %s", [channel.pk])
        found = sum(len(rows) for rows in iter(lambda: cursor.fetchmany(7), []))
    if found != len(list(Post.objects.filter(channel=channel).iterator(chunk_size=5))):
        raise AssertionError("rows were lost")
    connection.close()
    return 1


def main() -> None:
    """All rounds, in parallel."""
    django.setup()
    with ThreadPoolExecutor(THREADS) as threads:
        print(sum(threads.map(work, range(ROUNDS * THREADS))))


if __name__ == "__main__":
    main()
