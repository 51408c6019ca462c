"""/health and /metrics: what they say when something is away or late."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from analyticbot.core.heartbeat import beat
from channels_app.models import CollectKind, CollectTask
from channels_app.partitions import list_partitions
from mtproto.models import FloodWaitRow, TelegramAccount
from tests.factories import WHEN, make_channel, make_tracked, make_workspace


@pytest.fixture
def ready(client: Client, db: None) -> Callable[[], Any]:
    return lambda: client.get("/health/ready")


def make_account() -> Any:
    account = TelegramAccount(tg_id=1, label="one", created_at=WHEN)
    account.session = "session"
    account.save()
    return account


def make_due(age: Any) -> None:
    tracked = make_tracked(make_workspace(), make_channel())
    CollectTask.objects.filter(channel=tracked.channel).update(due_at=timezone.now() - age)


def test_live_asks_nothing(client: Client, django_assert_num_queries: Any) -> None:
    response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_fresh_installation_without_accounts_is_ready(ready: Callable[[], Any]) -> None:
    response = ready()

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {
            "database": {"state": "ok"},
            "cache": {"state": "ok"},
            "queue": {"state": "ok", "oldest_due_seconds": 0},
            "collector": {"state": "idle", "accounts": 0},
        },
    }


def test_missing_collector_is_named_once_there_is_an_account(ready: Callable[[], Any]) -> None:
    make_account()

    missing = ready()
    assert (missing.status_code, missing.json()["status"]) == (200, "degraded")
    assert missing.json()["checks"]["collector"]["state"] == "degraded"

    beat("collector@here:1", "collector", timezone.now())
    assert ready().json()["checks"]["collector"] == {"state": "ok", "accounts": 1}


def test_collector_that_has_gone_silent_is_named(ready: Callable[[], Any]) -> None:
    make_account()
    beat("collector@here:1", "collector", timezone.now() - timedelta(minutes=2))

    assert ready().json()["checks"]["collector"]["state"] == "degraded"


@pytest.mark.parametrize(("account", "state"), [(True, "degraded"), (False, "idle")])
def test_late_work_is_named_if_anybody_could_do_it(ready: Callable[[], Any], account: Any, state: Any) -> None:
    if account:
        make_account()
        beat("collector@here:1", "collector", timezone.now())
    make_due(timedelta(minutes=11))

    queue = ready().json()["checks"]["queue"]

    assert queue["state"] == state
    assert 660 <= queue["oldest_due_seconds"] < 670


def test_absent_cache_is_degraded_not_down(ready: Callable[[], Any], settings: Any) -> None:
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"

    response = ready()

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["cache"]["state"] == "degraded"


@pytest.fixture
def no_database(django_db_blocker: Any) -> Iterator[None]:
    """A database that does not answer: the real driver, at a port where nobody listens."""
    with django_db_blocker.unblock():
        kept = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
        connection.close()
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": "1"}
        yield
        connection.close()
        connection.settings_dict |= kept


def test_absent_database_is_down_and_tells_no_secrets(client: Client, no_database: None) -> None:
    response = client.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": {"state": "down", "error": "OperationalError"},
        "cache": {"state": "ok"},
    }
    assert client.get("/health/live").status_code == 200


def test_metrics_without_database_say_so(client: Client, no_database: None) -> None:
    metrics = parsed(client.get("/metrics"))

    assert metrics["analyticbot_database_up"] == [({}, 0.0)]
    assert "analyticbot_request_seconds_count" in metrics


def parsed(response: Any) -> Any:
    assert response.status_code == 200
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(response.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


@pytest.mark.django_db
def test_metrics_tell_the_state_of_the_work(client: Client) -> None:
    make_due(timedelta(seconds=90))
    parked = make_channel()
    CollectTask.objects.filter(channel=parked).update(parked_at=WHEN)
    account = make_account()
    FloodWaitRow.objects.create(
        account=account, method="x", seconds=60, noted_at=timezone.now(), until=timezone.now() + timedelta(minutes=1)
    )

    metrics = parsed(client.get("/metrics"))

    labels = {"table": "channels_app.collecttask", "kind": CollectKind.HISTORY.value}
    assert metrics["analyticbot_database_up"] == [({}, 1.0)]
    assert (labels, 1.0) in metrics["analyticbot_work_due"]
    assert (labels, 1.0) in metrics["analyticbot_work_parked"]
    assert any(given == labels and 90 <= age < 100 for given, age in metrics["analyticbot_work_oldest_due_seconds"])
    assert metrics["analyticbot_flood_waits"] == [({}, 1.0)]
    assert "analyticbot_sync_lag_seconds" in metrics
    # A month that is dropped ends its own series; a sum of all months would fall, which no counter does.
    stored = {(given["what"], given["table"]) for given, _ in metrics["analyticbot_rows_stored_total"]}
    assert ("posts", "channels_app_post") in stored
    assert {table for what, table in stored if what == "snapshots"} >= {part.name for part in list_partitions()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "given", "remote", "status"),
    [
        (None, "", "127.0.0.1", 200),
        (None, "", "192.0.2.1", 404),
        (None, "Bearer x", "192.0.2.1", 404),
        ("right", "Bearer right", "192.0.2.1", 200),
        ("right", "Bearer wrong", "127.0.0.1", 404),
        ("right", "", "127.0.0.1", 404),
        ("right", "Bearer é", "192.0.2.1", 404),
    ],
)
def test_metrics_are_for_who_may(
    client: Client, settings: Any, token: Any, given: str, remote: Any, status: int
) -> None:
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", headers={"Authorization": given}, REMOTE_ADDR=remote).status_code == status


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_only_reading_is_possible(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["127.0.0.1", "10.42.0.17:8000", "[fd00::17]:8000", "web"])
@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_probes_are_answered_by_whatever_name_they_ask(client: Client, settings: Any, path: str, host: str) -> None:
    settings.ALLOWED_HOSTS, settings.METRICS_TOKEN = ["stats.example.org"], "right"

    response = client.get(path, headers={"Host": host, "Authorization": "Bearer right"})

    assert response.status_code == 200
    assert response["X-Request-Id"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/account/login/", "/api/v2/channels", "/health/live/", "/health/lively", "/metrics/", "//metrics"],
)
def test_nothing_else_is_answered_by_another_name(client: Client, settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = ["stats.example.org"]

    assert client.get(path, headers={"Host": "127.0.0.1"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "status"), [("", 404), ("Bearer wrong", 404), ("Bearer right", 200)])
def test_metrics_ask_for_the_token_by_any_name(client: Client, settings: Any, given: str, status: int) -> None:
    settings.ALLOWED_HOSTS, settings.METRICS_TOKEN = ["stats.example.org"], "right"

    response = client.get("/metrics", headers={"Host": "10.0.0.9", "Authorization": given}, REMOTE_ADDR="10.0.0.1")

    assert response.status_code == status


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:8000", 200), ("[::1]", 200), ("rebound.example", 400), ("a b", 400), ("", 400)]
)
def test_metrics_without_token_follow_no_name_that_a_stranger_could_point_here(
    client: Client, settings: Any, no_database: None, host: str, status: int
) -> None:
    settings.ALLOWED_HOSTS, settings.METRICS_TOKEN = ["stats.example.org"], None

    assert client.get("/metrics", headers={"Host": host}).status_code == status


def test_probes_are_measured_under_their_own_names(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["stats.example.org"]

    def counted() -> float:
        labels = {"method": "GET", "route": "health/live", "status": "200"}
        return REGISTRY.get_sample_value("analyticbot_request_seconds_count", labels) or 0.0

    before = counted()
    client.get("/health/live", headers={"Host": "127.0.0.1"})

    assert counted() == before + 1
