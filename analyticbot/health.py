"""Is this process alive, and can it serve? For load balancers and for whoever looks after the machine."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analyticbot.core.heartbeat import is_alive
from channels_app.collect.schedule import oldest_due
from mtproto.models import TelegramAccount

# Work is normally taken up within seconds; so much later somebody should look.
QUEUE_IS_LATE = timedelta(minutes=10)
_CACHE_TIMEOUT_SECONDS = 1.0

# ok: as it should be. idle: has nothing to do. degraded: the product serves, something behind it does not. down: 503.
Finding = dict[str, Any]


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - a view
    """Each check's state; 503 only if the database is away, since all else is served without."""
    now = timezone.now()
    checks = {"database": _database(), "cache": _cache()}
    if checks["database"]["state"] == "ok":
        checks |= {"queue": _guarded(_queue, now), "collector": _guarded(_collector, now)}
    states = {finding["state"] for finding in checks.values()}
    status = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
    return JsonResponse({"status": status, "checks": checks}, status=503 if status == "down" else 200)


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        # What the driver says names hosts and users; that is for the log, not for the world.
        return {"state": "down", "error": type(error).__name__}
    return {"state": "ok"}


def _cache() -> Finding:
    client = redis.Redis.from_url(
        settings.CACHE_REDIS_URL,
        socket_timeout=_CACHE_TIMEOUT_SECONDS,
        socket_connect_timeout=_CACHE_TIMEOUT_SECONDS,
    )
    try:
        client.ping()
    except (redis.exceptions.RedisError, OSError) as error:
        return {"state": "degraded", "error": type(error).__name__}
    finally:
        client.close()
    return {"state": "ok"}


def _guarded(check: Callable[[datetime], Finding], now: datetime) -> Finding:
    """A check that the database breaks off is a finding, not a crash."""
    try:
        return check(now)
    except DatabaseError as error:
        return {"state": "down", "error": type(error).__name__}


def _queue(now: datetime) -> Finding:
    """How long the longest waiting due work waits. Nobody can do it without an account: then it is no fault."""
    oldest = oldest_due()
    age = max(timedelta(0), now - oldest) if oldest else timedelta(0)
    state = "ok"
    if age > QUEUE_IS_LATE:
        state = "degraded" if TelegramAccount.objects.usable().exists() else "idle"
    return {"state": state, "oldest_due_seconds": int(age.total_seconds())}


def _collector(now: datetime) -> Finding:
    """Whether a collector lives. Without any account there is nothing for it to do."""
    accounts = TelegramAccount.objects.usable().count()
    state = "idle"
    if accounts:
        state = "ok" if is_alive("collector", now=now) else "degraded"
    return {"state": state, "accounts": accounts}
