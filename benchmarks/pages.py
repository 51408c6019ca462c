"""Pages as a person with a slow phone gets them: paint, shifts, blocked time, bytes; server time and SQL statements.

A channel with a year behind it, the web server as `make run` starts it (uvicorn, compressed static files), and
Chromium with the profile of `benchmarks.browser`. BENCH_LOOKS looks at each page; medians.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.browser import Visit, slow_browser
from benchmarks.timing import timed, times_of

LOOKS = int(os.environ.get("BENCH_LOOKS", "5"))
ASKED = 20
PATIENCE = 60.0
DAYS = 365
NAME = "bench_pages"
MAIL = f"{NAME}@example.org"
CHANNEL = f"/app/channels/@{NAME}/"
_SECTIONS = ("growth", "posts", "timing", "content", "trending", "sources", "audience", "changes")
ADDRESSES = {
    "overview": CHANNEL,
    "overview, a year": f"{CHANNEL}?period=365d",
    **{f"{name}, a year": f"{CHANNEL}{name}/?period=365d" for name in _SECTIONS},
    "channels": "/app/",
}
_KINDS = {"Document": "HTML", "Stylesheet": "CSS", "Script": "JS"}


def run() -> dict[str, float]:
    """Figures by name; needs Django set up and a migrated database."""
    figures: dict[str, float] = {}
    _clean()
    try:
        cookie = _fill()
        print(f"medians of {LOOKS} looks, slow 4G, processor 4 times slower; load average {os.getloadavg()[0]:.1f}")
        print(f"{'page':18} FCP ms LCP ms   CLS TBT ms | HTML kB CSS kB JS kB  all requests | server p50 p95 ms, SQL")
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
            # Before the browser: while Playwright is on, its event loop keeps Django from the database.
            asked = {name: (_server_seconds(server, at, cookie), _statements(at)) for name, at in ADDRESSES.items()}
            with slow_browser([{**cookie, "url": server}]) as look:
                for name, address in ADDRESSES.items():
                    figures |= _told(name, [look(server + address) for _ in range(LOOKS)], *asked[name])
    finally:
        _clean()
    return figures


def _told(name: str, visits: list[Visit], seconds: list[float], statements: int) -> dict[str, float]:
    """One line for people, and the figures by name."""

    def middle(field: str) -> float:
        return statistics.median(getattr(visit, field) for visit in visits)

    weights = {short: visits[-1].bytes.get(kind, 0) / 1000 for kind, short in _KINDS.items()}
    everything = sum(visits[-1].bytes.values()) / 1000
    fcp, lcp, cls, tbt = (middle(field) for field in ("fcp", "lcp", "cls", "tbt"))
    server, last = times_of(seconds), visits[-1]
    painted = f"{name:18} {fcp:6.0f} {lcp:6.0f} {cls:5.3f} {tbt:6.0f}"
    weighed = f"{weights['HTML']:7.1f} {weights['CSS']:6.1f} {weights['JS']:5.1f} {everything:5.0f} {last.requests:8}"
    print(f"{painted} | {weighed} | {server.p50:6.0f} {server.p95:4.0f} {statements}", flush=True)
    return {
        f"{name}: LCP ms": lcp,
        f"{name}: CLS": cls,
        f"{name}: TBT ms": tbt,
        f"{name}: HTML kB": weights["HTML"],
        f"{name}: JS kB": weights["JS"],
        f"{name}: server p50 ms": server.p50,
        f"{name}: SQL": statements,
    }


# --- the server --------------------------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The web server as `make run` starts it, with collected static files; its address."""
    from analyticbot.local.ports import free_port

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = os.environ | {"ANALYTICBOT_ENV": "local", "ANALYTICBOT_HOME": str(folder), "SITE_URL": url}
    manage = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(manage, env=variables, check=True)
    command = [sys.executable, "-m", "uvicorn", "analyticbot.asgi:application", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen(command, env=variables)
    try:
        _wait(port)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asking.request("GET", "/health/live")
            if asking.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not answer")


def _server_seconds(url: str, address: str, cookie: dict[str, Any]) -> list[float]:
    """Of whole answers over one kept connection, one after the other, the first two left out."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {"Cookie": f"{cookie['name']}={cookie['value']}", "Accept-Encoding": "gzip"}

    def ask() -> None:
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")

    seconds = [timed(ask)[0] for _ in range(ASKED + 2)][2:]
    connection.close()
    return seconds


def _statements(address: str) -> int:
    """SQL statements of one request, nothing of it kept in a cache."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=MAIL))
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    return len(found)


# --- the world ---------------------------------------------------------------------------------------------------


def _fill() -> dict[str, Any]:
    """A person with a channel of which there is much to tell; the cookie of their session."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from tests.face.section_world import enrich
    from tests.face.world import full_channel, track
    from tests.factories import make_user, make_workspace

    now = timezone.now()
    person = make_user(MAIL)
    workspace = make_workspace(owner=person, name=NAME)
    channel = full_channel(now=now, username=NAME, days=DAYS)
    track(workspace, channel, now=now, owned=True)
    enrich(channel, now=now)
    client = Client()
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}


def _clean() -> None:
    """Remove what was written, also by an earlier run that was cut short."""
    from accounts.models import User, Workspace
    from channels_app.models import Channel

    Workspace.objects.filter(name=NAME).delete()
    User.objects.filter(email=MAIL).delete()
    Channel.objects.filter(username__in=[NAME, "boshqa_kanal"]).delete()
