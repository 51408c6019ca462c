"""Chats, users, statistics, updates and differences become records."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.tl import types

from mtproto.parsing import (
    from_dump,
    parse_channel,
    parse_difference,
    parse_graph,
    parse_public_forwards,
    parse_stats,
    parse_updates,
)
from mtproto.records import (
    ChannelRecord,
    ChannelTooLong,
    DeletedMessages,
    EditedMessages,
    Graph,
    NewMessages,
    PeerKind,
    PublicForward,
    ValueAndPrevious,
)

DATE = datetime(2026, 3, 1, tzinfo=UTC)
PEER = types.PeerChannel(5)


def channel(**values: Any) -> types.Channel:
    return types.Channel(
        **{
            "id": 5, "title": "News", "photo": types.ChatPhotoEmpty(), "date": DATE, "broadcast": True,
            "access_hash": -7, "username": "NewsChannel", **values,
        }
    )  # fmt: skip


def full(**values: Any) -> types.ChannelFull:
    return types.ChannelFull(
        **{
            "id": 5, "about": "About", "read_inbox_max_id": 0, "read_outbox_max_id": 0, "unread_count": 0,
            "chat_photo": types.PhotoEmpty(0), "notify_settings": types.PeerNotifySettings(), "bot_info": [],
            "pts": 9, **values,
        }
    )  # fmt: skip


def test_channel_of_a_stranger_tells_its_age_and_nothing_of_full_facts() -> None:
    assert parse_channel(channel(left=True)) == ChannelRecord(
        5, PeerKind.CHANNEL, "News", access_hash=-7, username="newschannel", created_at=DATE
    )


def test_full_channel_tells_subscribers_rights_and_place() -> None:
    record = parse_channel(
        channel(admin_rights=types.ChatAdminRights(), photo=types.ChatPhoto(3, 2), verified=True),
        full(participants_count=100, can_view_stats=True, stats_dc=4, linked_chat_id=6),
    )

    assert record == ChannelRecord(
        5, PeerKind.CHANNEL, "News", -7, "newschannel", "About", 100,
        is_verified=True, is_member=True, is_admin=True, can_view_stats=True, stats_dc=4, linked_chat_tg_id=6,
        photo_id=3, pts=9, is_full=True,
    )  # fmt: skip


def test_subscribers_that_are_not_told_stay_unknown() -> None:
    assert parse_channel(channel(), full()).subscribers is None


def test_username_bought_at_auction_is_found() -> None:
    names = [types.Username("Old"), types.Username("Bought", active=True)]

    assert parse_channel(channel(username=None, usernames=names)).username == "bought"


@pytest.mark.parametrize(
    ("chat", "kind"),
    [
        (channel(broadcast=None, megagroup=True), PeerKind.GROUP),
        (channel(megagroup=True, gigagroup=True), PeerKind.GROUP),
        (types.Chat(1, "G", types.ChatPhotoEmpty(), 3, DATE, 1), PeerKind.GROUP),
        (types.User(1, first_name="Ann", last_name="Bee"), PeerKind.USER),
        (types.User(1, bot=True, first_name="Bot"), PeerKind.BOT),
        (types.ChannelForbidden(1, 2, "Closed", broadcast=True), PeerKind.CHANNEL),
    ],
)
def test_kind_of_peer_is_told(chat: Any, kind: PeerKind) -> None:
    assert parse_channel(chat).kind is kind


def test_person_is_named_and_closed_channel_has_no_member() -> None:
    assert parse_channel(types.User(1, first_name="Ann", last_name="Bee")).title == "Ann Bee"
    assert not parse_channel(types.ChannelForbidden(1, 2, "Closed", broadcast=True)).is_member


def test_hash_of_a_min_object_is_not_kept() -> None:
    assert parse_channel(channel(min=True)).access_hash is None


def message(message_id: int, text: str = "x") -> types.Message:
    return types.Message(message_id, PEER, DATE, text)


def test_updates_of_channels_are_kept_in_order_and_others_left_out() -> None:
    pushed = types.Updates(
        updates=[
            types.UpdateNewChannelMessage(message(1), pts=11, pts_count=1),
            types.UpdateNewMessage(types.Message(9, types.PeerUser(1), DATE, "private"), pts=1, pts_count=1),
            types.UpdateEditChannelMessage(message(1, "y"), pts=12, pts_count=1),
            types.UpdateDeleteChannelMessages(5, [1, 2], pts=14, pts_count=2),
            types.UpdateChannelTooLong(5, pts=20),
            types.UpdateChannelTooLong(6),
            types.UpdateChannelMessageViews(5, 1, 100),
        ],
        users=[], chats=[], date=DATE, seq=0,
    )  # fmt: skip

    first, second, *others = parse_updates(pushed)

    assert isinstance(first, NewMessages)
    assert isinstance(second, EditedMessages)
    assert (first.channel_tg_id, first.pts, second.pts) == (5, 11, 12)
    assert others == [DeletedMessages(5, (1, 2), 14), ChannelTooLong(5, 20), ChannelTooLong(6, None)]


def test_short_update_is_opened() -> None:
    assert parse_updates(types.UpdateShort(types.UpdateChannelTooLong(5, pts=3), DATE)) == (ChannelTooLong(5, 3),)


def test_update_with_empty_message_without_peer_is_left_out() -> None:
    update = types.UpdateNewChannelMessage(types.MessageEmpty(3, peer_id=None), pts=1, pts_count=1)

    assert parse_updates(update) == ()


def test_difference_gives_messages_then_other_updates() -> None:
    difference = parse_difference(
        types.updates.ChannelDifference(
            pts=30, new_messages=[message(1), message(2)], chats=[], users=[], final=True, timeout=10,
            other_updates=[types.UpdateDeleteChannelMessages(5, [7], pts=29, pts_count=1)],
        ),
        channel_tg_id=5,
    )  # fmt: skip

    new, deleted = difference.updates
    assert isinstance(new, NewMessages)
    assert [m.message_id for m in new.messages] == [1, 2]
    assert deleted == DeletedMessages(5, (7,), 29)
    assert (difference.pts, difference.final, difference.too_long, difference.timeout) == (30, True, False, 10)


def test_difference_that_is_empty_or_too_long_is_told() -> None:
    empty = parse_difference(types.updates.ChannelDifferenceEmpty(pts=8, final=True), channel_tg_id=5)
    dialog = types.Dialog(PEER, 1, 0, 0, 0, 0, 0, 0, types.PeerNotifySettings(), pts=77)
    too_long = parse_difference(
        types.updates.ChannelDifferenceTooLong(dialog=dialog, messages=[message(1)], chats=[], users=[], final=True),
        channel_tg_id=5,
    )

    assert (empty.updates, empty.pts, empty.too_long) == ((), 8, False)
    assert (too_long.updates, too_long.pts, too_long.too_long) == ((), 77, True)


def test_graphs_are_json_token_or_error() -> None:
    assert parse_graph(types.StatsGraph(types.DataJSON("{}"), zoom_token="z")) == Graph(json="{}", zoom_token="z")
    assert parse_graph(types.StatsGraphAsync("t")) == Graph(token="t")
    assert parse_graph(types.StatsGraphError("Not enough data")) == Graph(error="Not enough data")


def test_statistics_of_an_older_layer_are_read() -> None:
    older = from_dump(
        {
            "_": "BroadcastStats",
            "period": {"_": "StatsDateRangeDays", "min_date": "2026-01-01", "max_date": "2026-01-08"},
            "followers": {"_": "StatsAbsValueAndPrev", "current": 10.0, "previous": 8.0},
            "growth_graph": {"_": "StatsGraphAsync", "token": "t"},
            "recent_message_interactions": [
                {"_": "MessageInteractionCounters", "msg_id": 1, "views": 5, "forwards": 2}
            ],
        }
    )

    stats = parse_stats(older)

    assert stats.values == {"followers": ValueAndPrevious(10.0, 8.0)}
    assert stats.graphs == {"growth_graph": Graph(token="t")}
    assert stats.enabled_notifications is None
    assert (stats.period_from.day, stats.period_to.day) == (1, 8)
    assert stats.recent_posts[0][:3] == (1, 5, 2)


def test_public_forwards_are_named_from_their_chats_and_stories_left_out() -> None:
    page = types.stats.PublicForwards(
        count=12,
        forwards=[
            types.PublicForwardMessage(types.Message(3, PEER, DATE, "x", views=40, forwards=1)),
            types.PublicForwardStory(PEER, types.StoryItemDeleted(1)),
        ],
        chats=[channel()], users=[], next_offset="n",
    )  # fmt: skip

    record = parse_public_forwards(page)

    assert record.forwards == (PublicForward(5, "newschannel", "News", 3, DATE, 40),)
    assert (record.count, record.next_offset) == (12, "n")
