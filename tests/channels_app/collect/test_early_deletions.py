"""A post that is deleted while the page of history that brings it is on its way does not come to life."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels_app.collect.history import Asked, Batch, commit_batch
from channels_app.collect.sweep import EARLY_DELETIONS_KEPT, heal
from channels_app.ingest import mark_deleted
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, EarlyDeletion, Post
from tests.channels_app.ingest.seen import adds_up, make_channel, message

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
NOW = timezone.now().replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=400)


@pytest.fixture
def channel() -> Channel:
    channel = make_channel()
    ChannelSync.objects.create(channel=channel)
    CollectTask.objects.create(channel=channel, kind=CollectKind.HISTORY, due_at=NOW)
    return channel


def page(channel: Channel, *ids: int, grouped: bool = False) -> Batch:
    """A batch of one page that was asked for at NOW."""
    messages = [message(one, date=LONG_AGO, views=10, grouped_id=7 if grouped else None) for one in ids]
    batch = Batch(oldest_id=min(ids), newest_id=max(ids))
    batch.add(Asked(messages, NOW), channel_id=channel.pk)
    return batch


def write(batch: Batch) -> None:
    (task,) = CollectTask.objects.claim(owner="a", lease=timedelta(minutes=5))
    commit_batch(task, batch)


def alive(channel: Channel) -> list[int]:
    posts = Post.objects.filter(channel=channel, deleted_at__isnull=True).order_by("message_id")
    return list(posts.values_list("message_id", flat=True))


def test_deletion_before_its_page_is_written_is_not_lost(channel: Channel) -> None:
    batch = page(channel, 1, 2, 3)
    assert mark_deleted(channel.pk, [2, 900], observed_at=NOW + SECOND) == ()

    write(batch)

    assert alive(channel) == [1, 3]
    assert Post.objects.get(channel=channel, message_id=2).deleted_at == NOW + SECOND
    assert adds_up(channel)


def test_item_of_an_album_is_deleted_too(channel: Channel) -> None:
    batch = page(channel, 1, 2, grouped=True)
    mark_deleted(channel.pk, [1, 2], observed_at=NOW + SECOND)

    write(batch)

    assert alive(channel) == []


def test_page_asked_for_after_the_deletion_is_right(channel: Channel) -> None:
    mark_deleted(channel.pk, [2], observed_at=NOW - SECOND)

    write(page(channel, 1, 2, 3))

    assert alive(channel) == [1, 2, 3]


def test_notes_are_of_one_channel_and_forgotten_after_a_day(channel: Channel) -> None:
    other = make_channel()
    mark_deleted(other.pk, [2], observed_at=NOW + SECOND)
    write(page(channel, 1, 2, 3))
    assert alive(channel) == [1, 2, 3]

    heal(now=NOW + EARLY_DELETIONS_KEPT)
    assert EarlyDeletion.objects.count() == 1
    heal(now=NOW + EARLY_DELETIONS_KEPT + 2 * SECOND)
    assert not EarlyDeletion.objects.exists()
