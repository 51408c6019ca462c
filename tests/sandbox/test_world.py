"""The invented world: determinism, believable growth, life, and official statistics that agree with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import errors
from telethon.tl import functions, types

from sandbox.app import build_sandbox
from sandbox.world.clock import from_iso
from sandbox.world.generate import PLANS
from sandbox.world.growth import DAY, HOUR, KNOTS, reading_hours, rhythm_share, share_at, share_between
from tests.sandbox.test_history import run
from tests.telegram import SandboxProcess

NOW = "2026-03-10T12:00:00Z"
NEWS = "samarqand_news"
DAYS = 30  # a short past keeps the tests quick; one of them looks at a whole year


@pytest.fixture(scope="module")
def world_telegram() -> Iterator[SandboxProcess]:
    """A sandbox with the invented world at a fixed moment, not posting by itself."""
    with SandboxProcess(seed=7, now=NOW, no_live=True, days=DAYS) as process:
        yield process


def truth(seed: int, days: int = DAYS) -> dict[str, list[tuple[Any, ...]]]:
    """Every post of a world built in this process."""
    sandbox = build_sandbox(channels=None, seed=seed, state_folder=None, now=from_iso(NOW), days=days)
    sandbox.state.close()
    return {
        str(c.username): [(i, p.date, p.text, p.snapshot(from_iso(NOW))) for i, p in sorted(c.posts.items())]
        for c in sandbox.world.channels.values()
    }


def test_world_depends_on_the_seed_alone() -> None:
    first, again, other = truth(3), truth(3), truth(4)

    assert first == again
    assert first[NEWS] != other[NEWS]
    assert sorted(first) == sorted([p.username for p in PLANS] + ["sandbox_group"])


def test_world_is_a_year_of_five_channels() -> None:
    posts = truth(1, days=365)

    sizes = {name: len(rows) for name, rows in posts.items() if rows}
    dates = [row[1] for row in posts[NEWS]]

    assert len(sizes) == len(PLANS)
    assert 5_000 < sizes[NEWS] < 9_000 and sizes["choyxona_uz"] < 300
    assert from_iso(NOW) - dates[0] > 364 * DAY
    assert max(dates) <= from_iso(NOW) and dates == sorted(dates)


def test_counters_are_whole_and_grow_with_the_clock(world_telegram: SandboxProcess) -> None:
    before = {p["id"]: p for p in world_telegram.control("channel", channel=NEWS)["posts"]}
    world_telegram.control("clock", advance=6 * HOUR)
    after = {p["id"]: p for p in world_telegram.control("channel", channel=NEWS)["posts"]}
    world_telegram.control("clock", advance=-6 * HOUR)

    newest = max(before)
    assert before.keys() == after.keys()
    assert after[newest]["views"] > before[newest]["views"]
    assert all(after[i]["views"] >= before[i]["views"] for i in before if not before[i]["service"])


@pytest.mark.parametrize(("hours", "share"), [(1, 0.291), (24, 0.629), (48, 0.744), (72, 0.810)])
def test_curve_has_the_measured_shares(hours: float, share: float) -> None:
    assert share_at(hours) / share_at(168) == pytest.approx(share, abs=0.001)


@given(st.floats(0, 4000), st.floats(0, 4000))
def test_curve_never_falls(a: float, b: float) -> None:
    low, high = sorted((a, b))

    assert 0.0 <= share_at(low) <= share_at(high) <= 1.0


@given(st.integers(10**9, 2 * 10**9), st.floats(0, 10**7), st.floats(0, 10**7))
def test_rhythm_keeps_order_and_whole_days(published: int, a: float, b: float) -> None:
    low, high = sorted((a, b))

    assert share_between(published, published + low) <= share_between(published, published + high) + 1e-12
    assert reading_hours(published + 7 * DAY) - reading_hours(published) == pytest.approx(168)
    assert 0.0 <= rhythm_share(published) <= 1.0


def test_knots_rise() -> None:
    assert sorted(KNOTS) == KNOTS
    assert [s for _, s in KNOTS] == sorted(s for _, s in KNOTS)


def _graphs(client: Any, stats: Any) -> Any:
    """All graphs of an answer, the asynchronous ones loaded from the data centre that gave the tokens."""

    async def load() -> dict[str, Any]:
        sender = await client._borrow_exported_sender(4)
        out = {}
        for name, graph in vars(stats).items():
            if not name.endswith("_graph"):
                continue
            if isinstance(graph, types.StatsGraphAsync):
                graph = await sender.send(functions.stats.LoadAsyncGraphRequest(graph.token))  # noqa: PLW2901
            out[name] = graph if isinstance(graph, types.StatsGraphError) else json.loads(graph.json.data)
        await client._return_exported_sender(sender)
        return out

    return load()


def columns(graph: dict[str, Any]) -> dict[str, list[int]]:
    """Values by series name (and ``x``)."""
    return {graph["names"].get(c[0], c[0]): c[1:] for c in graph["columns"]}


def test_statistics_are_twelve_graphs_that_agree(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> tuple[Any, dict[str, Any]]:
        stats = await client.get_stats(NEWS)
        return stats, await _graphs(client, stats)

    stats, graphs = run(world_telegram, action)
    followers, growth = columns(graphs["followers_graph"]), columns(graphs["growth_graph"])
    views = columns(graphs["interactions_graph"])["Views"]
    sources = columns(graphs["views_by_source_graph"])
    joins = columns(graphs["new_followers_by_source_graph"])

    assert len(graphs) == 12
    assert isinstance(stats.mute_graph, types.StatsGraphAsync) and isinstance(stats.growth_graph, types.StatsGraph)
    assert all(x % 86_400_000 == 0 for x in growth["x"]) and growth["x"] == followers["x"]
    size = growth["Total followers"]
    assert [b - a for a, b in pairwise(size)] == [
        j - left for j, left in zip(followers["Joined"][1:], followers["Left"][1:], strict=True)
    ]
    assert [sum(day) for day in zip(*(v for k, v in sources.items() if k != "x"), strict=True)] == views
    assert [sum(day) for day in zip(*(v for k, v in joins.items() if k != "x"), strict=True)] == followers["Joined"]
    assert graphs["interactions_graph"]["y_scaled"] and graphs["languages_graph"]["percentage"]
    assert (
        stats.recent_posts_interactions[0].msg_id == world_telegram.control("channel", channel=NEWS)["posts"][-1]["id"]
    )


def test_views_of_a_day_are_what_its_counters_gained(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> dict[str, Any]:
        return dict(await _graphs(client, await client.get_stats("toshkent_blog")))

    day = int(from_iso(NOW) // DAY) * DAY
    world_telegram.control("clock", set="2026-03-10T00:00:00Z")
    start = sum(p["views"] or 0 for p in world_telegram.control("channel", channel="toshkent_blog")["posts"])
    world_telegram.control("clock", set="2026-03-11T00:00:05Z")
    end = sum(p["views"] or 0 for p in world_telegram.control("channel", channel="toshkent_blog")["posts"])
    views = columns(run(world_telegram, action)["interactions_graph"])
    world_telegram.control("clock", set=NOW)

    gained = views["Views"][views["x"].index(int(day * 1000))]
    reposted_and_rounding = 25
    assert gained == pytest.approx(end - start, abs=max(reposted_and_rounding, 0.02 * gained))


def test_names_follow_the_language(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        return json.loads((await client.get_stats(NEWS)).growth_graph.json.data)["names"]["y0"]

    assert run(world_telegram, action, lang_code="ru") == "Всего подписчиков"
    assert run(world_telegram, action, lang_code="en") == "Total followers"


def test_statistics_migrate_and_need_rights(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        channel = await client.get_input_entity(NEWS)
        with pytest.raises(errors.StatsMigrateError) as caught:
            await client(functions.stats.GetBroadcastStatsRequest(channel))
        with pytest.raises(errors.ChatAdminRequiredError):
            await client.get_stats("choyxona_uz")
        full = await client(functions.channels.GetFullChannelRequest(channel))
        return caught.value.dc, full.full_chat.stats_dc, full.full_chat.can_view_stats

    async def stranger(client: Any) -> None:
        with pytest.raises(errors.ChatAdminRequiredError):
            await client.get_stats(NEWS)
        full = await client(functions.channels.GetFullChannelRequest(NEWS))
        assert (full.full_chat.can_view_stats, full.full_chat.stats_dc) == (False, None)

    assert run(world_telegram, action) == (4, 4, True)
    run(world_telegram, stranger, phone="+99890000061")


def test_graph_tokens_expire(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> list[str]:
        stats = await client.get_stats(NEWS)
        sender = await client._borrow_exported_sender(4)
        seen = []
        for token, move in ((stats.mute_graph.token, 3600), ("made up", 0)):
            world_telegram.control("clock", advance=move)
            with pytest.raises(errors.RPCError) as caught:
                await sender.send(functions.stats.LoadAsyncGraphRequest(token))
            seen.append(type(caught.value).__name__)
        await client._return_exported_sender(sender)
        return seen

    names = run(world_telegram, action)
    world_telegram.control("clock", set=NOW)

    assert names == ["GraphExpiredReloadError", "GraphInvalidReloadError"]


def test_message_statistics_and_public_forwards(world_telegram: SandboxProcess) -> None:
    source = world_telegram.control("channel", channel="registon_foto")
    post = next(p for p in reversed(source["posts"]) if p["text"])
    reposts = []
    for _ in range(3):
        spec = {"channel_id": source["id"], "post_id": post["id"], "date": post["date"]}
        reposts += world_telegram.control("post", channel="anor_market", text="r", forward=spec, views=5)["ids"]

    async def action(client: Any) -> Any:
        stats = await client.get_stats("registon_foto", post["id"])
        channel = await client.get_input_entity("registon_foto")
        sender = await client._borrow_exported_sender(4)
        pages, offset = [], ""
        while offset is not None:
            request = functions.stats.GetMessagePublicForwardsRequest(channel, post["id"], offset, 2)
            page = await sender.send(request)
            pages.append([f.message.id for f in page.forwards])
            offset = page.next_offset
        with pytest.raises(errors.MessageIdInvalidError):
            await client.get_stats("registon_foto", 10**6)
        await client._return_exported_sender(sender)
        return stats, pages

    stats, pages = run(world_telegram, action)
    views = columns(json.loads(stats.views_graph.json.data))["Views"]

    assert [len(p) for p in pages[:-1]] == [2] * (len(pages) - 1)
    assert set(reposts) <= {i for page in pages for i in page}
    assert 0 < sum(views) <= post["views"]


def test_world_lives_and_continues_after_a_kill(tmp_path: Path) -> None:
    process = SandboxProcess(state=tmp_path / "state", seed=2, live_rate=500, days=DAYS).start()

    def posts() -> int:
        return next(int(c["pts"]) for c in process.control("channels")["channels"] if c["username"] == NEWS)

    try:
        first = process.control("channel", channel=NEWS)
        process.wait_for(lambda: posts() > first["pts"], what="a new post")
        process.control("live", on=False)
        before = process.control("channel", channel=NEWS)
        process.kill()
        process.start()
        process.control("live", on=False)
        after = process.control("channel", channel=NEWS)
    finally:
        process.stop()

    def identity(channel: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(p["id"], p["date"], p["text"]) for p in channel["posts"]]

    assert identity(before) == identity(after)[: len(before["posts"])]
    assert len(before["posts"]) > len(first["posts"]) - 5


def test_a_moved_clock_fills_the_days_between() -> None:
    with SandboxProcess(seed=5, now=NOW, days=DAYS) as process:
        before = {p["id"] for p in process.control("channel", channel=NEWS)["posts"]}
        process.control("clock", advance=3 * DAY)
        fresh = [p for p in process.control("channel", channel=NEWS)["posts"] if p["id"] not in before]

    assert 30 <= len(fresh) <= 90
    assert all(from_iso(NOW) - 5 < p["date"] <= from_iso(NOW) + 3 * DAY + 60 for p in fresh)


def test_everything_the_world_serves_can_be_read(world_telegram: SandboxProcess) -> None:
    async def action(client: Any) -> dict[str, int]:
        kinds: dict[str, int] = {}
        for plan in PLANS:
            async for message in client.iter_messages(plan.username, limit=None, wait_time=0):
                kind = type(message.media).__name__ if message.action is None else "service"
                kinds[kind] = kinds.get(kind, 0) + 1
        return kinds

    kinds = run(world_telegram, action)

    assert {"MessageMediaPhoto", "MessageMediaDocument", "MessageMediaPoll", "service"} <= kinds.keys()
