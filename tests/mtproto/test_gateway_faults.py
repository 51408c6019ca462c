"""A Telegram that misbehaves: only our errors leave the gateway, and it goes on afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mtproto.errors import (
    AccountUnusable,
    FloodWait,
    GatewayError,
    GraphExpired,
    PeerNotChannel,
    PeerNotFound,
    PeerPrivate,
    PeerUnaddressed,
    RequestInvalid,
    ServerTrouble,
    StatsRefused,
    Unreachable,
)
from mtproto.records import Peer, PeerKind
from mtproto.references import PeerReference
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.gateway import TelethonGateway
from tests.mtproto.conftest import run
from tests.telegram import SandboxProcess

ALPHA = PeerReference(username="alpha")


@pytest.fixture
def using(config: TelegramConfig, session: str) -> Callable[[Callable[[TelethonGateway, Peer], Awaitable[Any]]], Any]:
    """Run steps with an open gateway and the peer of the channel alpha."""

    def use(steps: Callable[[TelethonGateway, Peer], Awaitable[Any]]) -> Any:
        async def begin() -> Any:
            gateway = TelethonGateway(config, session, receive_updates=False)
            try:
                record = await gateway.resolve(ALPHA)
                return await steps(gateway, Peer(record.tg_id, record.access_hash or 0))
            finally:
                await gateway.disconnect()

        return run(begin)

    return use


@pytest.mark.parametrize(
    ("error", "code", "expected", "permanent"),
    [
        ("FLOOD_WAIT_5", 420, FloodWait, False),
        ("FLOOD_PREMIUM_WAIT_5", 420, FloodWait, False),
        ("FLOOD_NEW_KIND_5", 420, FloodWait, False),
        ("FROZEN_METHOD_INVALID", 420, AccountUnusable, True),
        ("CHANNEL_PRIVATE", 400, PeerPrivate, False),
        ("CHANNEL_INVALID", 400, PeerUnaddressed, False),
        ("SESSION_REVOKED", 401, AccountUnusable, True),
        ("SOMETHING_401", 401, AccountUnusable, True),
        ("AUTH_KEY_DUPLICATED", 406, AccountUnusable, True),
        ("CHANNEL_PRIVATE", 406, PeerPrivate, False),
        ("A_NEW_REFUSAL", 406, RequestInvalid, True),
        ("RPC_CALL_FAIL", 500, ServerTrouble, False),
        ("NOT_IMPLEMENTED", 500, ServerTrouble, False),
        ("Server error", 500, ServerTrouble, False),
        ("INTERDC_4_CALL_ERROR", 500, ServerTrouble, False),
        ("Timeout", -503, ServerTrouble, False),
        ("LIMIT_INVALID", 400, RequestInvalid, True),
        ("A_NEW_REFUSAL", 400, RequestInvalid, True),
    ],
)
def test_answer_becomes_our_error(
    sandbox: SandboxProcess, using: Any, error: str, code: int, expected: type[GatewayError], permanent: bool
) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("fault", method="messages.getHistory", error=error, code=code)
        with pytest.raises(expected) as refused:
            await gateway.history(peer)
        assert type(refused.value) is expected
        assert refused.value.permanent is permanent
        assert refused.value.retry_after == (5 if expected is FloodWait else None)
        if expected is not AccountUnusable:
            sandbox.control("clear_faults")
            await gateway.messages(peer, [1])

    using(steps)


def test_short_flood_is_not_slept_through(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        # The longest that the library sleeps through by itself.
        sandbox.control("fault", method="messages.getHistory", error="FLOOD_WAIT_60")
        async with asyncio.timeout(30):
            with pytest.raises(FloodWait):
                await gateway.history(peer)

    using(steps)


def test_group_user_and_bot_are_no_channels(sandbox: SandboxProcess, using: Any) -> None:
    sandbox.control("create_channel", username="a_group", megagroup=True)

    async def steps(gateway: TelethonGateway, _peer: Peer) -> None:
        kinds = {}
        for name in ("a_group", "sandbox_user", "sandbox_bot"):
            try:
                await gateway.resolve(PeerReference(username=name))
            except PeerNotChannel as error:
                kinds[name] = error.kind
            except PeerNotFound:
                continue
        assert kinds["a_group"] is PeerKind.GROUP
        assert set(kinds.values()) <= {PeerKind.GROUP, PeerKind.USER, PeerKind.BOT}

    using(steps)


def test_channel_closed_to_us_is_private(sandbox: SandboxProcess, using: Any) -> None:
    made = sandbox.control("create_channel", username="closed_one")

    async def steps(gateway: TelethonGateway, _peer: Peer) -> None:
        record = await gateway.resolve(PeerReference(username="closed_one"))
        peer = Peer(record.tg_id, record.access_hash or 0)
        sandbox.control("facts", channel="closed_one", banned=True)
        with pytest.raises(PeerPrivate):
            await gateway.channel(peer)

    assert made["ok"]
    using(steps)


def test_id_that_was_never_met_must_be_resolved(using: Any) -> None:
    async def steps(gateway: TelethonGateway, _peer: Peer) -> None:
        with pytest.raises(PeerUnaddressed):
            await gateway.resolve(PeerReference(tg_id=4_000_000_000))

    using(steps)


def test_request_that_cannot_be_written_is_ours(using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        with pytest.raises(RequestInvalid, match="cannot be sent"):
            await gateway.messages(peer, [2**40])

    using(steps)


def test_connection_cut_under_a_call_is_reported_and_opened_again(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("delay", method="messages.getHistory", ms=60_000)
        call = asyncio.ensure_future(gateway.history(peer))
        await asyncio.sleep(0.2)
        sandbox.control("cut")
        async with asyncio.timeout(30):  # long before the answer was to come
            with pytest.raises(Unreachable):
                await call
        sandbox.control("clear_faults")
        assert (await gateway.history(peer)).messages

    using(steps)


def test_refused_connection_is_unreachable_until_it_opens(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("cut", refuse=60)
        with pytest.raises(Unreachable):
            await gateway.history(peer)
        sandbox.control("clear_faults")
        assert (await gateway.history(peer)).messages

    using(steps)


def test_slow_answer_is_given_up_and_late_answer_harms_nothing(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("delay", method="messages.getHistory", ms=600)
        with pytest.raises(ServerTrouble) as late:
            await gateway._call(_history(peer), seconds=0.3)
        assert late.value.code == "TIMEOUT"
        sandbox.control("delay", method="messages.getHistory", ms=0)
        await asyncio.sleep(0.4)
        assert (await gateway.history(peer)).messages

    using(steps)


def _history(peer: Peer) -> Any:
    from telethon.tl import functions, types

    return functions.messages.GetHistoryRequest(
        types.InputPeerChannel(peer.tg_id, peer.access_hash), 0, None, 0, 1, 0, 0, 0
    )


class Relay:
    """A line between us and the server that can go dead without a sound."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._tasks: set[asyncio.Task[None]] = set()
        self._frozen: set[asyncio.Event] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.opened = 0

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        there, back = await asyncio.open_connection(*self._target)
        flowing = asyncio.Event()
        flowing.set()
        self._frozen.add(flowing)
        self._writers += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.ensure_future(self._pump(source, sink, flowing))
            self._tasks.add(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
        while data := await source.read(65536):
            await flowing.wait()
            sink.write(data)
        sink.close()

    def freeze(self) -> None:
        """Nothing passes on the lines that are open now."""
        for flowing in self._frozen:
            flowing.clear()

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def test_line_that_went_dead_is_closed_and_a_new_one_opened(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtproto.telethon_adapter.gateway.PING_SECONDS", 0.2)

    async def steps() -> None:
        relay = Relay(("127.0.0.1", sandbox.port))
        through = TelegramConfig(config.api_id, config.api_hash, ("127.0.0.1", await relay.start()))
        gateway = TelethonGateway(through, session, receive_updates=True)
        record = await gateway.resolve(ALPHA)
        peer = Peer(record.tg_id, record.access_hash or 0)
        reading = asyncio.ensure_future(anext(gateway.updates()))
        await asyncio.sleep(0.1)
        relay.freeze()
        with pytest.raises(Unreachable) as dead:
            await gateway._call(_history(peer), seconds=0.3)
        assert dead.value.code == "TIMEOUT"
        with pytest.raises(Unreachable):
            await asyncio.wait_for(reading, 2)
        await gateway.connect()
        assert (await gateway.history(peer)).messages
        assert relay.opened == 2
        await gateway.disconnect()
        await relay.stop()

    run(steps)


def test_cancelled_call_leaves_the_connection_usable(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("delay", method="messages.getHistory", ms=300)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await gateway.history(peer)
        sandbox.control("delay", method="messages.getHistory", ms=0)
        assert (await gateway.history(peer)).messages

    using(steps)


@pytest.mark.parametrize(("error", "code"), [("NOT_IMPLEMENTED", 500), ("METHOD_INVALID", 400)])
def test_server_without_state_of_updates_is_connected_to(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, error: str, code: int
) -> None:
    async def steps() -> None:
        sandbox.control("fault", method="updates.getState", error=error, code=code, times=None)
        gateway = TelethonGateway(config, session, receive_updates=True)
        await gateway.connect()
        assert (await gateway.resolve(ALPHA)).tg_id
        await gateway.disconnect()

    run(steps)


def test_server_that_serves_nothing_is_unreachable(
    sandbox: SandboxProcess, config: TelegramConfig, session: str
) -> None:
    async def steps() -> None:
        for method in ("updates.getState", "users.getUsers"):
            sandbox.control("fault", method=method, error="Server error", code=500, times=None)
        gateway = TelethonGateway(config, session, receive_updates=True)
        with pytest.raises(Unreachable):
            await gateway.connect()
        await gateway.disconnect()

    run(steps)


def test_salt_that_changes_is_not_noticed(sandbox: SandboxProcess, using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("salt")
        assert (await gateway.history(peer)).messages

    using(steps)


def test_closed_gateway_stays_closed_until_connected(using: Any) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        await gateway.disconnect()
        with pytest.raises(Unreachable, match="was closed"):
            await gateway.history(peer)
        await gateway.connect()
        assert (await gateway.history(peer)).messages

    using(steps)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("CHAT_ADMIN_REQUIRED", StatsRefused),
        ("BROADCAST_REQUIRED", StatsRefused),
        ("GRAPH_EXPIRED_RELOAD", GraphExpired),
        ("CHANNEL_PRIVATE", PeerPrivate),
        ("FLOOD_WAIT_9", FloodWait),
    ],
)
def test_statistics_have_their_own_refusals(
    sandbox: SandboxProcess, using: Any, error: str, expected: type[GatewayError]
) -> None:
    async def steps(gateway: TelethonGateway, peer: Peer) -> None:
        sandbox.control("fault", method="stats.loadAsyncGraph", error=error)
        with pytest.raises(expected):
            await gateway.load_graph(peer, "token", stats_dc=4)

    using(steps)
