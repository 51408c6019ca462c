"""Single posts: new, seen again, edited, told by sources of different weight."""

from datetime import timedelta

import pytest

from channels_app.ingest import IngestResult, ingest_poll
from channels_app.models import Channel, Post, PostReference, PostRevision, PostSnapshot
from mtproto.records import (
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
from tests.channels_app.ingest.seen import LONG_AGO, NOW, adds_up, hours, make_channel, message, post_of, see, totals

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def version(channel: Channel) -> int:
    return Channel.objects.values_list("version", flat=True).get(pk=channel.pk)


def snapshots(channel: Channel) -> list[tuple[object, ...]]:
    rows = PostSnapshot.objects.filter(post_id__in=channel.posts.values("pk")).order_by("post_id", "observed_at")
    return list(rows.values_list("observed_at", "views", "forwards"))


def test_new_post_keeps_everything() -> None:
    channel = make_channel()
    record = message(
        7,
        text="Ўзбекча 👨‍👩‍👧\t\\N \\x00 \n{}",
        views=10,
        forwards=2,
        replies=1,
        reactions={"👍": 3, "paid": 2},
        entities=(Entity("text_url", 0, 8, 'https://e.org/?a="\\'),),
        references=(
            Reference(ReferenceKind.HIDDEN_LINK, url="https://t.me/abc/5", username="abc", message_id=5),
            Reference(ReferenceKind.MENTION, username="x" * 40),
        ),
        hashtags=("#бир", '#"\\{,}'),
        media_kind=MediaKind.POLL,
        forward=ForwardHeader(date=LONG_AGO, from_tg_id=5, from_name="A\tB", message_id=9),
        reply_to=3,
        edit_date=LONG_AGO,
        post_author="Alisher",
        silent=True,
        pinned=True,
        poll=PollRecord("Q?", (("a\\b", 1), ("c", None)), 1, closed=False),
    )

    result = see(channel, record)

    assert result == IngestResult(new_posts=1, snapshots=1)
    post = post_of(channel, 7)
    assert (post.text, post.entities) == (record.text, [["text_url", 0, 8, 'https://e.org/?a="\\']])
    assert (post.views, post.forwards, post.replies, post.reactions_total) == (10, 2, 1, 5)
    assert (post.reactions, post.hashtags) == ({"👍": 3, "paid": 2}, ["#бир", '#"\\{,}'])
    assert (post.is_forward, post.forward_from_tg_id, post.forward_from_name) == (True, 5, "A\tB")
    assert (post.media_kind, post.post_author, post.silent, post.pinned) == ("poll", "Alisher", True, True)
    assert post.poll == {"question": "Q?", "options": [["a\\b", 1], ["c", None]], "total_voters": 1, "closed": False}
    assert (post.first_seen_at, post.counters_at, post.item_ids) == (NOW, NOW, [])
    rows = PostReference.objects.filter(post=post).values_list("kind", "url", "username", "target_message_id")
    assert list(rows) == [("hidden_link", "https://t.me/abc/5", "abc", 5)]


def test_old_post_is_baseline_and_young_post_is_gain() -> None:
    channel = make_channel()

    see(channel, message(1, views=100, date=LONG_AGO), message(2, views=30, date=NOW - timedelta(minutes=59)))

    assert post_of(channel, 1).baseline_views == 100
    assert post_of(channel, 2).baseline_views == 0
    assert hours(channel) == {"10 12": 30}
    assert adds_up(channel)


def test_growth_and_fall_are_credited_to_the_hour_of_the_look() -> None:
    channel = make_channel()
    see(channel, message(1, views=100))
    see(channel, message(1, views=150), at=NOW + timedelta(hours=1))

    see(channel, message(1, views=120), at=LATER)

    assert hours(channel) == {"10 13": 50, "10 14": -30}
    assert adds_up(channel)


def test_counter_known_later_starts_from_its_first_value() -> None:
    channel = make_channel()
    see(channel, message(1, views=100))

    see(channel, message(1, views=100, forwards=7, reactions={}), at=LATER)

    post = post_of(channel, 1)
    assert (post.forwards, post.baseline_forwards, post.reactions, post.reactions_total) == (7, 7, {}, 0)
    assert hours(channel, "forwards") == {}
    assert adds_up(channel)


def test_unknown_never_erases() -> None:
    channel = make_channel()
    see(channel, message(1, views=100, forwards=5, reactions={"👍": 1}))

    result = see(channel, message(1), at=LATER)

    post = post_of(channel, 1)
    assert (post.views, post.forwards, post.reactions, post.counters_at) == (100, 5, {"👍": 1}, NOW)
    assert result.changed_posts == 0


def test_replay_changes_nothing() -> None:
    channel = make_channel()
    page = [message(1, views=5), message(2, views=6, grouped_id=9), message(3, views=7, grouped_id=9)]
    see(channel, *page)
    before = (version(channel), snapshots(channel), totals(channel))

    same, later = see(channel, *page), see(channel, *page, at=LATER)

    assert same == later == IngestResult(unchanged=2, albums=1)
    assert (version(channel), snapshots(channel), totals(channel)) == before


def test_edit_leaves_a_revision_and_rewrites_references() -> None:
    channel = make_channel()
    see(channel, message(1, text="see @a", references=(Reference(ReferenceKind.MENTION, username="a"),)))

    edited = message(1, text="see @b", references=(Reference(ReferenceKind.MENTION, username="b"),), edit_date=LATER)
    result = see(channel, edited, at=LATER)

    post = post_of(channel, 1)
    assert (result.revisions, result.changed_posts, post.text, post.edited_at) == (1, 1, "see @b", LATER)
    revision = PostRevision.objects.get(post=post)
    assert (revision.text, revision.seen_at, revision.replaced_at) == ("see @a", NOW, LATER)
    assert list(PostReference.objects.values_list("username", flat=True)) == ["b"]


def test_edit_date_alone_is_no_edit() -> None:
    channel = make_channel()
    see(channel, message(1, views=1))

    result = see(channel, message(1, views=1, edit_date=LATER), at=LATER)

    assert result == IngestResult(unchanged=1)
    assert not PostRevision.objects.exists()


def test_content_beside_the_text_is_taken_over() -> None:
    channel = make_channel()
    see(channel, message(1, views=1))

    result = see(channel, message(1, views=1, pinned=True, media_kind=MediaKind.WEB_PAGE), at=LATER)

    post = post_of(channel, 1)
    assert (result.changed_posts, result.revisions) == (1, 0)
    assert (post.pinned, post.media_kind, post.text) == (True, "web_page", "text of 1")


def test_older_look_never_overwrites_newer_counters() -> None:
    channel = make_channel()
    see(channel, message(1, views=100), at=NOW)
    see(channel, message(1, views=100), at=LATER)

    see(channel, message(1, views=60), at=NOW + timedelta(minutes=40))
    see(channel, message(1, views=50), at=NOW - timedelta(hours=3))

    post = post_of(channel, 1)
    assert (post.views, post.counters_at, post.baseline_views, post.first_seen_at) == (
        100,
        LATER,
        50,
        NOW - timedelta(hours=3),
    )
    assert hours(channel) == {"10 12": 50, "10 13": -40, "10 14": 40}
    assert adds_up(channel)


def test_abbreviated_counters_never_overwrite_exact_ones() -> None:
    channel = make_channel()
    see(channel, message(1, views=1234, forwards=None))

    see(channel, message(1, views=1200, reactions={"👍": 1000}, approximate=True), at=LATER, source=Source.PREVIEW)

    post = post_of(channel, 1)
    assert (post.views, post.counters_approximate, post.reactions_total) == (1234, False, 1000)
    see(channel, message(1, views=1240, reactions={"👍": 990}), at=LATER + timedelta(hours=1))
    assert post_of(channel, 1).reactions_total == 990
    assert adds_up(channel)


def test_exact_counters_replace_abbreviated_ones_even_when_lower() -> None:
    channel = make_channel()
    see(channel, message(1, views=1300, approximate=True), source=Source.PREVIEW)

    see(channel, message(1, views=1251), at=LATER)

    post = post_of(channel, 1)
    assert (post.views, post.counters_approximate, post.counters_source) == (1251, False, "mtproto")
    assert adds_up(channel)


def test_preview_text_gives_way_to_telegrams_own_without_a_revision() -> None:
    channel = make_channel()
    see(channel, message(1, text="as rendered"), source=Source.PREVIEW)
    see(channel, message(1, text="as written"), at=LATER)

    see(channel, message(1, text="as rendered"), at=LATER + timedelta(hours=1), source=Source.PREVIEW)

    assert (post_of(channel, 1).text, PostRevision.objects.count()) == ("as written", 0)


def test_text_of_a_file_differing_in_blanks_only_is_no_edit() -> None:
    channel = make_channel()
    see(channel, message(1, text="one two"), message(2, text="old"), source=Source.IMPORT)

    result = see(channel, message(1, text="one\n two "), message(2, text="new"), at=LATER)

    assert (post_of(channel, 1).text, result.revisions) == ("one\n two ", 1)


def test_file_without_texts_erases_none() -> None:
    channel = make_channel()
    see(channel, message(1, text="known", media_kind=MediaKind.PHOTO, views=1))

    see(channel, message(1, text="", views=2), at=LATER, source=Source.IMPORT)

    post = post_of(channel, 1)
    assert (post.text, post.media_kind, post.views) == ("known", "photo", 2)


def test_date_of_a_file_is_corrected_by_telegram() -> None:
    channel = make_channel()
    see(channel, message(1, date=NOW - timedelta(minutes=5), views=9), source=Source.IMPORT)

    see(channel, message(1, date=NOW - timedelta(hours=5), views=9), at=LATER)

    post = post_of(channel, 1)
    assert (post.published_at, post.baseline_views) == (NOW - timedelta(hours=5), 9)
    assert hours(channel, "posts") == {"10 07": 1}
    assert adds_up(channel)


def test_service_messages_are_only_counted_and_the_last_of_a_double_wins() -> None:
    channel = make_channel()

    result = see(channel, message(1, views=1), ServiceRecord(2, NOW, "pin"), EmptyRecord(3), message(1, views=2))

    assert result == IngestResult(new_posts=1, snapshots=1, service=1)
    assert post_of(channel, 1).views == 2


def test_asked_post_that_the_answer_passes_over_is_asked_later_and_not_deleted() -> None:
    channel = make_channel()
    see(channel, message(1, date=NOW), message(2, date=NOW, grouped_id=4), message(3, date=NOW, grouped_id=4))
    at = NOW + timedelta(hours=1)
    Post.objects.update(next_poll_at=at)

    result = ingest_poll(channel.pk, [1, 2, 3], [], observed_at=at)

    assert result.deleted_ids == ()
    for post in Post.objects.all():
        assert post.deleted_at is None
        assert post.next_poll_at is not None
        assert post.next_poll_at > at


def test_poll_schedules_every_asked_post_and_counts() -> None:
    channel = make_channel()
    see(channel, message(1, views=1), message(2, views=1), message(3, views=1, date=NOW - timedelta(days=40)))
    before = post_of(channel, 1).next_poll_at

    at = NOW + timedelta(days=2)
    result = ingest_poll(channel.pk, [1, 2, 3], [message(1, views=4)], observed_at=at)

    assert (result.changed_posts, hours(channel)) == (1, {"12 12": 3})
    due = [post_of(channel, number).next_poll_at for number in (1, 2, 3)]
    assert before is not None
    assert due[0] == due[1]
    assert due[0] is not None
    assert due[0] > at > before
    assert due[2] is None


def test_one_megabyte_of_text_comes_back_whole() -> None:
    channel = make_channel()
    text = "👩‍🚀\\\t\r\n" * 60_000

    see(channel, message(1, text=text))

    assert post_of(channel, 1).text == text


def test_version_rises_only_with_what_can_be_seen() -> None:
    channel = make_channel()
    steps = []
    for at, views in ((NOW, 1), (LATER, 1), (LATER + timedelta(hours=1), 2)):
        see(channel, message(1, views=views), at=at)
        steps.append(version(channel))

    assert steps == [1, 1, 2]


def test_references_bear_the_publication_of_their_post() -> None:
    channel, pointing = make_channel(), (Reference(ReferenceKind.MENTION, username="b"),)
    see(channel, message(1, text="see @b", references=pointing), source=Source.IMPORT)
    moved = LONG_AGO - timedelta(days=1)

    see(channel, message(1, date=moved, text="see @b", references=pointing), at=LATER)

    assert post_of(channel, 1).published_at == moved
    assert list(PostReference.objects.values_list("published_at", flat=True)) == [moved]
