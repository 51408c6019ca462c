"""PgBouncer in transaction mode: nothing of ours needs a session that outlives its transaction."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from analyticbot.local.places import open_to_all, server_account, shared_folder

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed"),
]
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def pooler(tmp_path: Path) -> Iterator[str]:
    """The address of a pooler in front of the test database, with two connections to it."""
    known, port = connection.settings_dict, free_port()
    account = server_account() if os.geteuid() == 0 else None
    folder = tmp_path
    if account is not None and not open_to_all(tmp_path):
        folder = shared_folder() / f"pooler-{os.getpid()}"
        folder.mkdir(mode=0o755)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{known['NAME']} = host={known['HOST']} port={known['PORT']} dbname={known['NAME']}"
        f" user={known['USER']} password={known['PASSWORD']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 50\n"
    )
    process = subprocess.Popen(
        [str(PROGRAM), "-q", str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        wait_for(port, process)
        yield f"postgres://{known['USER']}@127.0.0.1:{port}/{known['NAME']}"
    finally:
        process.terminate()
        process.communicate(timeout=20)
        if folder != tmp_path:
            shutil.rmtree(folder)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"pgbouncer ended: {process.communicate()[1]!r}")
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("pgbouncer does not answer")


def test_product_works_through_a_pooler_of_transactions(pooler: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.pooled"],
        check=False,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": pooler, "DATABASE_POOLER": "transaction"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "24"), done.stderr
