"""Deletion only on proof, and its end when the post is seen again."""

from datetime import timedelta

import pytest

from channels_app.ingest import ingest_poll, mark_deleted
from channels_app.models import Channel, Post
from mtproto.records import EmptyRecord
from tests.channels_app.ingest.seen import NOW, adds_up, make_channel, message, post_of, see

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def test_empty_answer_for_a_known_id_is_proof_and_for_an_unknown_is_nothing() -> None:
    channel = make_channel()
    see(channel, message(1, views=5))

    result = see(channel, EmptyRecord(1), EmptyRecord(2), at=LATER)

    post = post_of(channel, 1)
    assert (result.deleted_ids, result.changed) == ((1,), True)
    assert (post.deleted_at, post.next_poll_at, post.views) == (LATER, None, 5)
    assert Post.objects.count() == 1
    assert adds_up(channel)


def test_absence_from_a_poll_is_no_proof() -> None:
    channel = make_channel()
    see(channel, message(1, views=5))

    ingest_poll(channel.pk, [1], [], observed_at=LATER)

    assert post_of(channel, 1).deleted_at is None


def test_deleted_twice_keeps_the_first_moment_and_the_version() -> None:
    channel = make_channel()
    see(channel, message(1))
    assert mark_deleted(channel.pk, [1], observed_at=LATER) == (1,)
    version = Channel.objects.get(pk=channel.pk).version

    again = mark_deleted(channel.pk, [1], observed_at=LATER + timedelta(hours=1))

    assert (again, post_of(channel, 1).deleted_at) == ((), LATER)
    assert Channel.objects.get(pk=channel.pk).version == version


def test_seen_again_is_not_deleted_any_more() -> None:
    channel = make_channel()
    see(channel, message(1, views=1))
    mark_deleted(channel.pk, [1], observed_at=LATER)

    see(channel, message(1, views=1), at=LATER + timedelta(hours=1))

    post = post_of(channel, 1)
    assert post.deleted_at is None
    assert post.next_poll_at is not None


def test_proof_from_before_the_last_sight_is_passed_over() -> None:
    channel = make_channel()
    see(channel, message(1), at=LATER)

    assert mark_deleted(channel.pk, [1], observed_at=NOW) == ()
    assert post_of(channel, 1).deleted_at is None
