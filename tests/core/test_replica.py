"""Statistics are read from a replica while it is there and keeps up; from the primary otherwise."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from analyticbot.core.replica import REPLICA, PrimaryRouter, forget_replica, pin_to_primary, read_alias
from analytics.queries.reading import read_cursor, settle_reading
from channels_app.models import Channel
from tests.factories import bearer, make_channel, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def closed_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module", autouse=True)
def second_alias(django_db_setup: None) -> Iterator[None]:
    """Known before the first test, so that each may connect to it; a mirror, so that nobody empties it twice."""
    connections.settings[REPLICA] = {
        **connection.settings_dict,
        "TEST": {**connection.settings_dict["TEST"], "MIRROR": DEFAULT_DB_ALIAS},
    }
    yield
    del connections.settings[REPLICA]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    forget_replica()
    yield
    connections[REPLICA].close()
    del connections[REPLICA]
    forget_replica()
    pin_to_primary(pinned=False)


def process_of(cursor: Any) -> int:
    cursor.execute("SELECT pg_backend_pid()")
    return int(cursor.fetchone()[0])


def test_without_a_replica_the_primary_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(connections.settings, REPLICA)

    assert read_alias() == DEFAULT_DB_ALIAS
    with read_cursor() as cursor, connection.cursor() as primary:
        assert process_of(cursor) == process_of(primary)


def test_replica_is_read_when_it_is_there() -> None:
    with read_cursor() as cursor, connection.cursor() as primary:
        assert process_of(cursor) != process_of(primary)
        assert cursor.alias == REPLICA
    assert read_alias() == REPLICA


def test_replica_that_lags_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(DATABASE_REPLICA_MAX_LAG=timedelta(seconds=-1)):
        assert read_alias() == DEFAULT_DB_ALIAS
        # It was looked at just now.
        assert read_alias() == DEFAULT_DB_ALIAS


def test_replica_that_is_away_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections[REPLICA].settings_dict, "PORT", str(closed_port()))

    with read_cursor() as cursor:
        cursor.execute("SELECT 1")
        assert (cursor.fetchall(), cursor.alias) == ([(1,)], DEFAULT_DB_ALIAS)


def test_statement_that_breaks_off_is_asked_of_the_primary(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with read_cursor() as cursor:
        there = process_of(cursor)
        with connection.cursor() as primary:
            primary.execute("SELECT pg_terminate_backend(%s, 5000)", [there])
        cursor.execute("SELECT 42 AS answer")
        assert [column.name for column in cursor.description] == ["answer"]
        assert (list(cursor), cursor.alias) == ([(42,)], DEFAULT_DB_ALIAS)

    assert "statistics are read from the primary" in caplog.text
    assert read_alias() == DEFAULT_DB_ALIAS
    forget_replica()
    assert read_alias() == REPLICA


def test_wrong_statement_is_wrong_on_both() -> None:
    from django.db import ProgrammingError

    with read_cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("SELECT nothing_of_that_name")


def test_transaction_reads_what_it_wrote() -> None:
    with transaction.atomic(), read_cursor() as cursor:
        assert cursor.alias == DEFAULT_DB_ALIAS


def test_models_stay_on_the_primary_and_nothing_is_migrated_on_the_replica() -> None:
    router = PrimaryRouter()

    assert router.db_for_read(Channel) == router.db_for_write(Channel) == DEFAULT_DB_ALIAS
    assert (router.allow_migrate(REPLICA, "channels_app"), router.allow_migrate("default", "channels_app")) == (
        False,
        None,
    )
    assert router.allow_relation(Channel(), Channel())


def test_replica_that_has_not_seen_the_newest_change_is_not_asked_about_that_channel() -> None:
    channel = make_channel()

    settle_reading(channel.pk, version=channel.version)
    assert read_alias() == REPLICA
    settle_reading(channel.pk, version=channel.version + 1)
    assert read_alias() == DEFAULT_DB_ALIAS
    settle_reading(channel.pk + 1, version=0)
    assert read_alias() == DEFAULT_DB_ALIAS
    settle_reading(channel.pk, version=0)
    assert read_alias() == REPLICA


def test_questions_are_answered_from_the_replica_once_it_has_what_the_primary_has() -> None:
    workspace = make_workspace()
    channel = make_tracked(workspace).channel
    client = Client(headers=bearer(make_token(workspace)))

    def statements_there() -> int:
        with CaptureQueriesContext(connections[REPLICA]) as captured:
            answer = client.get(f"/api/v2/analytics/channels/{channel.tg_id}/growth")
        assert answer.status_code == 200
        return sum("channels_app_subscribersample" in one["sql"] for one in captured)

    assert statements_there() > 0
