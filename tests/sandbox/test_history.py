"""Reading channels from the sandbox with a real Telethon client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import errors
from telethon.network import ConnectionTcpAbridged, ConnectionTcpFull, ConnectionTcpIntermediate
from telethon.tl import functions, types

from tests.sandbox.conftest import MISSING, POSTS
from tests.telegram import SandboxProcess, close, signed_in

ALL = [i for i in range(POSTS, 0, -1) if i not in MISSING]


def run(telegram: SandboxProcess, action: Any, phone: str = "+99890000001", **options: Any) -> Any:
    """Run ``action(client)`` with a signed-in client."""

    async def go() -> Any:
        client = await signed_in(telegram, phone, **options)
        try:
            return await action(client)
        finally:
            await close(client)

    return asyncio.run(go())


@pytest.mark.parametrize("transport", [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate])
def test_history_has_no_gap_and_no_double_over_every_transport(telegram: SandboxProcess, transport: Any) -> None:
    async def action(client: Any) -> tuple[list[int], list[int]]:
        down = [m.id async for m in client.iter_messages("alpha", limit=None, wait_time=0)]
        up = [m.id async for m in client.iter_messages("alpha", limit=None, wait_time=0, reverse=True)]
        return down, up

    down, up = run(telegram, action, connection=transport)

    assert down == ALL
    assert up == ALL[::-1]


def test_history_respects_offsets(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> list[list[int]]:
        return [
            [m.id async for m in client.iter_messages("alpha", wait_time=0, **arguments)]
            for arguments in (
                {"offset_id": 50, "limit": 3},
                {"min_id": 240, "limit": None},
                {"max_id": 4, "limit": None},
                {"min_id": 245, "limit": None, "reverse": True},
                {"offset_id": 98, "limit": 3, "reverse": True},
            )
        ]

    pages = run(telegram, action)

    assert pages == [[49, 48, 47], list(range(250, 240, -1)), [3, 2, 1], list(range(246, 251)), [99, 101, 102]]


def test_messages_by_id_are_empty_when_missing(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return await client.get_messages("alpha", ids=[1, 7, 20, 5000])

    first, missing, album, beyond = run(telegram, action)

    assert (first.views, first.forwards, first.message) == (1001, 1, "post 1")
    assert missing is None and beyond is None
    assert album.grouped_id == 13000000000000001


def test_unknown_counters_are_absent(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return await client.get_messages("beta", ids=[1, 2, 3])

    one, two, three = run(telegram, action)

    assert (one.views, one.forwards, one.replies) == (10, 1, None)
    assert (two.views, two.replies.replies) == (20, 3)
    assert (three.views, three.forwards, three.replies) == (None, None, None)


def test_channel_facts(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return await client(functions.channels.GetFullChannelRequest("alpha"))

    full = run(telegram, action)

    assert (full.full_chat.participants_count, full.full_chat.about) == (5000, "first")
    assert (full.chats[0].title, full.chats[0].id, full.chats[0].broadcast) == ("Alpha", 1234567890, True)


def test_views_count_only_with_increment(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> list[list[int]]:
        peer = await client.get_input_entity("alpha")
        out = []
        for increment in (False, False, True, False):
            answer = await client(functions.messages.GetMessagesViewsRequest(peer, [30, 31], increment))
            out.append([v.views for v in answer.views])
        return out

    assert run(telegram, action) == [[1030, 1031], [1030, 1031], [1031, 1032], [1031, 1032]]


def test_usernames_of_other_kinds(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        user = await client.get_entity("sandbox_user")
        bot = await client.get_entity("sandbox_bot")
        group = await client.get_entity("sandbox_group")
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("nobody_here"))
        return user, bot, group

    user, bot, group = run(telegram, action)

    assert isinstance(user, types.User) and not user.bot
    assert bot.bot
    assert group.megagroup


def test_access_hash_belongs_to_one_account(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return await client.get_input_entity("alpha")

    first = run(telegram, action)

    async def with_the_other(client: Any) -> None:
        own = await client.get_input_entity("alpha")
        assert own.access_hash != first.access_hash
        with pytest.raises(errors.ChannelInvalidError):
            await client(
                functions.channels.GetChannelsRequest([types.InputChannel(first.channel_id, first.access_hash)])
            )

    run(telegram, with_the_other, phone="+99890000003")


def test_unknown_method_is_an_error_and_the_connection_stays(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        with pytest.raises(errors.RPCError) as caught:
            await client(functions.account.GetAccountTTLRequest())
        return caught.value.message, await client.get_me()

    message, me = run(telegram, action)

    assert message == "METHOD_NOT_IMPLEMENTED"
    assert me is not None


def test_private_channel_is_reached_by_its_link_alone(telegram: SandboxProcess) -> None:
    invite = telegram.control("create_channel", username="secret_one", private=True)["invite"]
    telegram.control("post", channel="secret_one", text="hidden", views=1)

    async def action(client: Any) -> Any:
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("secret_one"))
        look = await client(functions.messages.CheckChatInviteRequest(invite))
        joined = await client(functions.messages.ImportChatInviteRequest(invite))
        texts = [m.message async for m in client.iter_messages(joined.chats[0])]
        await client(functions.channels.LeaveChannelRequest(joined.chats[0]))
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages(joined.chats[0])
        return look.title, texts

    assert run(telegram, action) == ("secret_one", ["hidden"])


def test_own_role_is_told(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return (await client(functions.channels.GetParticipantRequest("alpha", "me"))).participant

    telegram.control("role", channel="alpha", phone="+99890000020", role="admin")

    assert isinstance(run(telegram, action), types.ChannelParticipantCreator)
    assert isinstance(run(telegram, action, phone="+99890000020"), types.ChannelParticipantAdmin)
    with pytest.raises(errors.UserNotParticipantError):
        run(telegram, action, phone="+99890000021")
