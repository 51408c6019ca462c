"""The web server as in production: uvicorn in a process of its own, on the database and the Redis of this test."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from django.conf import settings

from analyticbot.local.processes import stop

_PROJECT = Path(__file__).resolve().parent.parent
# The rings of this test process are meant for it, and the sessions of its cache are not.
_PROGRAM = """
import json, socket, sys
from django.conf import settings
given = json.loads(sys.argv[1])
settings.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = given["prefix"]
settings.RATE_LIMIT_PREFIX = given["limits"]
import uvicorn
config = uvicorn.Config(
    "analyticbot.asgi:application", lifespan="off", log_level="warning", access_log=False,
    ws="none" if given["deaf"] else "auto", timeout_graceful_shutdown=1,
)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=given["fd"])])
"""


class WebProcess:
    """A running server."""

    def __init__(self, url: str, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self.socket_url = url.replace("http", "ws")
        self.process = process


@contextmanager
def web_process(*, deaf: bool = False, port: int = 0, redis_url: str | None = None) -> Iterator[WebProcess]:
    """Start it, and end it afterwards. `deaf`: it knows no WebSockets. Needs a database that is really written to."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    layers: Any = settings.CHANNEL_LAYERS
    given = {
        "prefix": layers["default"]["CONFIG"]["prefix"],
        "limits": settings.RATE_LIMIT_PREFIX,
        "fd": listener.fileno(),
        "deaf": deaf,
    }
    variables = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url or settings.REDIS_URL,
        "SITE_URL": url,
        "DJANGO_SETTINGS_MODULE": "analyticbot.settings",
        "ANALYTICBOT_ENV": "test",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(given)],
        cwd=_PROJECT,
        env=variables,
        pass_fds=[listener.fileno()],
    )
    # Theirs alone: when they end, whoever waits is told.
    listener.close()
    try:
        _until_it_answers(url, process)
        yield WebProcess(url, process)
    finally:
        stop(process, number=signal.SIGTERM, grace=5)


def _until_it_answers(url: str, process: "subprocess.Popen[bytes]") -> None:
    """The first answer, or why there is none. The listener is open already: the request waits for the imports."""
    with urlopen(url + "/health/live", timeout=60) as answer:
        assert answer.status == 200, process.poll()


def database_url() -> str:
    """The database of this test run as an address."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"/{quote(str(settings.DATABASES['default']['NAME']))}").geturl()
