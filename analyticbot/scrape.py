"""`/metrics` for Prometheus: what this process has counted, and the state of the work, read from the database."""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.events import event_counters
from analyticbot.core.address import is_loopback
from analyticbot.core.backlog import backlogs
from analyticbot.core.task_metrics import task_counters
from analyticbot.core.trail.watch import trail_counter
from analytics.live.counting import live_metrics
from channels_app.metrics import collecting_gauges, rows_stored, sync_lag

_SCHEME = "Bearer "


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The text format; for whoever has METRICS_TOKEN, or without one for this machine only."""
    if not _may_scrape(request):
        return HttpResponse("Not found", status=404, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_StateOfWork(timezone.now()))
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if not token:
        return is_loopback(request)
    given = request.headers.get("Authorization", "")
    return given.startswith(_SCHEME) and hmac.compare_digest(given.removeprefix(_SCHEME).encode(), token.encode())


class _StateOfWork(Collector):
    """Gauges of the moment; without the database just the fact that it is away."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """All gauges, or `analyticbot_database_up 0`."""
        try:
            found = [*_due_rows(self._now), *_lag(self._now), *_stored_rows(), *collecting_gauges(now=self._now)]
        except DatabaseError:
            found = []
        up = GaugeMetricFamily("analyticbot_database_up", "1 if the database answers", value=1 if found else 0)
        return [up, *found, *task_counters(), *event_counters(), trail_counter(), *live_metrics()]


def _due_rows(now: datetime) -> Iterator[Metric]:
    due = GaugeMetricFamily("analyticbot_work_due", "Rows whose work is due and unclaimed", labels=["table", "kind"])
    age = GaugeMetricFamily(
        "analyticbot_work_oldest_due_seconds", "How long the longest waiting row waits", labels=["table", "kind"]
    )
    parked = GaugeMetricFamily("analyticbot_work_parked", "Rows given up until replayed", labels=["table", "kind"])
    for one in backlogs():
        waited = now - one.oldest if one.oldest else timedelta(0)
        due.add_metric([one.table, one.kind], one.due)
        age.add_metric([one.table, one.kind], max(0.0, waited.total_seconds()))
        parked.add_metric([one.table, one.kind], one.parked)
    yield from (due, age, parked)


def _lag(now: datetime) -> Iterator[Metric]:
    seconds = sync_lag(now=now) or 0.0
    yield GaugeMetricFamily(
        "analyticbot_sync_lag_seconds", "Since when the tracked channel looked at longest ago was looked at", seconds
    )


def _stored_rows() -> Iterator[Metric]:
    """Rows inserted since the database's statistics began: its own counters, so that no count of a table is needed."""
    # Each partition by itself: one that is dropped ends its series, where a sum over all would fall.
    stored = CounterMetricFamily("analyticbot_rows_stored", "Rows inserted, by all processes", labels=["what", "table"])
    for what, table, rows in rows_stored():
        stored.add_metric([what, table], rows)
    yield stored
