"""Who may listen to a channel, what is heard, and what an unchanged page costs."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from accounts.sessions.ending import end_sessions
from analyticbot.core.audit import SYSTEM
from analytics.live import counting
from analytics.live.admission import Admitted, Close, admit, cookies_of, is_own_origin
from analytics.live.ring import Bell, bell
from analytics.live.sockets import Listening
from channels_app.ingest import ingest_messages
from channels_app.models import Channel, TrackedChannel
from channels_app.moved import Moved, channel_moved, tell_moved
from mtproto.records import Counters, MessageRecord, Source
from tests.factories import make_channel, make_tracked, make_user, make_workspace
from tests.web import WebProcess, web_process

SOON = 10.0


def tell(channel: Channel, number: int, views: int) -> None:
    at = timezone.now()
    record = MessageRecord(number, at - timedelta(hours=1), f"Post {number}", counters=Counters(views=views))
    ingest_messages(channel.pk, [record], source=Source.MTPROTO, observed_at=at)


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[WebProcess]:
    with django_db_blocker.unblock(), web_process() as server:
        yield server


@pytest.fixture
def person(transactional_db: None) -> User:
    return make_user()


@pytest.fixture
def channel(person: User) -> Channel:
    workspace = make_workspace(owner=person)
    channel = make_channel("mine")
    make_tracked(workspace, channel)
    return channel


def cookie_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def listen(server: WebProcess, path: str, cookie: str = "", *, origin: str | None = "") -> Any:
    headers = {"Cookie": cookie} if cookie else {}
    return connect(
        server.socket_url + path,
        origin=server.url if origin == "" else origin,  # type: ignore[arg-type]  # a new type of str
        additional_headers=headers,
        open_timeout=SOON,
    )


async def heard(socket: ClientConnection) -> dict[str, Any]:
    """The next news; pings are passed over."""
    while True:
        told: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), SOON))
        if told["what"] != ["ping"]:
            return told


async def close_code(socket: ClientConnection) -> int:
    """Why the server closed it."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), SOON)
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return closed.rcvd.code


async def aside(function: Callable[..., Any], *args: Any) -> Any:
    """Blocking work in a thread; its database connection ends with it."""

    def whole() -> Any:
        try:
            return function(*args)
        finally:
            connection.close()

    return await asyncio.to_thread(whole)


