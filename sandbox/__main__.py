"""``python -m sandbox``: start the sandbox and print one line of JSON when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path

from sandbox.app import build_sandbox
from sandbox.bots.http import BotApi
from sandbox.control import ControlPort
from sandbox.keys import write_public_key
from sandbox.server import Sandbox
from sandbox.world.clock import from_iso
from sandbox.world.generate import HISTORY_DAYS

_PARENT_CHECK_SECONDS = 1.0
_TICK_SECONDS = 1.0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Telegram on this machine.")
    parser.add_argument("--channels", type=Path, help="folder of channel files; without it a world is invented")
    parser.add_argument("--port", type=int, default=0, help="MTProto port (0: a free one)")
    parser.add_argument("--stats-port", type=int, default=0, help="MTProto port of the statistics data centre")
    parser.add_argument("--bot-port", type=int, default=0, help="Bot API port")
    parser.add_argument("--control-port", type=int, default=0, help="control port")
    parser.add_argument("--seed", type=int, default=1, help="seed of the invented world")
    parser.add_argument("--days", type=int, default=HISTORY_DAYS, help="days behind the invented world")
    parser.add_argument("--state", type=Path, help="folder to keep sign-ins and changes in")
    parser.add_argument("--key-dir", type=Path, help="folder the public key is written to")
    parser.add_argument("--now", help="start with this moment (ISO 8601) as the present")
    parser.add_argument("--gzip", action="store_true", help="compress answers over 512 bytes")
    parser.add_argument(
        "--live",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let new posts appear while it runs (default: in the invented world only)",
    )
    parser.add_argument("--live-rate", type=float, default=1.0, help="pace of the extra posts (1 is usual)")
    parser.add_argument("--parent-pid", type=int, help="stop when this process is gone")
    parser.add_argument("--verbose", action="store_true", help="log every connection")
    return parser.parse_args(argv)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _watch_parent(pid: int, stop: asyncio.Event) -> None:
    while _alive(pid):  # noqa: ASYNC110 - nobody sets an event when another process ends
        await asyncio.sleep(_PARENT_CHECK_SECONDS)
    stop.set()


async def _live(sandbox: Sandbox) -> None:
    while True:
        try:
            sandbox.tick()
        except Exception:  # the edge of the process: one bad post must not end the life of the world
            logging.getLogger("sandbox").exception("the world stumbled")
        await asyncio.sleep(_TICK_SECONDS)


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sandbox = build_sandbox(
        channels=options.channels,
        seed=options.seed,
        state_folder=options.state,
        now=from_iso(options.now) if options.now else None,
        gzip_answers=options.gzip,
        live=options.live,
        days=options.days,
    )
    sandbox.live.rate = options.live_rate
    temporary = tempfile.TemporaryDirectory(prefix="sandbox-key-")
    public_key = write_public_key(options.key_dir or options.state or Path(temporary.name))
    await sandbox.start(port=options.port, stats_port=options.stats_port)
    control = ControlPort(sandbox, stop)
    await control.start(options.control_port)
    bot_api = BotApi(sandbox)
    await bot_api.start(options.bot_port)
    ready = sandbox.describe() | {
        "control_port": control.port,
        "bot_port": bot_api.port,
        "public_key": str(public_key.resolve()),
    }
    print(json.dumps(ready, ensure_ascii=False), flush=True)
    tasks = [loop.create_task(_live(sandbox))]
    if options.parent_pid:
        tasks.append(loop.create_task(_watch_parent(options.parent_pid, stop)))
    await stop.wait()
    for task in tasks:
        task.cancel()
    await control.stop()
    await bot_api.stop()
    await sandbox.stop()
    temporary.cleanup()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT, ``shutdown`` on the control port, or the end of the parent process."""
    options = _arguments(argv)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    if options.channels is not None and not options.channels.is_dir():
        print(f"sandbox: {options.channels} is not a folder", file=sys.stderr)
        return 2
    asyncio.run(_serve(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
