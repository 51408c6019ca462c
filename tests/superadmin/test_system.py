"""The system page: what is sampled, and what the curves make of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from analyticbot.core.backlog import backlogs
from analyticbot.core.request_metrics import BOUNDS, count_request, requests_counted
from channels_app.models import CollectTask
from superadmin.running import business
from superadmin.running.curves import Sampled, answered, latency_of, quantile, requests_of, rise, samples_since
from superadmin.running.models import SystemSample
from superadmin.running.sampling import take_sample
from superadmin.running.system_views import largest_tables
from tests.factories import make_tracked, make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_sample_of_a_minute_is_kept_once_and_for_a_day() -> None:
    now = timezone.now()
    SystemSample.objects.create(at=now - timedelta(hours=26), values={})
    first, again = take_sample(now=now), take_sample(now=now)
    assert first.pk == again.pk
    assert SystemSample.objects.count() == 1
    assert {"due", "queue_age", "parked", "database_bytes", "disk_free", "requests", "stored"} <= set(first.values)


def test_part_that_cannot_be_read_is_unknown_and_the_others_are_there(settings: Any) -> None:
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"
    values = take_sample(now=timezone.now()).values
    assert "cache_bytes" not in values
    assert values["due"] == 0


def test_backlog_counts_each_state_once() -> None:
    now = timezone.now()
    states: tuple[dict[str, Any], ...] = (
        {"due_at": now - timedelta(minutes=5)},
        {"due_at": now - timedelta(minutes=9), "leased_by": "x", "leased_until": now + timedelta(minutes=1)},
        {"parked_at": now, "due_at": None},
        {"due_at": now + timedelta(hours=1)},
    )
    for number, values in enumerate(states):
        task = make_tracked(make_workspace()).channel.tasks.get()
        CollectTask.objects.filter(pk=task.pk).update(**values, attempts=number)
    (found,) = [row for row in backlogs() if row.table == "channels_app.collecttask"]
    assert (found.kind, found.due, found.leased, found.parked) == ("history", 1, 1, 1)
    assert found.oldest is not None and (now - found.oldest) == timedelta(minutes=5)


def test_requests_of_all_processes_are_added_up() -> None:
    before = requests_counted()
    for seconds in (0.001, 0.02, 0.02, 40.0):
        count_request(200, seconds)
    count_request(500, 0.3)
    risen = answered({"requests": before or {"n|2xx": 0}}, {"requests": requests_counted()})
    assert risen is not None
    assert risen["n|2xx"] >= 4
    assert risen["n|5xx"] >= 1
    assert requests_of(risen) >= 5
    assert (latency_of(risen, 0.5) or 0) > 0


@given(st.lists(st.floats(min_value=0.0001, max_value=9.99), min_size=1, max_size=60), st.sampled_from([0.5, 0.95]))
def test_quantile_lies_in_the_bucket_of_the_exact_one(times: list[float], share: float) -> None:
    buckets: dict[str, int] = {}
    for seconds in times:
        bound = next(one for one in BOUNDS if seconds <= one)
        buckets[f"{bound:g}"] = buckets.get(f"{bound:g}", 0) + 1
    exact = sorted(times)[max(0, -(-int(share * 100) * len(times) // 100) - 1)]
    found = quantile(buckets, share)
    bound = next(one for one in BOUNDS if exact <= one)
    low = max((one for one in BOUNDS if one < bound), default=0.0)
    assert found is not None and low <= found <= bound


def test_counter_that_began_anew_is_unknown() -> None:
    assert rise({"stored": {"posts": 9}}, {"stored": {"posts": 3}}, "stored", "posts") is None
    assert rise({}, {"stored": {"posts": 3}}, "stored", "posts") is None
    assert answered({"requests": {"n|2xx": 9}}, {"requests": {"n|2xx": 3}}) is None
    assert quantile({}, 0.5) is None


def test_curves_take_every_fifth_minute() -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    SystemSample.objects.bulk_create(
        SystemSample(at=start + timedelta(minutes=n), values={"due": n}) for n in range(30)
    )
    found = samples_since(start - timedelta(hours=1))
    assert found == [Sampled(start + timedelta(minutes=n), {"due": n}) for n in range(0, 30, 5)]


def test_business_counts_who_is_here_and_who_returned(client: Client) -> None:
    now = timezone.now()
    workspace = make_workspace()
    make_tracked(workspace)
    back, gone = make_user(), make_user()
    joined = now - timedelta(weeks=7)
    User.objects.filter(pk__in=[back.pk, gone.pk]).update(date_joined=joined, last_login=joined)
    User.objects.filter(pk=back.pk).update(last_login=now - timedelta(days=3))
    User.objects.filter(memberships__workspace=workspace).update(last_login=now)
    numbers = business.numbers(now=now)
    assert (numbers.people, numbers.new_people, numbers.workspaces) == (3, 1, 1)
    assert (numbers.active_week, numbers.channels, numbers.owned_channels) == (1, 1, 0)
    cohort = next(one for one in business.cohorts(now=now) if one.people == 2)
    assert cohort.returned == (1, 1, None)
    assert sum(business.sign_ups(now=now).values()) == 3
    assert sum(business.plans().values()) == 1


def test_page_of_the_moment_asks_little(client: Client) -> None:
    from django.test.utils import CaptureQueriesContext

    from superadmin.running.sampling import read_state

    with CaptureQueriesContext(
        connection,
    ) as asked:
        read_state(now=timezone.now())
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) < 25


def test_rows_of_a_table_are_told_once_and_only_when_the_database_knows_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE whole_years (day int, said text) PARTITION BY RANGE (day)")
        cursor.execute("CREATE TABLE whole_years_1 PARTITION OF whole_years FOR VALUES FROM (0) TO (100000)")
        cursor.execute("CREATE TABLE never_looked_at (said text)")
        for table, columns in (("whole_years", "n, repeat('x', 200)"), ("never_looked_at", "repeat('x', 200)")):
            cursor.execute(f"INSERT INTO {table} SELECT {columns} FROM generate_series(1, 20000) n")
        cursor.execute("ANALYZE whole_years")
        # The next one, in which there is nothing yet.
        cursor.execute("CREATE TABLE whole_years_2 PARTITION OF whole_years FOR VALUES FROM (100000) TO (200000)")

    told = {name: rows for name, _size, rows in largest_tables().rows}

    assert (told["whole_years"], told["never_looked_at"]) == ("20,000", "–")
