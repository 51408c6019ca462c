"""Records made into rows before the lock: what is new is decided under it, and the rows are those of any other way."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection, transaction

from channels_app.ingest import ChannelGone, Prepared, write_prepared
from channels_app.ingest.store import fetch
from channels_app.models import Channel, Post, PostReference, PostSnapshot
from mtproto.records import (
    AnyMessage,
    EmptyRecord,
    Entity,
    ForwardHeader,
    MediaKind,
    PollRecord,
    Reference,
    ReferenceKind,
    ServiceRecord,
    Source,
)
from tests.channels_app.ingest.seen import LONG_AGO, NOW, adds_up, latest, make_channel, message, see
from tests.channels_app.ingest.test_parallel import PATIENCE, in_threads

pytestmark = pytest.mark.django_db(transaction=True)

LINK = Reference(ReferenceKind.HIDDEN_LINK, "https://example.org/a\\b", "someone", 5)
PAGE: list[AnyMessage] = [
    message(1, text="tab\tand\nline \\N \\. 👍", views=5, forwards=0, reactions={"👍": 2, "\\": 1}),
    message(2, text="", media_kind=MediaKind.PHOTO, silent=True, pinned=True, hashtags=("a,b", 'c"\\d', "e}")),
    message(3, date=NOW - timedelta(minutes=5), views=7, replies=1, approximate=True),
    message(4, views=1, entities=(Entity("text_url", 0, 3, "https://example.org/\t"),), references=(LINK, LINK)),
    message(5, grouped_id=77, views=3, text="of an album"),
    message(6, grouped_id=77, views=4, text=""),
    ServiceRecord(7, LONG_AGO, "pin_message"),
    EmptyRecord(8),
    message(
        9, forward=ForwardHeader(LONG_AGO, 42, "na\tme", 3), poll=PollRecord("q\n", (("a", None),), 3, closed=True)
    ),
    message(10, date=datetime(2014, 5, 5, 1, 2, 3, 456, tzinfo=UTC), post_author="", reply_to=3, edit_date=LONG_AGO),
]


def prepared_page(channel: Channel, *pages: list[AnyMessage], at: datetime = NOW) -> Prepared:
    """The pages made ready."""
    prepared = Prepared(channel.pk, source=Source.MTPROTO, observed_at=at, rows=True)
    for page in pages:
        prepared.add(page)
    return prepared


def stored(channel: Channel) -> list[list[tuple[object, ...]]]:
    """All rows of a channel, without keys."""
    own = {"id", "channel", "post", "pk"}
    found = []
    for rows, order in (
        (Post.objects.filter(channel=channel), ["message_id"]),
        (PostSnapshot.objects.filter(post_id__in=channel.posts.values("pk")), ["observed_at", "views", "forwards"]),
        (PostReference.objects.filter(channel=channel), ["url", "kind"]),
    ):
        names = [f.attname for f in rows.model._meta.concrete_fields if f.name not in own and f.name != "post_id"]
        found.append(list(rows.order_by(*order).values_list(*names)))
    return found


def write_whole(prepared: Prepared) -> object:
    """In a transaction of its own."""
    with transaction.atomic():
        return write_prepared(prepared)


def test_rows_are_the_same_as_without_preparation() -> None:
    first, second = make_channel(), make_channel()

    see(first, *PAGE)
    result = write_whole(prepared_page(second, PAGE[:4], PAGE[4:]))

    assert stored(first) == stored(second)
    assert (adds_up(second), latest(first)) == (True, latest(second))
    assert result == see(make_channel(), *PAGE)


def test_written_again_changes_nothing() -> None:
    channel = make_channel()
    prepared = prepared_page(channel, PAGE)
    write_whole(prepared)
    before = stored(channel)
    channel.refresh_from_db()
    version = channel.version

    write_whole(prepared)
    write_whole(prepared_page(channel, PAGE))

    channel.refresh_from_db()
    assert (stored(channel), channel.version, adds_up(channel)) == (before, version, True)


def test_a_failed_transaction_leaves_it_to_be_written_again() -> None:
    channel = make_channel()
    prepared = prepared_page(channel, PAGE)
    with transaction.atomic():
        write_prepared(prepared)
        transaction.set_rollback(True)

    write_whole(prepared)

    assert (Post.objects.filter(channel=channel).count(), adds_up(channel)) == (7, True)


def test_of_one_message_on_two_pages_the_last_counts() -> None:
    channel = make_channel()
    again = message(1, text="later", views=9)

    write_whole(prepared_page(channel, PAGE, [again]))

    assert Post.objects.get(channel=channel, message_id=1).views == 9
    assert adds_up(channel)


def test_what_was_stored_meanwhile_is_known() -> None:
    channel = make_channel()
    page: list[AnyMessage] = [message(number, views=10) for number in range(1, 50)]
    prepared = prepared_page(channel, page)
    # Live: seen later than the page was asked for, one of them as a part of an album and one edited.
    see(channel, message(3, views=15, text="edited"), message(4, views=2, grouped_id=9), at=NOW + timedelta(minutes=1))

    write_whole(prepared)

    posts = {post.message_id: post for post in Post.objects.filter(channel=channel)}
    assert (len(posts), posts[3].views, posts[3].text, posts[4].grouped_id) == (49, 15, "edited", 9)
    assert adds_up(channel)


def test_who_waits_for_the_lock_sees_what_the_one_before_wrote() -> None:
    channel = make_channel()
    page: list[AnyMessage] = [message(number, views=10) for number in range(1, 50)]
    prepared = prepared_page(channel, page, at=NOW + timedelta(minutes=1))
    written = Event()

    def hold() -> None:
        with transaction.atomic():
            see(channel, *page)
            written.set()
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
            deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
            while not fetch(waiting)[0][0]:
                assert datetime.now(UTC) < deadline
                connection.cursor().execute("SELECT pg_sleep(0.01)")

    def go() -> None:
        assert written.wait(PATIENCE)
        write_whole(prepared)

    in_threads(hold, go)

    assert (Post.objects.filter(channel=channel).count(), adds_up(channel)) == (49, True)


def test_channel_that_is_gone_is_told() -> None:
    channel = make_channel()
    prepared = prepared_page(channel, PAGE)
    nothing = prepared_page(channel, [ServiceRecord(1, LONG_AGO, "x")])
    channel.delete()

    for one in (prepared, nothing):
        with pytest.raises(ChannelGone):
            write_whole(one)
