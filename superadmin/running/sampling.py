"""The state of the service in numbers: read for the page of the moment, and kept once a minute for its curves."""

import logging
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Max

from analyticbot.core.backlog import backlogs
from analyticbot.core.heartbeat import ALIVE_FOR
from analyticbot.core.models import Heartbeat
from analyticbot.core.request_metrics import requests_counted
from analyticbot.core.tally import counts
from analyticbot.core.task_metrics import KEY as TASKS_KEY
from channels_app.metrics import rows_stored, sync_lag
from mtproto.models import FloodWaitRow, TelegramAccount
from superadmin.running.models import SystemSample

logger = logging.getLogger(__name__)

# A day of curves, and an hour for whoever opens the page just after midnight of a change of clocks.
KEPT = timedelta(hours=25)
_REDIS_TIMEOUT = 1.0

Values = dict[str, Any]


def take_sample(*, now: datetime) -> SystemSample:
    """Keep the state of this minute, once however often it is asked for; forget what is older than a day."""
    minute = now.replace(second=0, microsecond=0)
    sample, _created = SystemSample.objects.update_or_create(at=minute, defaults={"values": read_state(now=now)})
    SystemSample.objects.filter(at__lt=now - KEPT).delete()
    return sample


def read_state(*, now: datetime) -> Values:
    """All that can be read now. A part that fails is left out, so that the page shows the others."""
    found: Values = {}
    for part in _PARTS:
        try:
            with transaction.atomic():
                found |= part(now)
        except (DatabaseError, redis.RedisError, OSError) as error:
            logger.warning("the system page goes without %s: %s", part.__name__, type(error).__name__)
    return found


def _work(now: datetime) -> Values:
    rows = list(backlogs())
    oldest = min((row.oldest for row in rows if row.oldest), default=None)
    return {
        "due": sum(row.due for row in rows),
        "leased": sum(row.leased for row in rows),
        "parked": sum(row.parked for row in rows),
        "queue_age": max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
    }


def _collecting(now: datetime) -> Values:
    stored: Values = {"posts": 0.0, "snapshots": 0.0}
    for what, _table, rows in rows_stored():
        stored[what] += rows
    running = FloodWaitRow.objects.filter(until__gt=now)
    longest = running.aggregate(until=Max("until"))["until"]
    return {
        "stored": stored,
        "sync_lag": sync_lag(now=now),
        "accounts": TelegramAccount.objects.usable().count(),
        "floods": running.count(),
        "flood_seconds": (longest - now).total_seconds() if longest else 0.0,
    }


def _processes(now: datetime) -> Values:
    alive = Heartbeat.objects.filter(seen_at__gt=now - ALIVE_FOR).values_list("kind", flat=True)
    found: dict[str, int] = {}
    for kind in alive:
        found[kind] = found.get(kind, 0) + 1
    return {"processes": found}


def _database(_now: datetime) -> Values:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
            " (SELECT extract(epoch FROM max(now() - xact_start)) FROM pg_stat_activity"
            "  WHERE datname = current_database() AND pid <> pg_backend_pid())"
        )
        size, connections, longest = cursor.fetchone()
    return {
        "database_bytes": size,
        "connections": connections,
        "longest_transaction": float(longest) if longest is not None else 0.0,
    }


def _memory(_now: datetime) -> Values:
    client = redis.Redis.from_url(
        settings.CACHE_REDIS_URL, socket_timeout=_REDIS_TIMEOUT, socket_connect_timeout=_REDIS_TIMEOUT
    )
    try:
        told: Mapping[str, Any] = client.info("memory")
        keys = int(client.dbsize())
    finally:
        client.close()
    return {"cache_bytes": int(told["used_memory"]), "cache_keys": keys}


def _answers(_now: datetime) -> Values:
    """Counters that only rise; how many in a minute is told by two samples."""
    tasks: dict[str, int] = {}
    for name, amount in counts(TASKS_KEY).items():
        what, *labels = name.split("|")
        if what == "count":
            tasks[labels[-1]] = tasks.get(labels[-1], 0) + amount
    return {"requests": requests_counted(), "tasks": tasks}


def _disk(_now: datetime) -> Values:
    place = Path(settings.STATE_DIR)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    return {"disk_free": usage.free, "disk_total": usage.total}


_PARTS: tuple[Callable[[datetime], Values], ...] = (
    _work,
    _collecting,
    _processes,
    _database,
    _memory,
    _answers,
    _disk,
)
