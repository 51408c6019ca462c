"""Whole histories, links and memberships against what the server holds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mtproto.errors import PeerNotFound, PeerPrivate
from mtproto.records import EmptyRecord, MessageRecord, Peer, ServiceRecord
from mtproto.references import PeerReference
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.gateway import TelethonGateway, answered
from tests.mtproto.conftest import MISSING, run
from tests.telegram import DEMO_PHONE, SandboxProcess


async def whole(gateway: TelethonGateway, peer: Peer, *, limit: int) -> list[Any]:
    found: list[Any] = []
    while page := (await gateway.history(peer, before_id=found[-1].message_id if found else 0, limit=limit)).messages:
        found += page
    return found


async def met(gateway: TelethonGateway, name: str) -> Peer:
    record = await gateway.resolve(PeerReference(username=name))
    return Peer(record.tg_id, record.access_hash or 0)


@pytest.mark.parametrize("limit", [100, 17])
def test_whole_history_is_what_the_server_holds(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, limit: int
) -> None:
    truth = {post["id"]: post for post in sandbox.control("channel", channel="alpha")["posts"]}

    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        peer = await met(gateway, "alpha")
        records = await whole(gateway, peer, limit=limit)
        await gateway.disconnect()

        posts = [r for r in records if isinstance(r, MessageRecord)]
        assert [r.message_id for r in records] == sorted(truth, reverse=True)
        assert all(isinstance(r, MessageRecord | ServiceRecord) for r in records)
        for post in posts:
            told = truth[post.message_id]
            assert (post.text, post.date) == (told["text"], datetime.fromtimestamp(told["date"], UTC))
            assert post.grouped_id == told["grouped_id"]
        by_id = {post.message_id: post for post in posts}
        assert by_id[30].counters.reactions == {"👍": 5, "paid": 2}
        assert {by_id[i].grouped_id for i in (20, 21, 22)} == {13000000000000001}

    run(steps)


def test_missing_ids_are_empty_and_the_rest_is_found(config: TelegramConfig, session: str) -> None:
    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        peer = await met(gateway, "alpha")
        records = await gateway.messages(peer, range(1, 101))
        await gateway.disconnect()

        assert [r.message_id for r in records] == list(range(1, 101))
        assert {r.message_id for r in records if isinstance(r, EmptyRecord)} == MISSING

    run(steps)


def test_ids_that_the_server_passes_over_are_left_out() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    first, gone, unasked = MessageRecord(1, at, "one"), EmptyRecord(2), MessageRecord(9, at, "nine")

    assert answered([2, 3, 1], [first, unasked, gone]) == (gone, first)


def test_counters_that_are_unknown_stay_unknown(config: TelegramConfig, session: str) -> None:
    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        one, two = await gateway.messages(await met(gateway, "beta"), [1, 2])
        await gateway.disconnect()

        assert isinstance(one, MessageRecord)
        assert isinstance(two, MessageRecord)
        assert one.counters.replies is None
        assert (two.counters.views, two.counters.replies) == (20, 3)

    run(steps)


def test_counter_that_fell_is_taken_as_it_is(sandbox: SandboxProcess, config: TelegramConfig, session: str) -> None:
    made = sandbox.control("create_channel", username="falling")
    post_id = sandbox.control("post", channel="falling", text="x", views=500)["ids"][0]

    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        peer = await met(gateway, "falling")
        (before,) = await gateway.messages(peer, [post_id])
        sandbox.control("set_counters", channel="falling", id=post_id, views=480)
        (after,) = await gateway.messages(peer, [post_id])
        await gateway.disconnect()

        assert isinstance(before, MessageRecord)
        assert isinstance(after, MessageRecord)
        assert (before.counters.views, after.counters.views) == (500, 480)

    assert made["ok"]
    run(steps)


def test_invite_link_opens_only_what_was_joined(sandbox: SandboxProcess, config: TelegramConfig, session: str) -> None:
    sandbox.control("create_channel", username="hidden_one", private=True)
    sandbox.control("facts", channel="hidden_one", invite_hash="InviteHash01")
    link = PeerReference(invite_hash="InviteHash01")

    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        with pytest.raises(PeerPrivate):
            await gateway.resolve(link)
        sandbox.control("role", channel="hidden_one", phone=DEMO_PHONE, role="member")
        record = await gateway.resolve(link)
        with pytest.raises(PeerNotFound):
            await gateway.resolve(PeerReference(invite_hash="NoSuchInvite1"))
        await gateway.disconnect()

        assert record.is_member
        assert record.access_hash is not None

    run(steps)


def test_channel_is_joined_once_or_twice(sandbox: SandboxProcess, config: TelegramConfig, session: str) -> None:
    sandbox.control("create_channel", username="joinable")

    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        peer = await met(gateway, "joinable")
        assert not (await gateway.channel(peer)).is_member
        await gateway.join(peer)
        await gateway.join(peer)
        assert (await gateway.channel(peer)).is_member
        await gateway.disconnect()

    run(steps)
