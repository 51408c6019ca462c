"""The wire itself: rubbish, compression both ways, other transports' ends, and the process around it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon.helpers import generate_key_data_from_nonce

from sandbox.handshake import Handshake
from sandbox.keys import test_key as published_key
from sandbox.tl import AES, functions, types
from sandbox.wire import decrypt, encrypt
from tests.sandbox.conftest import POSTS, write_channels
from tests.sandbox.test_history import ALL, run
from tests.telegram import ROOT, SandboxProcess


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox that compresses its answers."""
    with SandboxProcess(channels=write_channels(tmp_path_factory.mktemp("zipped")), gzip=True) as process:
        yield process


def test_answers_may_be_compressed(zipped: SandboxProcess) -> None:
    async def action(client: Any) -> list[int]:
        return [m.id async for m in client.iter_messages("alpha", limit=None, wait_time=0)]

    assert run(zipped, action) == ALL


def test_compressed_requests_are_read(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> list[Any]:
        wanted = list(range(1, 101))  # 100 ids: over 512 bytes, so the client compresses
        return list(await client.get_messages("alpha", ids=wanted))

    found = run(telegram, action)

    assert [m.id if m else None for m in found] == [i if i not in (7, 8, 100) else None for i in range(1, 101)]


def test_many_calls_at_once_travel_in_containers(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> list[int]:
        peer = await client.get_input_entity("alpha")
        pages = await asyncio.gather(*(client.get_messages(peer, ids=i) for i in range(200, POSTS + 1)))
        return [p.id for p in pages]

    assert run(telegram, action) == list(range(200, POSTS + 1))


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xef\x00",
        b"\xef\x7f\xff\xff\xff" + b"x" * 100,
        b"\xee\xee\xee\xee" + struct.pack("<i", 40) + bytes(40),
        b"\xee\xee\xee\xee" + struct.pack("<i", 48) + bytes(8) + struct.pack("<qi", 1, 20) + b"\xff" * 28,
        b"\xee\xee\xee\xee" + struct.pack("<i", 64) + b"\x01" * 64,
        struct.pack("<ii", 20, 0) + b"\x00" * 12,
        b"\x00" * 64,
    ],
    ids=["http", "empty", "cut off", "zero nonce", "unknown constructor", "unknown key", "bad checksum", "zeros"],
)
def test_rubbish_ends_its_own_connection_only(telegram: SandboxProcess, rubbish: bytes) -> None:
    with socket.create_connection(("127.0.0.1", telegram.port), timeout=30) as connection:
        connection.sendall(rubbish)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1024):
            pass

    async def action(client: Any) -> Any:
        return await client.get_me()

    assert run(telegram, action) is not None
    assert "Traceback" not in telegram.log()


def test_encryption_is_undone_by_the_other_side() -> None:
    key, plain = os.urandom(256), os.urandom(100)

    packet = encrypt(key, b"k" * 8, plain)

    assert packet[:8] == b"k" * 8
    with pytest.raises(Exception, match="msg_key"):
        decrypt(key, packet)  # an answer is no request: the two directions use different parts of the key


def test_published_key_has_the_fingerprint_clients_compute() -> None:
    from telethon.crypto import rsa

    key = published_key()
    rsa.add_key(key.public_pem(), old=False)

    assert key.fingerprint in rsa._server_keys
    assert key.decrypt(pow(42, key.e, key.n).to_bytes(256, "big")) == (42).to_bytes(256, "big")


def test_control_port_answers_rubbish_with_an_error(telegram: SandboxProcess) -> None:
    with socket.create_connection(("127.0.0.1", telegram.control_port), timeout=30) as connection:
        stream = connection.makefile("rwb")
        for line in (b"not json", b"[1]", b'{"cmd": 5}', b'{"cmd": "channels"}'):
            stream.write(line + b"\n")
        stream.flush()
        answers = [json.loads(stream.readline())["ok"] for _ in range(4)]
        stream.close()

    assert answers == [False, False, False, True]


def test_every_command_explains_itself(telegram: SandboxProcess) -> None:
    commands = telegram.control("help")["commands"]

    assert {"post", "edit", "delete", "set_counters", "fault", "cut", "clock", "channel", "shutdown"} <= commands.keys()
    assert all(commands.values())


def test_stops_in_order_and_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = SandboxProcess(channels=write_channels(tmp_path / "c"), parent_pid=parent.pid)
    other = SandboxProcess(channels=write_channels(tmp_path / "d"))
    try:
        process.start()
        other.start()
        os.kill(other.pid, signal.SIGINT)
        assert other._process is not None and other._process.wait(20) == 0
        parent.communicate(b"\n")
        assert process._process is not None and process._process.wait(20) == 0
    finally:
        process.stop()
        other.stop()


def test_a_missing_folder_is_a_message_not_a_trace() -> None:
    command = [sys.executable, "-m", "sandbox", "--channels", "/nowhere/at/all"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.strip() == "sandbox: /nowhere/at/all is not a folder"


def test_posts_of_the_control_port_grow_with_the_clock(telegram: SandboxProcess) -> None:
    (growing,) = telegram.control("post", channel="alpha", text="grows")["ids"]
    (fixed,) = telegram.control("post", channel="alpha", text="stays", views=100, forwards=2)["ids"]

    def views() -> dict[int, int]:
        return {p["id"]: p["views"] for p in telegram.control("channel", channel="alpha")["posts"]}

    before = views()
    telegram.control("clock", advance=86_400)
    after = views()
    telegram.control("clock", advance=-86_400)
    telegram.control("delete", channel="alpha", ids=[growing, fixed])

    assert before[growing] == 1 and before[fixed] == after[fixed] == 100
    assert after[growing] > 300
    assert after[1] >= before[1]


def test_a_key_with_a_leading_zero_keeps_its_length() -> None:
    """A key is 256 bytes whatever it begins with; shorter, it would be another key once a session kept it."""
    handshake = Handshake(published_key())
    nonce, new_nonce = 1, 2
    server_nonce = handshake.answer(functions.ReqPqMultiRequest(nonce=nonce))[0].server_nonce
    exchange = handshake._exchanges[nonce]
    exchange.new_nonce, exchange.secret = new_nonce, 1
    key, iv = generate_key_data_from_nonce(server_nonce, new_nonce)
    g_b = 1 << 2032  # with a secret of 1 the shared number itself: its first byte of 256 is zero
    inner = types.ClientDHInnerData(nonce=nonce, server_nonce=server_nonce, retry_id=0, g_b=g_b.to_bytes(255, "big"))
    data = hashlib.sha1(inner._bytes()).digest() + inner._bytes()
    data += bytes(-len(data) % 16)

    _, auth_key = handshake.answer(
        functions.SetClientDHParamsRequest(
            nonce=nonce, server_nonce=server_nonce, encrypted_data=AES.encrypt_ige(data, key, iv)
        )
    )

    assert auth_key == g_b.to_bytes(256, "big")
