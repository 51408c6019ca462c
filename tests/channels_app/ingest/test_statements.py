"""How many statements a call costs, whatever the number of posts."""

from datetime import timedelta
from typing import Any

import pytest

from channels_app.ingest import ingest_poll
from tests.channels_app.ingest.seen import NOW, make_channel, message, see

# Committed, so that neither savepoints nor the search for the month's partition are in the count.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("count", [3, 300])
def test_page_of_new_posts_and_an_album(count: int, django_assert_num_queries: Any) -> None:
    channel = make_channel()
    see(channel, message(10_000, views=1))
    page = [message(number, views=1, grouped_id=5 if number < 3 else None) for number in range(1, count + 1)]

    # BEGIN, the lock with posts, items, new ids, the hold on a past month, COPY of posts and of snapshots, album items,
    # cells with version, COMMIT.
    with django_assert_num_queries(10):
        see(channel, *page)


@pytest.mark.parametrize("count", [1, 90])
def test_poll_of_changed_posts(count: int, django_assert_num_queries: Any) -> None:
    channel = make_channel()
    see(channel, *(message(number, views=1) for number in range(1, count + 1)))
    page = [message(number, views=2) for number in range(1, count + 1)]

    # BEGIN, the lock with posts, the hold on a past month, snapshots with counters and cells, COMMIT.
    with django_assert_num_queries(5):
        ingest_poll(channel.pk, list(range(1, count + 1)), page, observed_at=NOW + timedelta(hours=1))


def test_replay_only_reads(django_assert_num_queries: Any) -> None:
    channel = make_channel()
    page = [message(number, views=1) for number in range(1, 100)]
    see(channel, *page)

    # BEGIN, the lock with posts, COMMIT.
    with django_assert_num_queries(3):
        see(channel, *page)
