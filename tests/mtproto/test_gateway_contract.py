"""What every implementation of the port must do, against the sandbox or any other Telegram server.

Another server is named by TELEGRAM_CONTRACT_SERVER=HOST:PORT, TELEGRAM_CONTRACT_KEY=<public key file>,
TELEGRAM_CONTRACT_PHONE, TELEGRAM_CONTRACT_CODE and TELEGRAM_CONTRACT_CHANNEL (a channel with at least ten posts).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from mtproto.errors import AccountUnusable, PeerNotFound, PeerUnaddressed
from mtproto.gateway import TelegramGateway
from mtproto.records import EmptyRecord, MessageRecord, Peer, PeerKind
from mtproto.references import PeerReference
from mtproto.telethon_adapter.config import TelegramConfig, telegram_config
from mtproto.telethon_adapter.gateway import TelethonGateway
from mtproto.telethon_adapter.sign_in import TelethonSignIn
from tests.mtproto.conftest import run
from tests.telegram import DEMO_PHONE, LOGIN_CODE

ENVIRONMENT = "TELEGRAM_CONTRACT_"
ABSENT_ID = 2_000_000_000


@dataclass
class Server:
    """A Telegram to be tested against."""

    config: TelegramConfig
    phone: str
    code: str
    channel: str
    session: str = ""

    def gateway(self, *, session: str | None = None) -> TelegramGateway:
        return TelethonGateway(self.config, self.session if session is None else session, receive_updates=False)


_sessions: dict[str, str] = {}


@pytest.fixture(params=["sandbox", "other"])
def server(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Server]:
    if request.param == "sandbox":
        request.getfixturevalue("sandbox")
        made = Server(telegram_config(), DEMO_PHONE, LOGIN_CODE, "alpha")
    else:
        made = _other_server(settings)
    if request.param not in _sessions:
        _sessions[request.param] = run(signed_in, made)
    made.session = _sessions[request.param]
    yield made


def _other_server(settings: Settings) -> Server:
    address = os.environ.get(f"{ENVIRONMENT}SERVER")
    if not address:
        pytest.skip(f"no other Telegram server at hand ({ENVIRONMENT}SERVER is not set)")
    settings.SANDBOX = True
    settings.TELEGRAM_SERVER = address
    settings.TELEGRAM_SERVER_KEY = Path(os.environ[f"{ENVIRONMENT}KEY"])
    given = {name: os.environ[f"{ENVIRONMENT}{name}"] for name in ("PHONE", "CODE", "CHANNEL")}
    return Server(telegram_config(), given["PHONE"], given["CODE"], given["CHANNEL"])


async def signed_in(server: Server) -> str:
    flow = TelethonSignIn(server.config)
    try:
        await flow.request_code(server.phone)
        await flow.enter_code(server.code)
        return flow.session
    finally:
        await flow.close()


async def met(gateway: TelegramGateway, server: Server) -> Peer:
    record = await gateway.resolve(PeerReference(username=server.channel))
    assert record.access_hash is not None
    return Peer(record.tg_id, record.access_hash)


def test_account_says_who_it_is(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        await gateway.connect()
        who = await gateway.me()
        await gateway.disconnect()
        await gateway.disconnect()

        assert who.tg_id > 0
        assert who.phone == "".join(filter(str.isdigit, server.phone))

    run(check)


def test_username_leads_to_channel_with_access_hash(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        record = await gateway.resolve(PeerReference(username=server.channel))
        full = await gateway.channel(Peer(record.tg_id, record.access_hash or 0))
        await gateway.disconnect()

        assert (record.kind, record.username, record.is_full) == (PeerKind.CHANNEL, server.channel, False)
        assert (full.tg_id, full.is_full) == (record.tg_id, True)
        assert (full.subscribers or 0) >= 1
        assert (full.pts or 0) >= 1

    run(check)


def test_unknown_username_and_wrong_hash_are_told_apart(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        with pytest.raises(PeerNotFound):
            await gateway.resolve(PeerReference(username="nobody_has_this_name_1"))
        peer = await met(gateway, server)
        with pytest.raises(PeerUnaddressed):
            await gateway.history(Peer(peer.tg_id, peer.access_hash ^ 1))
        await gateway.disconnect()

    run(check)


def test_history_pages_meet_without_gap_or_double(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        peer = await met(gateway, server)
        whole = [m.message_id for m in (await gateway.history(peer, limit=10)).messages]
        paged: list[int] = []
        while len(paged) < len(whole):
            before = paged[-1] if paged else 0
            paged += [m.message_id for m in (await gateway.history(peer, before_id=before, limit=3)).messages]
        newer = [m.message_id for m in (await gateway.history(peer, after_id=whole[3])).messages]
        oldest = await gateway.history(peer, before_id=1)
        await gateway.disconnect()

        assert whole == sorted(whole, reverse=True)
        assert paged[: len(whole)] == whole
        assert newer == whole[:3]
        assert oldest.messages == ()

    run(check)


def test_posts_are_read_by_id_in_the_order_asked(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        peer = await met(gateway, server)
        page = (await gateway.history(peer, limit=10)).messages
        posts = [m for m in page if isinstance(m, MessageRecord)]
        ids = [posts[-1].message_id, ABSENT_ID, posts[0].message_id]
        found = await gateway.messages(peer, ids)
        nothing = await gateway.messages(peer, [])
        await gateway.disconnect()

        # A server may answer MessageEmpty for what is not there, or pass over it.
        assert found in ((posts[-1], EmptyRecord(ABSENT_ID), posts[0]), (posts[-1], posts[0]))
        assert nothing == ()
        assert all(post.date.tzinfo is UTC for post in posts)

    run(check)


def test_views_are_not_added_by_reading(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        peer = await met(gateway, server)
        first = next(m for m in (await gateway.history(peer)).messages if isinstance(m, MessageRecord))
        for _ in range(3):
            (again,) = await gateway.messages(peer, [first.message_id])
        await gateway.disconnect()

        assert isinstance(again, MessageRecord)
        assert again.counters.views == first.counters.views

    run(check)


def test_difference_from_the_present_is_empty(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway()
        peer = await met(gateway, server)
        await gateway.join(peer)
        pts = (await gateway.channel(peer)).pts or 0
        difference = await gateway.difference(peer, pts=pts)
        await gateway.disconnect()

        assert (difference.updates, difference.pts, difference.final) == ((), pts, True)

    run(check)


def test_session_that_is_not_signed_in_is_unusable(server: Server) -> None:
    async def check() -> None:
        gateway = server.gateway(session="")
        with pytest.raises(AccountUnusable):
            await gateway.connect()
        await gateway.disconnect()

    run(check)
