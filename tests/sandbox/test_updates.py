"""Pushed updates, cuts, and catching up, with a real Telethon client."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from telethon import events
from telethon.sessions import StringSession
from telethon.tl import functions, types

from tests.sandbox.conftest import write_channels
from tests.telegram import SandboxProcess, signed_in, telethon_client


async def until(condition: Any) -> None:
    """Wait (twenty seconds at most) for a condition on this event loop."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the condition is about another process
            await asyncio.sleep(0.02)


def watch(client: Any) -> list[tuple[str, Any]]:
    """Collect what the client is told."""
    seen: list[tuple[str, Any]] = []

    async def on_new(event: Any) -> None:
        seen.append(("new", event.message.message))

    async def on_edit(event: Any) -> None:
        seen.append(("edit", event.message.message))

    async def on_delete(event: Any) -> None:
        seen.append(("delete", event.deleted_ids))

    client.add_event_handler(on_new, events.NewMessage())
    client.add_event_handler(on_edit, events.MessageEdited())
    client.add_event_handler(on_delete, events.MessageDeleted())
    return seen


def test_new_edited_and_deleted_posts_are_pushed(telegram: SandboxProcess) -> None:
    async def go() -> tuple[list[tuple[str, Any]], int]:
        client = await signed_in(telegram)
        seen = watch(client)
        try:
            await client.get_me()
            (post,) = telegram.control("post", channel="beta", text="fresh", views=1)["ids"]
            telegram.control("edit", channel="beta", id=post, text="fresher")
            telegram.control("delete", channel="beta", ids=[post])
            await until(lambda: len(seen) == 3)
            return seen, post
        finally:
            await client.disconnect()

    seen, post = asyncio.run(go())

    assert seen == [("new", "fresh"), ("edit", "fresher"), ("delete", [post])]


def test_album_is_pushed_as_its_items(telegram: SandboxProcess) -> None:
    async def go() -> tuple[list[Any], list[int]]:
        client = await signed_in(telegram)
        groups: list[Any] = []

        async def on_new(event: Any) -> None:
            groups.append(event.message.grouped_id)

        client.add_event_handler(on_new, events.NewMessage())
        try:
            await client.get_me()
            ids = telegram.control("post", channel="beta", text="three", album=3)["ids"]
            await until(lambda: len(groups) == 3)
            return groups, ids
        finally:
            await client.disconnect()

    groups, ids = asyncio.run(go())

    assert len(set(groups)) == 1 and groups[0] is not None
    assert ids == list(range(ids[0], ids[0] + 3))


def test_nothing_is_pushed_without_updates_or_membership(telegram: SandboxProcess) -> None:
    async def go() -> list[Any]:
        quiet = await signed_in(telegram, receive_updates=False)
        stranger = await signed_in(telegram, "+99890000033")
        member = await signed_in(telegram)
        seen, other, control = watch(quiet), watch(stranger), watch(member)
        try:
            await quiet.get_me()
            await stranger.get_me()
            await member.get_me()
            telegram.control("post", channel="beta", text="who hears", views=1)
            await until(lambda: control)
            return seen + other
        finally:
            for client in (quiet, stranger, member):
                await client.disconnect()

    assert asyncio.run(go()) == []


def test_joining_starts_updates(telegram: SandboxProcess) -> None:
    async def go() -> list[Any]:
        client = await signed_in(telegram, "+99890000034")
        seen = watch(client)
        try:
            channel = await client.get_entity("beta")
            await client(functions.channels.JoinChannelRequest(channel))
            telegram.control("post", channel="beta", text="after joining", views=1)
            await until(lambda: seen)
            return seen
        finally:
            await client.disconnect()

    assert asyncio.run(go()) == [("new", "after joining")]


