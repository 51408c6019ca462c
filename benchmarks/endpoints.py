"""Every declared question of a channel at scale: uncached and unchanged, and series against their bare SQL.

Loads BENCH_SNAPSHOTS (10 million) unless the database holds a loaded world already; measures its size and the curve of
a post as single snapshots, then packs months long past as the product does, and measures all. BENCH_KEEP=1 leaves it.
"""

import os
import re
import statistics
import time
from typing import Any

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from analytics.questions import CHANNEL_QUESTIONS
from benchmarks import curve, export, loader, storage
from benchmarks.timing import Times, timed, times_of
from benchmarks.visiting import Visitor, leave

RUNS = int(os.environ.get("BENCH_REQUESTS", "120"))
YEAR = 365
SERIES = ("growth", "reach")
# What some questions need beside the period.
_MORE: dict[str, dict[str, str]] = {"compare": {"with": "{other}"}}


def run() -> dict[str, float]:
    """All figures of one size; printed, and the ratios returned."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    figures: dict[str, float] = {}
    loaded = loader.loaded() or loader.load(loader.SNAPSHOTS)
    figures["snapshots"] = loader.SNAPSHOTS
    # The limits are counted in Redis all the same, and never reached.
    with override_settings(API_LIMIT_FACTOR=100_000, EXPORT_ENABLED=True, ALLOWED_HOSTS=["*"]):
        if not loader.is_packed():
            print(storage.raw())
            print(f"curve of a post, single snapshots: p50, p95 {curve.measure(loaded)} ms")
            rate = loader.pack(loaded)
            print(f"packed {rate:,.0f} snapshots a second, with the proof that nothing reads differently")
        print(storage.raw())
        print(storage.packed())
        packed = curve.measure(loaded, seed=2)
        figures["curve p95 ms"] = packed.p95
        print(f"curve of a post, packed: p50, p95 {packed} ms")
        visitor = Visitor(loaded)
        figures |= _questions(visitor)
        figures |= _against_sql(visitor)
        figures["csv / COPY"] = export.measure(visitor)
    leave()
    if not os.environ.get("BENCH_KEEP"):
        loader.remove()
    return figures


def _questions(visitor: Visitor) -> dict[str, float]:
    """Prints p50 and p95 of each question, uncached and as 304; returns the uncached p95 by name."""
    found = {}
    print(f"{'question (30 days)':40} uncached p50  p95 ms    304 p50  p95 ms")
    for question in CHANNEL_QUESTIONS:
        fresh, unchanged, refused = _ask(visitor, question.address, takes_period=question.takes_period)
        if refused:
            print(f"{question.name:40} refused: {refused}")
            continue
        print(f"{question.name:40}     {fresh}    {unchanged or 'n/a'}", flush=True)
        found[f"{question.name} p95 ms"] = fresh.p95
    return found


def _ask(visitor: Visitor, address: str, *, takes_period: bool) -> tuple[Times, Times | None, str]:
    fresh, unchanged = [], []
    for turn in range(RUNS + 5):
        channel = visitor.any_channel()
        path = re.sub(r"<int:\w+>", str(visitor.any_post()), address)
        parameters = visitor.span(30) if takes_period else {"nothing": str(time.perf_counter_ns())}
        parameters |= {name: text.format(other=visitor.any_channel()) for name, text in _MORE.get(address, {}).items()}
        url = f"/api/v2/analytics/channels/{channel}/{path}"
        seconds, answer = timed(lambda: visitor.get(url, parameters))  # noqa: B023
        if answer.status_code != 200:
            return Times(0, 0), None, f"{answer.status_code} {answer.content[:120]!r}"
        if turn < 5:
            continue
        fresh.append(seconds)
        if tag := answer.headers.get("ETag"):
            seconds, again = timed(lambda: visitor.get(url, parameters, **{"If-None-Match": tag}))  # noqa: B023
            if again.status_code == 304:
                unchanged.append(seconds)
    return times_of(fresh), times_of(unchanged) if unchanged else None, ""


def _against_sql(visitor: Visitor) -> dict[str, float]:
    """Series of a year by day through the whole stack over the same statements on a bare connection, in turns."""
    found, connected = {}, _bare_connection()
    for name in SERIES:
        ours, bare = [], []
        for turn in range(RUNS + 5):
            url, parameters = f"/api/v2/analytics/channels/{visitor.any_channel()}/{name}", visitor.span(YEAR)
            with CaptureQueriesContext(connection) as captured:
                visitor.get(url, parameters)
            # What answers the question; who asks and whether he may is not in it.
            statements = [one["sql"] for one in captured if _is_of_data(one["sql"])]
            seconds = _bare(statements, connected)
            # Again with another end, for the time without the capturing.
            taken, _answer = timed(lambda: visitor.get(url, visitor.span(YEAR)))  # noqa: B023
            if turn >= 5:
                ours.append(taken)
                bare.append(seconds)
        ratio = statistics.median(ours) / statistics.median(bare)
        found[f"{name} / SQL"] = ratio
        print(
            f"{name} of a year: {statistics.median(ours) * 1000:.2f} ms, its SQL on a bare connection"
            f" {statistics.median(bare) * 1000:.2f} ms: {ratio:.2f}"
        )
    return found


def _is_of_data(sql: str) -> bool:
    tables = ("postsnapshot", "channelhour", "channelday", "post", "subscribersample", "dailyfact", "collectiongap")
    reads = sql.lstrip().upper().startswith(("SELECT", "WITH"))
    return reads and any(f"channels_app_{table}" in sql for table in tables)


def _bare(statements: list[str], bare: Any) -> float:
    begun = time.perf_counter()
    for sql in statements:
        bare.execute(sql).fetchall()
    return time.perf_counter() - begun


def _bare_connection() -> Any:
    """A connection of the driver alone."""
    known: Any = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.connect(**{ours: known[theirs] for ours, theirs in names.items()}, autocommit=True)
