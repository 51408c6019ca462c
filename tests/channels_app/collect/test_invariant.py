"""The daily check of every channel's numbers: what it finds stands in the database and in the metrics."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from channels_app.collect.invariant import EVERY, check_due_cells
from channels_app.models import CellCheck, Channel, ChannelHour
from tests.channels_app.ingest.seen import NOW, make_channel, message, see

pytestmark = pytest.mark.django_db


def counted_channel() -> Channel:
    channel = make_channel(username=f"shop{Channel.objects.count()}")
    see(channel, message(1, views=10, date=NOW))
    return channel


def spoil(channel: Channel) -> None:
    ChannelHour.objects.filter(channel=channel).update(views=12)


def metric(name: str) -> float:
    lines = Client().get("/metrics").content.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_check_finds_the_channel_that_does_not_add_up(caplog: pytest.LogCaptureFixture) -> None:
    good, bad = counted_channel(), counted_channel()
    spoil(bad)

    assert check_due_cells(now=NOW) == 1

    assert CellCheck.objects.get(channel=good).differences == 0
    found = CellCheck.objects.get(channel=bad)
    assert (found.differences, found.checked_at) == (2, NOW)
    assert "expected=10, found=12" in found.first
    assert metric("analyticbot_broken_channels") == 1
    assert f"channel={bad.pk} does not add up" in caplog.text


def test_each_channel_is_checked_once_a_day_longest_ago_first() -> None:
    first, second = counted_channel(), counted_channel()
    check_due_cells(now=NOW)
    spoil(second)

    assert check_due_cells(now=NOW + timedelta(hours=2)) == 0
    CellCheck.objects.filter(channel=first).update(checked_at=NOW - timedelta(days=3))
    assert check_due_cells(now=NOW + timedelta(hours=2), budget=timedelta(0)) == 0
    assert CellCheck.objects.get(channel=first).checked_at == NOW + timedelta(hours=2)
    assert check_due_cells(now=NOW + EVERY) == 1


def test_command_repairs_and_the_metric_falls() -> None:
    channel = counted_channel()
    spoil(channel)
    check_due_cells(now=NOW)
    assert metric("analyticbot_broken_channels") == 1

    with pytest.raises(CommandError):
        call_command("check_cells", stdout=StringIO(), stderr=StringIO())
    assert metric("analyticbot_broken_channels") == 1
    call_command("check_cells", "--repair", stdout=StringIO(), stderr=StringIO())

    assert metric("analyticbot_broken_channels") == 0
    assert metric("analyticbot_cells_checked_seconds") < 600


def test_channel_that_goes_takes_its_check_along() -> None:
    channel = make_channel()
    check_due_cells(now=NOW)
    channel.delete()

    assert CellCheck.objects.count() == 0