def run(conversation: Callable[[], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        return await conversation()

    return asyncio.run(whole())


def test_news_of_an_ingest_are_heard_at_once(server: WebProcess, person: User, channel: Channel) -> None:
    cookie = cookie_of(person)
    other = make_channel("elsewhere")

    async def conversation() -> tuple[list[dict[str, Any]], float]:
        mine, all_of_mine = (listen(server, f"/ws/channels/{which}", cookie) for which in ("@mine/", ""))
        async with mine as one, all_of_mine as every:
            await one.recv()  # the first ping: it listens from now on
            await every.recv()
            began = time.monotonic()
            await aside(tell, other, 1, 5)
            await aside(tell, channel, 1, 100)
            first = await heard(one)
            took = time.monotonic() - began
            for views in range(101, 130):
                await aside(tell, channel, 1, views)
            return [first, await heard(one), await heard(every)], took

    (first, later, of_all), took = run(conversation)
    assert first == {"channel": "@mine", "version": 1, "what": ["counters", "posts"]}
    assert later["version"] > 1
    assert of_all["channel"] == "@mine"
    assert took < SOON


def test_the_last_of_many_news_is_told_and_they_are_few(server: WebProcess, person: User, channel: Channel) -> None:
    cookie = cookie_of(person)

    async def conversation() -> list[int]:
        versions: list[int] = []
        async with listen(server, "/ws/channels/@mine/", cookie) as socket:
            await socket.recv()
            for views in range(40):
                await aside(tell, channel, 1, views)
            while not versions or versions[-1] < 40:
                versions.append((await heard(socket))["version"])
        return versions

    began = time.monotonic()
    versions = run(conversation)
    seconds = time.monotonic() - began
    assert versions == sorted(set(versions))
    assert versions[-1] == 40
    assert len(versions) <= 2 + seconds / 0.3


def test_who_may_not_listen_is_told_only_that(server: WebProcess, person: User, channel: Channel) -> None:
    stranger = make_user()
    make_workspace(owner=stranger)
    foreign, own = cookie_of(stranger), cookie_of(person)

    async def code_of(path: str, cookie: str) -> int:
        async with listen(server, path, cookie) as socket:
            return await close_code(socket)

    async def conversation() -> None:
        assert await code_of("/ws/channels/@mine/", foreign) == 4404
        assert await code_of("/ws/channels/@nobody/", foreign) == 4404
        assert await code_of("/ws/channels/@mine/", "") == 4401
        assert await code_of("/ws/channels/@mine/", f"{settings.SESSION_COOKIE_NAME}=made-up") == 4401
        for origin in ("https://evil.example", server.url.replace("127.0.0.1", "127.0.0.1.evil.example"), None):
            with pytest.raises(InvalidStatus) as refused:
                async with listen(server, "/ws/channels/@mine/", own, origin=origin):
                    pass
            assert refused.value.response.status_code == 403
        with pytest.raises(InvalidStatus):
            async with listen(server, "/ws/elsewhere/", own):
                pass

    run(conversation)


def test_a_socket_only_listens_and_ends_with_the_session(server: WebProcess, person: User, channel: Channel) -> None:
    client = Client()
    client.force_login(person)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    cookie_of_another = cookie_of(person)

    async def conversation() -> None:
        async with listen(server, "/ws/channels/@mine/", cookie) as speaking:
            await speaking.recv()
            await speaking.send("hello")
            assert await close_code(speaking) == 4400
        async with listen(server, "/ws/channels/@mine/", cookie) as socket:
            await socket.recv()
            await aside(client.post, "/account/logout/")
            assert await close_code(socket) == 4401
        async with listen(server, "/ws/channels/@mine/", cookie_of_another) as socket:
            await socket.recv()
            await aside(lambda: end_sessions(person, actor=SYSTEM, now=timezone.now()))
            assert await close_code(socket) == 4401

    run(conversation)


def test_tabs_have_their_limit_and_connections_are_given_back(
    server: WebProcess, person: User, channel: Channel
) -> None:
    cookie = cookie_of(person)

    async def conversation() -> int:
        sockets = [await listen(server, "/ws/channels/@mine/", cookie) for _ in range(counting.MOST_OF_SESSION)]
        for socket in sockets:
            await socket.recv()
        async with listen(server, "/ws/channels/@mine/", cookie) as beyond:
            code = await close_code(beyond)
        idle = await aside(_connections)
        for socket in sockets:
            await socket.close()
        assert idle <= 4  # those that the pool keeps ready
        return code

    assert run(conversation) == 4429


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND client_port IS NOT NULL AND application_name = ''"
            " AND state <> 'idle'"
        )
        found: int = cursor.fetchone()[0]
    return found


def test_without_redis_pages_are_sent_away_and_ingest_goes_on(person: User, channel: Channel) -> None:
    cookie = cookie_of(person)

    async def conversation(server: WebProcess) -> int:
        async with listen(server, "/ws/channels/@mine/", cookie) as socket:
            return await close_code(socket)

    with web_process(redis_url="redis://127.0.0.1:1/0") as server:
        assert run(lambda: conversation(server)) == 1013


def test_a_ring_costs_ingest_nothing_while_redis_is_away(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An address that takes connections and never answers: the worst of Redises."""
    import socket

    from channels.layers import channel_layers

    from analytics.live import ring

    listener = socket.create_server(("127.0.0.1", 0))
    layers = json.loads(json.dumps(settings.CHANNEL_LAYERS))
    layers["default"]["CONFIG"]["hosts"] = [f"redis://127.0.0.1:{listener.getsockname()[1]}/0"]
    mine = Bell()
    monkeypatch.setattr(settings, "CHANNEL_LAYERS", layers)
    monkeypatch.setattr(channel_layers, "backends", {})
    monkeypatch.setattr(ring, "bell", mine)
    took = []
    for views in range(30):
        began = time.perf_counter()
        tell(channel, 1, views)
        took.append(time.perf_counter() - began)
    noted = []
    for _ in range(1000):
        began = time.perf_counter()
        tell_moved(channel.pk, [Moved.COUNTERS], version=1)
        noted.append(time.perf_counter() - began)
    print(f"ingest {sorted(took)[15] * 1000:.1f} ms, a ring {sorted(noted)[500] * 1e6:.0f} µs")
    assert sorted(noted)[500] < 0.001
    assert max(took) < 2
    mine.settle(within=4)
    listener.close()


def test_a_fork_has_a_bell_of_its_own() -> None:
    bell.ring("nobody", ["posts"])
    assert bell.settle(within=5)
    child = os.fork()
    if child == 0:
        # Only what a child may do: no clean-up of pytest's, no exceptions.
        bell.ring("nobody", ["posts"])
        os._exit(0 if bell.settle(within=5) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_the_signal_is_sent_after_the_commit_only(channel: Channel) -> None:
    told: list[Any] = []

    def hear(channel_id: int, version: int | None, what: frozenset[Moved], **_: Any) -> None:
        told.append((channel_id, version, what))
        raise RuntimeError("a listener that fails stops nobody")

    channel_moved.connect(hear)
    try:
        tell(channel, 1, 10)
        tell(channel, 1, 10)  # nothing new
        tell(channel, 1, 11)
    finally:
        channel_moved.disconnect(hear)
    assert told == [
        (channel.pk, 1, {Moved.COUNTERS, Moved.POSTS}),
        (channel.pk, 2, {Moved.COUNTERS}),
    ]


def test_an_unchanged_page_is_304_for_three_statements(client: Client, person: User, channel: Channel) -> None:
    client.force_login(person)
    asked = {"HX-Request": "true"}
    first = client.get("/app/channels/@mine/", headers=asked)
    tag = first["ETag"]
    assert "no-store" in first["Cache-Control"]
    assert f'data-tag="{escape(tag)}"' in first.content.decode()
    client.get("/app/channels/@mine/", headers=asked | {"If-None-Match": tag})
    with CaptureQueriesContext(connection) as statements:
        same = client.get("/app/channels/@mine/", headers=asked | {"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    assert len(statements) <= 3

    tell(channel, 1, 10)
    assert client.get("/app/channels/@mine/", headers=asked | {"If-None-Match": tag}).status_code == 200
    # What a browser asks for by itself is never taken for known.
    assert client.get("/app/channels/@mine/", headers={"If-None-Match": tag}).status_code == 200
    past = client.get("/app/channels/@mine/?period=yesterday", headers=asked)
    assert "ETag" not in past
    assert "data-live" not in past.content.decode()


def test_the_tag_is_the_readers_own(client: Client, person: User, channel: Channel) -> None:
    client.force_login(person)
    asked = {"HX-Request": "true"}
    tag = client.get("/app/channels/@mine/", headers=asked)["ETag"]
    User.objects.update(language="ru")
    assert client.get("/app/channels/@mine/", headers=asked | {"If-None-Match": tag}).status_code == 200
    TrackedChannel.objects.all().delete()
    assert client.get("/app/channels/@mine/", headers=asked | {"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("address", ["/app/", "/app/channels/@mine/posts/1/", "/app/channels/@mine/now/"])
def test_other_pages_have_a_tag_too(client: Client, person: User, channel: Channel, address: str) -> None:
    tell(channel, 1, 10)
    client.force_login(person)
    asked = {"HX-Request": "true"}
    first = client.get(address, headers=asked)
    asked["If-None-Match"] = first["ETag"]
    assert f'data-tag="{escape(first["ETag"])}"' in first.content.decode()
    with CaptureQueriesContext(connection) as statements:
        assert client.get(address, headers=asked).status_code == 304
    assert len(statements) <= 3
    tell(channel, 1, 11)
    assert client.get(address, headers=asked).status_code == 200


def test_sockets_and_rings_are_counted(server: WebProcess, client: Client, person: User, channel: Channel) -> None:
    import urllib.request

    cookie = cookie_of(person)

    def metrics() -> str:
        with urllib.request.urlopen(server.url + "/metrics", timeout=SOON) as answer:
            return str(answer.read().decode())

    async def conversation() -> None:
        async with listen(server, "/ws/channels/@mine/", cookie) as socket:
            await socket.recv()
            await aside(tell, channel, 1, 100)
            await heard(socket)
            text = await aside(metrics)
            assert "analyticbot_live_sockets 1.0" in text
            assert "analyticbot_live_rings_total" in text

    run(conversation)


def test_who_goes_away_while_it_begins_to_listen_leaves_nothing_behind() -> None:
    async def send(_message: dict[str, Any]) -> None:
        """Nobody is there."""

    async def goes() -> dict[str, Any]:
        await asyncio.sleep(0.001)
        return {"type": "websocket.disconnect"}

    async def conversation() -> tuple[dict[str, Any], dict[str, Any]]:
        admitted = Admitted({}, {pk: f"@channel_{pk}" for pk in range(1, 200)})
        for _visit in range(5):
            await Listening(admitted, None, send).until_end(goes)
        layer: Any = get_channel_layer()
        kept = layer._get_layer()  # what it holds for this event loop
        return dict(kept.channels), dict(kept.groups)

    assert run(conversation) == ({}, {})


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "http://localhost@evil.example"])
def test_what_is_no_origin_is_not_ours(origin: str) -> None:
    assert not is_own_origin({"headers": [(b"host", b"localhost"), (b"origin", origin.encode())]})


def test_signs_that_no_column_holds_are_nobodys(person: User, channel: Channel) -> None:
    name, key = cookie_of(person).split("=")
    assert admit({name: key}, "@\x00") == Close.NOT_FOUND
    scope = {"headers": [(b"cookie", name.encode() + b'="\\000\\000\\000\\000\\000\\000\\000\\000\\000"')]}
    assert admit(cookies_of(scope), "@mine") == Close.SIGN_IN