def test_cut_connection_is_rebuilt_and_the_missed_post_recovered(telegram: SandboxProcess) -> None:
    async def go() -> list[Any]:
        client = await signed_in(telegram)
        seen = watch(client)
        try:
            await client.get_me()
            telegram.control("post", channel="beta", text="before", views=1)
            await until(lambda: seen)
            telegram.control("cut")
            telegram.control("post", channel="beta", text="missed", views=1)
            await until(client.is_connected)
            await client.get_me()
            telegram.control("post", channel="beta", text="after", views=1)
            await until(lambda: len(seen) == 3)
            return seen
        finally:
            await client.disconnect()

    assert sorted(asyncio.run(go())) == [("new", "after"), ("new", "before"), ("new", "missed")]


def test_catch_up_after_a_day_offline(telegram: SandboxProcess, tmp_path: Path) -> None:
    session = str(tmp_path / "offline.session")

    async def go() -> list[Any]:
        client = await signed_in(telegram, session=session)
        seen = watch(client)
        await client.get_me()
        telegram.control("post", channel="beta", text="online", views=1)
        await until(lambda: seen)
        await client.disconnect()
        telegram.control("clock", advance=86_400)
        for n in range(3):
            telegram.control("post", channel="beta", text=f"offline {n}", views=1)
        client = telethon_client(telegram, session, catch_up=True)
        seen = watch(client)
        await client.connect()
        try:
            await until(lambda: len(seen) >= 3)
            return seen
        finally:
            await client.disconnect()

    assert sorted(asyncio.run(go())) == [("new", f"offline {n}") for n in range(3)]


def test_channel_difference_tells_edits_and_deletions(telegram: SandboxProcess) -> None:
    async def go() -> tuple[Any, Any, Any]:
        client = await signed_in(telegram)
        try:
            channel = await client.get_input_entity("beta")
            start = (await client(functions.channels.GetFullChannelRequest(channel))).full_chat.pts
            first, second = (telegram.control("post", channel="beta", text=t, views=1)["ids"][0] for t in "xy")
            telegram.control("edit", channel="beta", id=first, text="x2")
            telegram.control("delete", channel="beta", ids=[second])

            def ask(pts: int, limit: int = 100) -> Any:
                return client(
                    functions.updates.GetChannelDifferenceRequest(
                        channel, types.ChannelMessagesFilterEmpty(), pts, limit
                    )
                )

            whole, slice_ = await ask(start), await ask(start, 2)
            telegram.control("difference_limit", limit=2)
            too_long = await ask(start)
            telegram.control("difference_limit", limit=3000)
            return whole, slice_, too_long
        finally:
            await client.disconnect()

    whole, slice_, too_long = asyncio.run(go())

    assert [m.message for m in whole.new_messages] == ["x2"]
    assert [type(u) for u in whole.other_updates] == [types.UpdateEditChannelMessage, types.UpdateDeleteChannelMessages]
    assert whole.final and not slice_.final
    assert isinstance(too_long, types.updates.ChannelDifferenceTooLong)


def test_sign_in_and_changes_survive_a_kill(tmp_path: Path) -> None:
    folder = write_channels(tmp_path / "channels")
    process = SandboxProcess(channels=folder, state=tmp_path / "state").start()

    async def first() -> str:
        client = await signed_in(process)
        process.control("post", channel="beta", text="kept", views=7)
        process.control("set_counters", channel="beta", id=1, views=11, reactions={"👍": 3})
        process.control("delete", channel="beta", ids=[2])
        process.control("role", channel="beta", phone="+99890000055", role="admin")
        await client.disconnect()
        return str(StringSession.save(client.session))

    async def second(session: str) -> tuple[Any, list[Any]]:
        client = telethon_client(process, StringSession(session))
        client.session.set_dc(2, "127.0.0.1", process.port)
        await client.connect()
        try:
            return await client.get_me(), await client.get_messages("beta", ids=[1, 2, 4])
        finally:
            await client.disconnect()

    try:
        session = asyncio.run(first())
        before = process.control("channel", channel="beta")
        process.kill()
        process.start()
        me, (one, two, four) = asyncio.run(second(session))
        after = process.control("channel", channel="beta")
    finally:
        process.stop()

    assert me is not None
    assert (one.views, one.reactions.results[0].count, two, four.message) == (11, 3, None, "kept")
    assert before["posts"] == after["posts"] and before["pts"] == after["pts"]
