"""Many pushed updates at once: written like a page, in their order, every version of a post kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.collect.live import apply_updates, together
from channels_app.models import Post, PostRevision
from mtproto.records import AnyUpdate, DeletedMessages, EditedMessages, NewMessages
from tests.channels_app.ingest.seen import NOW, make_channel, message
from tests.mtproto.rows import make_account


def _new(number: int, **fields: Any) -> NewMessages:
    return NewMessages(7, (message(number, date=NOW, **fields),), number)


@pytest.mark.django_db
def test_burst_of_posts_takes_as_many_statements_as_a_page() -> None:
    channel, account = make_channel(), make_account()
    updates = [_new(number, views=number) for number in range(1, 201)]

    with CaptureQueriesContext(
        connection,
    ) as taken:
        apply_updates(account, channel.pk, 7, updates, pts=None, observed_at=NOW + timedelta(seconds=1))

    assert Post.objects.filter(channel=channel).count() == 200
    assert len(taken) < 20


@pytest.mark.django_db
def test_every_version_of_a_post_in_a_burst_is_kept() -> None:
    channel, account = make_channel(), make_account()
    updates: list[AnyUpdate] = [
        _new(1, text="first"),
        _new(2, text="other"),
        EditedMessages(7, (message(1, date=NOW, text="second"),), 3),
        EditedMessages(7, (message(1, date=NOW, text="third"),), 4),
        DeletedMessages(7, (2,), 5),
    ]

    assert [type(update).__name__ for update in together(updates)] == [
        "NewMessages",
        "EditedMessages",
        "EditedMessages",
        "DeletedMessages",
    ]
    apply_updates(account, channel.pk, 7, updates, pts=None, observed_at=NOW + timedelta(seconds=1))

    post = Post.objects.get(channel=channel, message_id=1)
    assert post.text == "third"
    assert set(PostRevision.objects.filter(post=post).values_list("text", flat=True)) == {"first", "second"}
    assert Post.objects.get(channel=channel, message_id=2).deleted_at is not None
