"""The embedded Redis: password, durability, repair."""

from pathlib import Path

import pytest
import redis

from analyticbot.local.binaries import valkey_program
from analyticbot.local.processes import kill_leftovers, stop
from analyticbot.local.valkey import STOP_SIGNAL, Valkey


@pytest.fixture
def server(tmp_path: Path) -> Valkey:
    return Valkey(tmp_path / "with a space", valkey_program(), "pass-word", tmp_path / "valkey.log")


def test_start_asks_for_the_password(server: Valkey) -> None:
    process = server.start()

    with redis.Redis.from_url(server.url) as ours, redis.Redis(port=server.port or 0) as stranger:
        assert ours.ping()
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()

    assert stop(process, number=STOP_SIGNAL, grace=30)
    assert (server.folder / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_restart_after_kill_keeps_data(server: Valkey) -> None:
    process = server.start()
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 2000)
    process.kill()
    process.wait()

    again = server.start()

    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"
    stop(again, number=STOP_SIGNAL, grace=30)


def test_start_damaged_data_is_set_aside(server: Valkey) -> None:
    process = server.start()
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes" * 100)
    stop(process, number=STOP_SIGNAL, grace=30)
    log = next(server.folder.glob("appendonlydir/*.incr.aof"))
    log.write_bytes(b"this is no append-only file\r\n" * 3 + log.read_bytes())

    again = server.start()

    assert server.is_ready()
    assert list(server.folder.parent.glob("with a space.damaged-*"))
    stop(again, number=STOP_SIGNAL, grace=30)


def test_server_of_an_earlier_run_is_known_and_ended(server: Valkey, tmp_path: Path) -> None:
    server.marker = str(tmp_path)
    process = server.start()

    assert kill_leftovers(tmp_path) == 1
    process.wait(timeout=60)
