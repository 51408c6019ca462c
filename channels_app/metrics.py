"""Prometheus metrics of collecting: counters of this process, and gauges read from the database when asked."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Count, Min
from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric

COLLECTED = Counter("analyticbot_collected", "Units collected (messages, pages, posts asked, …)", ["kind", "what"])
COLLECT_SECONDS = Histogram(
    "analyticbot_collect_seconds",
    "Time of one slice of collecting work",
    ["kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40),
)
COLLECT_FAILURES = Counter(
    "analyticbot_collect_failures", "Collecting work that was refused or broke", ["kind", "code"]
)
LIVE_LAG = Histogram(
    "analyticbot_live_lag_seconds",
    "From a post's publication to its row, for pushed updates",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60),
)


def collecting_gauges(*, now: datetime) -> Iterable[Metric]:
    """Gauges of the state in the database: due work and its age, channels by state, flood waits that still run."""
    from channels_app.collect.schedule import oldest_due, waiting_work
    from channels_app.models import CellCheck, ChannelSync, CollectTask
    from mtproto.models import FloodWaitRow, TelegramAccount

    yield _gauge("analyticbot_due_work", "Collecting tasks that are due and unclaimed", waiting_work())
    oldest = oldest_due()
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    yield _gauge("analyticbot_queue_age_seconds", "For how long the longest waiting due task has waited", age)
    yield _gauge(
        "analyticbot_parked_work",
        "Tasks given up until somebody replays them",
        CollectTask.objects.filter(parked_at__isnull=False).count(),
    )
    yield _gauge(
        "analyticbot_flood_waits", "Flood waits that still run", FloodWaitRow.objects.filter(until__gt=now).count()
    )
    yield _gauge("analyticbot_accounts_usable", "Telegram accounts in order", TelegramAccount.objects.usable().count())
    yield _gauge(
        "analyticbot_broken_channels",
        "Channels whose cells did not add up when last checked; `check_cells --repair` mends them",
        CellCheck.objects.filter(differences__gt=0).count(),
    )
    checked = CellCheck.objects.aggregate(at=Min("checked_at"))["at"]
    yield _gauge(
        "analyticbot_cells_checked_seconds",
        "How long ago the channel checked longest ago was checked; a day and a half means that the check stands still",
        max(0.0, (now - checked).total_seconds()) if checked else 0.0,
    )
    states = GaugeMetricFamily("analyticbot_channels", "Channels by the state of their history", labels=["state"])
    for row in ChannelSync.objects.values("state").annotate(n=Count("pk")).order_by("state"):
        states.add_metric([row["state"]], row["n"])
    yield states


def sync_lag(*, now: datetime) -> float | None:
    """Seconds since the tracked channel looked at longest ago was looked at; None while none was."""
    from channels_app.models import ChannelSync

    looked_at = ChannelSync.objects.filter(channel__trackings__isnull=False, channel__hold="")
    oldest = looked_at.aggregate(at=Min("checked_at"))["at"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else None


def rows_stored() -> list[tuple[str, str, float]]:
    """Rows inserted since the database's statistics began, as (posts or snapshots, table, rows); nothing is counted."""
    from channels_app.models import Post, PostSnapshot

    tables = {Post._meta.db_table: "posts", PostSnapshot._meta.db_table: "snapshots"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(i.inhparent::regclass::text, s.relname), s.relname, s.n_tup_ins"
            " FROM pg_stat_user_tables s LEFT JOIN pg_inherits i ON i.inhrelid = s.relid"
        )
        return [(tables[parent], table, float(rows)) for parent, table, rows in cursor.fetchall() if parent in tables]


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
