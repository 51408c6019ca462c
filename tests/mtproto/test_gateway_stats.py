"""Official statistics over a real connection to a second data centre."""

import pytest

from mtproto.errors import GraphExpired, ServerTrouble, StatsRefused
from mtproto.graphs import daily_facts_from_graphs, read_graph
from mtproto.records import Graph, Peer
from mtproto.references import PeerReference
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.gateway import TelethonGateway
from tests.mtproto.conftest import run
from tests.telegram import SandboxProcess


async def opened(config: TelegramConfig, session: str, name: str = "alpha") -> tuple[TelethonGateway, Peer]:
    gateway = TelethonGateway(config, session, receive_updates=False)
    record = await gateway.resolve(PeerReference(username=name))
    return gateway, Peer(record.tg_id, record.access_hash or 0)


def connections_to(sandbox: SandboxProcess, dc: int) -> int:
    return sum(s["connections"] for s in sandbox.control("sessions")["sessions"] if s["dc"] == dc)


def test_all_graphs_are_loaded_from_the_statistics_data_centre(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session)
        stats = await gateway.broadcast_stats(peer)
        loaded: dict[str, Graph] = {}
        for name, graph in stats.graphs.items():
            loaded[name] = await gateway.load_graph(peer, graph.token) if graph.token else graph
        exports = sandbox.control("counts")["counts"]["auth.exportAuthorization"]
        await gateway.broadcast_stats(peer)

        assert len(loaded) >= 12
        assert all(g.json or g.error for g in loaded.values())
        assert {"followers", "views_per_post"} <= set(stats.values)
        assert stats.period_from < stats.period_to
        assert stats.recent_posts
        assert connections_to(sandbox, 4) == 1
        assert sandbox.control("counts")["counts"]["auth.exportAuthorization"] == exports
        raw = {name: graph.json for name, graph in loaded.items() if graph.json}
        for text in raw.values():
            read_graph(text)
        days = daily_facts_from_graphs(raw)
        assert days
        assert any(day.subscribers is not None for day in days)
        await gateway.disconnect()

    run(steps)


def test_known_statistics_data_centre_is_asked_at_once(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session)
        full = await gateway.channel(peer)
        before = sandbox.control("counts")["counts"].get("stats.getBroadcastStats", 0)
        await gateway.broadcast_stats(peer, stats_dc=full.stats_dc)
        await gateway.disconnect()

        assert full.stats_dc == 4
        assert sandbox.control("counts")["counts"]["stats.getBroadcastStats"] == before + 1

    run(steps)


def test_statistics_connection_that_was_cut_is_opened_again_without_new_export(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session)
        await gateway.broadcast_stats(peer)
        exports = sandbox.control("counts")["counts"]["auth.exportAuthorization"]
        assert gateway._client is not None
        for sender in gateway._client._others.values():
            await sender.disconnect()
        stats = await gateway.broadcast_stats(peer)
        await gateway.disconnect()

        assert stats.graphs
        assert sandbox.control("counts")["counts"]["auth.exportAuthorization"] == exports

    run(steps)


def test_statistics_that_do_not_come_are_given_up_and_asked_anew(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtproto.telethon_adapter.gateway.STATS_SECONDS", 0.3)

    async def steps() -> None:
        gateway, peer = await opened(config, session)
        sandbox.control("delay", method="stats.getBroadcastStats", ms=1500)
        with pytest.raises(ServerTrouble) as late:
            await gateway.broadcast_stats(peer, stats_dc=4)
        assert late.value.code == "TIMEOUT"
        sandbox.control("clear_faults")
        monkeypatch.undo()
        assert (await gateway.broadcast_stats(peer, stats_dc=4)).graphs
        await gateway.disconnect()

    run(steps)


def test_statistics_data_centre_that_is_not_there_troubles_nothing_else(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session)
        with pytest.raises(ServerTrouble, match="no address"):
            await gateway.broadcast_stats(peer, stats_dc=9)
        client = await gateway._ready()
        assert client._dc_options is not None
        for option in client._dc_options:
            option.port = 1 if option.id == 4 else option.port
        with pytest.raises(ServerTrouble):
            await gateway.broadcast_stats(peer, stats_dc=4)
        sandbox.control("fault", method="stats.getBroadcastStats", error="NOT_IMPLEMENTED", code=500)
        with pytest.raises(ServerTrouble):
            await gateway.broadcast_stats(peer, stats_dc=2)
        assert (await gateway.history(peer)).messages
        await gateway.disconnect()

    run(steps)


def test_channel_without_right_is_refused(sandbox: SandboxProcess, config: TelegramConfig, session: str) -> None:
    sandbox.control("create_channel", username="not_ours", subscribers=5000)

    async def steps() -> None:
        gateway, peer = await opened(config, session, "not_ours")
        with pytest.raises(StatsRefused):
            await gateway.broadcast_stats(peer)
        with pytest.raises(GraphExpired):
            await gateway.load_graph(peer, "no such token")
        await gateway.disconnect()

    run(steps)


def test_post_statistics_and_public_forwards_are_read(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session)
        stats = await gateway.message_stats(peer, 250)
        forwards = await gateway.public_forwards(peer, 250)
        await gateway.disconnect()

        assert stats.message_id == 250
        assert "views_graph" in stats.graphs
        assert forwards.count >= len(forwards.forwards)

    run(steps)
