"""Values that change while processes run."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.core import runtime
from analyticbot.core.audit import SYSTEM, AuditAction
from analyticbot.core.errors import AppError, Conflict, InvalidInput, NotFound
from analyticbot.core.models import AuditEntry, ConfigurationVersion
from analyticbot.core.runtime.changing import change_value, revert_to
from analyticbot.core.runtime.reading import Kept
from tests.factories import WHEN
from tests.web import database_url

_PROJECT = Path(__file__).resolve().parent.parent.parent


def change(key: str, value: object, *, seen: int) -> ConfigurationVersion | None:
    return change_value(key, value, seen_version=seen, reason="A test", actor=SYSTEM, now=WHEN)


@pytest.mark.django_db
def test_value_is_the_setting_until_it_is_changed(settings: Any) -> None:
    settings.EXPORT_ENABLED = False
    assert runtime.EXPORTS.now() is False
    change("EXPORT_ENABLED", "on", seen=0)
    assert runtime.EXPORTS.now() is True
    change("EXPORT_ENABLED", None, seen=1)
    assert runtime.EXPORTS.now() is False


@pytest.mark.django_db
def test_each_change_is_a_version_with_an_audit_row() -> None:
    change("SNAPSHOT_RAW_DAYS", 40, seen=0)
    change("SNAPSHOT_RAW_DAYS", "60", seen=1)
    versions = ConfigurationVersion.objects.filter(key="SNAPSHOT_RAW_DAYS").order_by("version")
    assert [(row.version, row.value) for row in versions] == [(1, 40), (2, 60)]
    entry = AuditEntry.objects.filter(action=AuditAction.CONFIGURATION_CHANGED).latest("pk")
    assert entry.before == {"key": "SNAPSHOT_RAW_DAYS", "value": 40}
    assert entry.after is not None and entry.after["value"] == 60


@pytest.mark.django_db
def test_earlier_version_is_brought_back_as_a_new_one() -> None:
    first = change("SHARE_LINKS_ENABLED", "off", seen=0)
    change("SHARE_LINKS_ENABLED", "on", seen=1)
    assert first is not None
    revert_to(first, seen_version=2, reason="Back", actor=SYSTEM, now=WHEN)
    assert runtime.SHARED_LINKS.now() is False
    assert ConfigurationVersion.objects.count() == 3


@pytest.mark.django_db
def test_same_value_again_is_no_version() -> None:
    change("EXPORT_ENABLED", "off", seen=0)
    change("EXPORT_ENABLED", False, seen=1)
    assert ConfigurationVersion.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_nobody_overwrites_what_they_have_not_seen() -> None:
    change("EXPORT_ENABLED", "off", seen=0)
    with pytest.raises(Conflict):
        change("EXPORT_ENABLED", "on", seen=0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("EXPORT_ENABLED", "perhaps", InvalidInput),
        ("SNAPSHOT_RAW_DAYS", 30, InvalidInput),
        ("SNAPSHOT_RAW_DAYS", 3_651, InvalidInput),
        ("SNAPSHOT_RAW_DAYS", True, InvalidInput),
        ("SNAPSHOT_RAW_DAYS", "", InvalidInput),
        ("DEFAULT_PLAN", "golden", InvalidInput),
        ("SECRET_KEY", "x", NotFound),
    ],
)
def test_wrong_values_change_nothing(key: str, value: object, error: type[AppError]) -> None:
    with pytest.raises(error):
        change(key, value, seen=0)
    assert not ConfigurationVersion.objects.exists()


@given(st.text(max_size=60) | st.integers() | st.none() | st.floats() | st.booleans())
def test_whatever_is_stored_a_reader_gets_a_value_of_the_declared_type(stored: object) -> None:
    for declared in runtime.declared_values().values():
        try:
            value = declared.parse(stored)
        except InvalidInput:
            continue
        assert type(value) is type(declared.default())


@pytest.mark.django_db
def test_value_of_an_older_declaration_is_as_if_it_were_not_there() -> None:
    ConfigurationVersion.objects.create(key="SNAPSHOT_RAW_DAYS", version=1, value="many", at=WHEN, reason="old")
    kept = Kept()
    assert kept.value("SNAPSHOT_RAW_DAYS") == "many"
    assert runtime.RAW_DAYS.now() == settings.SNAPSHOT_RAW_DAYS


@pytest.mark.django_db
def test_versions_of_a_key_are_counted_once() -> None:
    change("EXPORT_ENABLED", "off", seen=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConfigurationVersion.objects.create(key="EXPORT_ENABLED", version=1, value=True, at=WHEN, reason="twice")


@pytest.mark.django_db
def test_known_value_stands_while_the_database_refuses() -> None:
    kept = Kept()
    kept.take({"EXPORT_ENABLED": False}, newest=1)
    kept._until = 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises(Exception), transaction.atomic():  # noqa: B017 - whatever the driver calls it
            cursor.execute("SELECT no_such_function()")
        kept._until = 0.0
        connection.needs_rollback = True
        assert kept.value("EXPORT_ENABLED") is False
        connection.needs_rollback = False


@pytest.mark.django_db
def test_older_snapshot_does_not_bring_the_past_back() -> None:
    kept = Kept()
    kept.take({"EXPORT_ENABLED": False}, newest=5)
    kept.take({"EXPORT_ENABLED": True}, newest=4)
    assert kept.value("EXPORT_ENABLED") is False


@pytest.mark.django_db(transaction=True)
def test_loop_is_not_held_up_and_sees_the_change(settings: Any) -> None:
    settings.CONFIGURATION_KEPT_SECONDS = 0.2
    kept = Kept()

    async def watch() -> float:
        assert kept.value("EXPORT_ENABLED") is None
        await asyncio.to_thread(_change_apart)
        began = time.monotonic()
        while kept.value("EXPORT_ENABLED") is not False:
            assert time.monotonic() - began < 5
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    assert asyncio.run(watch()) < 5


def _change_apart() -> None:
    try:
        change("EXPORT_ENABLED", "off", seen=0)
    finally:
        connection.close()


_READER = """
import sys, time, django
django.setup()
from django.conf import settings
settings.CONFIGURATION_KEPT_SECONDS = 2.0
from analyticbot.core import runtime
print(runtime.EXPORTS.now(), flush=True)
sys.stdin.readline()
began = time.monotonic()
while runtime.EXPORTS.now() and time.monotonic() - began < 10:
    time.sleep(0.05)
print(time.monotonic() - began, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_change_holds_in_other_processes_within_five_seconds() -> None:
    variables = {**os.environ, "DATABASE_URL": database_url(), "EXPORT_ENABLED": "1"}
    command = [sys.executable, "-c", _READER]
    with subprocess.Popen(
        command, cwd=_PROJECT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None and reader.stdin is not None
        assert reader.stdout.readline().strip() == "True"
        change("EXPORT_ENABLED", "off", seen=0)
        reader.stdin.write("changed\n")
        reader.stdin.flush()
        took = timedelta(seconds=float(reader.stdout.readline()))
    assert took < timedelta(seconds=5)
