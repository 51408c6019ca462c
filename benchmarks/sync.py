"""History sync to durable rows against bare `iter_messages(wait_time=0)`: same server, same run, in turns.

The server is the sandbox over 50,000 made-up posts of the mix that was used to measure Telethon alone: text, views,
reactions on every second and entities on every third. Both sides are processes of their own. Bare: every message is
fetched and thrown away. Ours: a collector process from its first page to a complete channel in Postgres. The first
pass of each warms the server's cache and is not counted.
"""

import asyncio
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

POSTS = int(os.environ.get("BENCH_POSTS", "50000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
NAME = "benchmark"
START = datetime(2025, 1, 1, tzinfo=UTC)
_WORDS = "Новости дня: narxlar, курсы валют, the weather and what people say about it. "


def write_dump(folder: Path) -> None:
    """A channel file of POSTS posts, ten minutes apart."""
    with gzip.open(folder / f"{NAME}.json.gz", "wt", encoding="utf-8", compresslevel=1) as handle:
        handle.write("[" + ",\n".join(json.dumps(_message(n), ensure_ascii=False) for n in range(1, POSTS + 1)) + "]")


def _message(number: int) -> dict[str, Any]:
    message: dict[str, Any] = {
        "_": "Message",
        "id": number,
        "date": (START + timedelta(minutes=10 * number)).isoformat(),
        "message": f"{number}. {_WORDS * (1 + number % 2)}",
        "views": number * 7 % 5000,
        "forwards": number % 50,
    }
    if number % 2:
        message["reactions"] = {
            "_": "MessageReactions",
            "results": [
                {"_": "ReactionCount", "reaction": {"_": "ReactionEmoji", "emoticon": "👍"}, "count": number % 70},
                {"_": "ReactionCount", "reaction": {"_": "ReactionEmoji", "emoticon": "🔥"}, "count": 3},
            ],
        }
    if number % 3 == 0:
        message["entities"] = [
            {"_": "MessageEntityBold", "offset": 0, "length": 6},
            {"_": "MessageEntityTextUrl", "offset": 8, "length": 7, "url": "https://example.org/a"},
        ]
    return message


def bare(server: str, key: str, session: str) -> float:
    """Messages a second of bare Telethon, in this process."""
    from telethon import TelegramClient
    from telethon.crypto import rsa
    from telethon.sessions import StringSession

    rsa.add_key(Path(key).read_text(), old=False)

    async def fetch() -> float:
        kept = StringSession(session)
        host, _, port = server.rpartition(":")
        kept.set_dc(kept.dc_id, host, int(port))
        client = TelegramClient(kept, 1, "sandbox", receive_updates=False)
        await client.connect()
        channel = await client.get_entity(NAME)
        begun, count = time.perf_counter(), 0
        async for _ in client.iter_messages(channel, wait_time=0):
            count += 1
        rate = count / (time.perf_counter() - begun)
        await client.disconnect()
        return rate

    return asyncio.run(fetch())


def _bare_process(telegram: Any, session: str) -> float:
    command = [sys.executable, "-m", "benchmarks.sync", "--bare", telegram.server, str(telegram.public_key)]
    done = subprocess.run(command, input=session, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _environment(telegram: Any) -> dict[str, str]:
    from django.db import connection

    known = {
        k: str(v) for k, v in connection.settings_dict.items() if k in {"USER", "PASSWORD", "HOST", "PORT", "NAME"}
    }
    user = f"{quote(known['USER'])}:{quote(known['PASSWORD'])}"
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{user}@{known['HOST']}:{known['PORT']}/{known['NAME']}",
        "TELEGRAM_SERVER": telegram.server,
        "TELEGRAM_SERVER_KEY": str(telegram.public_key),
        "TELEGRAM_API_ID": "1",
        "TELEGRAM_API_HASH": "sandbox",
        "SANDBOX": "1",
        "MTPROTO_HISTORY_ENABLED": "1",
        "MTPROTO_UPDATES_ENABLED": "1",
        "LOG_LEVEL": "WARNING",
    }


def _our_process(telegram: Any, channel_id: int) -> tuple[float, float]:
    """(messages a second, peak resident memory in MB) of a collector process that syncs the channel."""
    from channels_app.models import ChannelSync

    process = subprocess.Popen(
        [sys.executable, "manage.py", "collect_updates", "--once"], env=_environment(telegram), stderr=subprocess.PIPE
    )
    peak, used, served = 0.0, _Used(), _seconds(telegram.pid)
    while process.poll() is None:
        peak = max(peak, _peak_memory(process.pid))
        used.look(process.pid)
        time.sleep(0.05)
    sync = ChannelSync.objects.get(pk=channel_id)
    if sync.completed_at is None or sync.started_at is None:
        raise RuntimeError(f"the sync did not complete: {process.stderr.read() if process.stderr else ''!r}")
    print(f"  processor a message: {used}, server {(_seconds(telegram.pid) - served) / POSTS * 1e6:.1f} us")
    return POSTS / (sync.completed_at - sync.started_at).total_seconds(), peak


class _Used:
    """Processor time of the collector since its first page, and of its sessions in the database while they are seen."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._ours = 0.0
        self._sessions: dict[int, float] = {}

    def look(self, pid: int) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            sessions = [row[0] for row in cursor.fetchall()]
        self._ours = _seconds(pid) or self._ours
        if sessions and self._begun is None:
            self._begun = self._ours
        for session in sessions:
            self._sessions[session] = _seconds(session) or self._sessions.get(session, 0.0)

    def __str__(self) -> str:
        ours, theirs = (self._ours - (self._begun or 0.0)) / POSTS * 1e6, sum(self._sessions.values()) / POSTS * 1e6
        return f"collector {ours:.1f}, database {theirs:.1f}"


def _seconds(pid: int) -> float:
    """Processor time of a process until now, 0 where the system does not tell."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _peak_memory(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1024


def run() -> dict[str, float]:
    """Figures by name; needs Django set up and a migrated database."""
    from tests.telegram import SandboxProcess

    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_dump(Path(folder))
        with SandboxProcess(channels=Path(folder)) as telegram:
            session = _sign_in(telegram)
            bare_rates, our_rates, peaks = [], [], []
            for turn in range(ROUNDS + 1):
                bare_rate = _bare_process(telegram, session)
                our_rate, peak = _our_process(telegram, _new_channel())
                print(f"turn {turn}: bare {bare_rate:,.0f}/s, synced {our_rate:,.0f}/s, peak {peak:.0f} MB")
                if turn:
                    bare_rates.append(bare_rate)
                    our_rates.append(our_rate)
                peaks.append(peak)
            _clean()
    figures["bare iter_messages, messages/s"] = statistics.median(bare_rates)
    figures["history sync to durable rows, messages/s"] = statistics.median(our_rates)
    figures["history sync / bare iter_messages"] = statistics.median(
        ours / theirs for ours, theirs in zip(our_rates, bare_rates, strict=True)
    )
    figures["peak memory of the collector, MB"] = max(peaks)
    for name, value in figures.items():
        print(f"{name}: {value:,.2f}")
    return figures


def _sign_in(telegram: Any) -> str:
    """An account for both sides; it holds its own session string."""
    from asgiref.sync import async_to_sync
    from django.test import override_settings
    from django.utils import timezone

    from accounts.models import Workspace
    from mtproto.models import TelegramAccount
    from tests.telegram import signed_in

    async def sign_in() -> tuple[str, int]:
        client = await signed_in(telegram)
        who = await client.get_me()
        text = client.session.save()
        await client.disconnect()
        return text, who.id

    _clean()
    session, tg_id = async_to_sync(sign_in)()
    Workspace.objects.create(name=NAME, created_at=timezone.now())
    # An account is of the server that is configured when it is added.
    with override_settings(TELEGRAM_SERVER=telegram.server, TELEGRAM_SERVER_KEY=str(telegram.public_key)):
        TelegramAccount.objects.create(tg_id=tg_id, session=session, label=NAME, created_at=timezone.now())
    return session


def _new_channel() -> int:
    """The channel, tracked and never read."""
    from django.utils import timezone

    from accounts.models import Workspace
    from analyticbot.core.audit import SYSTEM
    from channels_app.models import Channel
    from channels_app.tracking import track_channel
    from mtproto.references import PeerReference

    _delete_rows()
    Channel.objects.filter(username=NAME).delete()
    tracked, _ = track_channel(
        workspace=Workspace.objects.get(name=NAME),
        reference=PeerReference(username=NAME),
        actor=SYSTEM,
        user=None,
        now=timezone.now(),
    )
    return tracked.channel_id


def _delete_rows() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        of_channel = "(SELECT id FROM channels_app_channel WHERE username = %s)"
        of_posts = f"(SELECT id FROM channels_app_post WHERE channel_id IN {of_channel})"
        cursor.execute(f"DELETE FROM channels_app_postsnapshot WHERE post_id IN {of_posts}", [NAME])
        for table in ("postreference", "channelhour", "channelday", "albumitem"):
            cursor.execute(f"DELETE FROM channels_app_{table} WHERE channel_id IN {of_channel}", [NAME])
        cursor.execute(f"DELETE FROM channels_app_post WHERE channel_id IN {of_channel}", [NAME])


def _clean() -> None:
    from accounts.models import Workspace
    from channels_app.models import Channel
    from mtproto.models import TelegramAccount

    _delete_rows()
    Channel.objects.filter(username=NAME).delete()
    TelegramAccount.objects.filter(label=NAME).delete()
    Workspace.objects.filter(name=NAME).delete()


def _main(arguments: list[str]) -> None:
    if arguments[:1] == ["--bare"]:
        print(bare(arguments[1], arguments[2], sys.stdin.read().strip()))
        return
    import django

    django.setup()
    run()


if __name__ == "__main__":
    _main(sys.argv[1:])
