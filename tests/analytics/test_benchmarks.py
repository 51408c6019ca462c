"""Benchmarks by size, through the mounted address, against percentiles computed by hand."""

import statistics
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from analytics.models import ChannelStanding
from analytics.network.bands import BANDS, band_of, bounds_of
from analytics.network.work import run_due_network
from channels_app.models import Channel, TrackedChannel
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

DAY = timedelta(days=1)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def ask(client: Client, workspace: Workspace) -> Reader:
    headers = bearer(make_token(workspace))

    def read(query: str = "", status: int = 200) -> Any:
        response = client.get(f"/api/v2/analytics/benchmarks?{query}", headers=headers)
        assert response.status_code == status, response.content
        return response.json()

    return read


def sized(subscribers: int, views: int | None, forwards: int = 1, *, ago: int = 2) -> Channel:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - ago * DAY, views=views, forwards=forwards, reactions=3)])
    count_subscribers(channel, (NOW - 40 * DAY, subscribers))
    return channel


def row(answer: Any, metric: str, subscribers: int = 0) -> Any:
    [found] = [
        one for one in answer["data"]["bands"] if one["metric"] == metric and one["subscribers_from"] == subscribers
    ]
    return found


@pytest.mark.parametrize(
    ("subscribers", "band"),
    [(0, 0), (999, 0), (1_000, 1), (4_999, 1), (5_000, 2), (999_999, 4), (1_000_000, 5), (9**9, 5)],
)
def test_bands_hold_their_first_number_and_not_the_next(subscribers: int, band: int) -> None:
    first, beyond = bounds_of(band)

    assert band_of(subscribers) == band
    assert first <= subscribers
    assert beyond is None or subscribers < beyond


def test_percentiles_of_a_band_and_where_the_channel_stands(ask: Reader, workspace: Workspace) -> None:
    channels = [sized(500, views) for views in (10, 20, 30, 50, 100, 200)]
    others = sized(2_000, 100)
    TrackedChannel.objects.create(workspace=workspace, channel=channels[2], created_at=NOW)
    run_due_network(now=NOW)

    answer = ask(f"channel=@{channels[2].username}")

    rates = sorted(views / 500 * 100 for views in (10, 20, 30, 50, 100, 200))
    tenths = statistics.quantiles(rates, n=20, method="inclusive")
    assert row(answer, "err") == {
        "subscribers_from": 0,
        "subscribers_below": 1_000,
        "metric": "err",
        "channels": 6,
        "note": None,
        "p10": pytest.approx(tenths[1]),
        "p25": pytest.approx(tenths[4]),
        "p50": pytest.approx(statistics.median(rates)),
        "p75": pytest.approx(tenths[14]),
        "p90": pytest.approx(tenths[17]),
    }
    assert {(one["metric"], one["value"], one["percentile"]) for one in answer["data"]["standing"]} == {
        ("err", 6.0, 40.0),  # two of the five others are below
        ("err24", None, None),
        ("er_views", 13.3333, 60.0),
        ("virality", 0.033333, 60.0),
    }
    # A band of one is not shown, and says so.
    assert row(answer, "err", 1_000) == {
        **row(answer, "err", 1_000), "channels": 1, "p50": None, "p10": None, "note": "too_few_channels"
    }  # fmt: skip
    assert (answer["meta"]["channels"], answer["meta"]["least_channels"]) == (7, 5)
    assert answer["meta"]["since"] == "2026-05-16T00:00:00Z"
    assert answer["meta"]["until"] == "2026-06-15T00:00:00Z"
    assert len(answer["data"]["bands"]) == len(BANDS) * 4
    assert others.pk in ChannelStanding.objects.values_list("channel_id", flat=True)


def test_equal_channels_stand_in_the_middle(ask: Reader, workspace: Workspace) -> None:
    channels = [sized(500, 50) for _ in range(6)]
    TrackedChannel.objects.create(workspace=workspace, channel=channels[0], created_at=NOW)
    run_due_network(now=NOW)

    standing = ask(f"channel={channels[0].tg_id}")["data"]["standing"]

    assert {one["percentile"] for one in standing if one["value"] is not None} == {50.0}


def test_private_and_unknown_channels_are_not_measured(ask: Reader, workspace: Workspace) -> None:
    private, unknown, silent = sized(500, 50), make_channel(), sized(500, 50, ago=60)
    Channel.objects.filter(pk=private.pk).update(username=None)
    make_posts(unknown, [Seen(NOW - DAY)])
    TrackedChannel.objects.create(workspace=workspace, channel=private, created_at=NOW)
    for _ in range(4):
        sized(500, 10)
    run_due_network(now=NOW)

    answer = ask(f"channel={private.tg_id}")

    assert set(ChannelStanding.objects.filter(err=None).values_list("channel_id", flat=True)) == {silent.pk}
    assert row(answer, "err") == {**row(answer, "err"), "channels": 4, "p50": None, "note": "too_few_channels"}
    # Four others are too few to be placed among, though its own rate is known.
    assert [(one["value"], one["percentile"]) for one in answer["data"]["standing"] if one["metric"] == "err"] == [
        (10.0, None)
    ]


def test_nothing_is_known_before_the_first_run(ask: Reader, workspace: Workspace) -> None:
    channel = sized(500, 50)
    TrackedChannel.objects.create(workspace=workspace, channel=channel, created_at=NOW)

    answer = ask(f"channel=@{channel.username}")

    assert answer["data"] == {"bands": [], "standing": []}
    assert answer["meta"]["computed_at"] is None


def test_another_workspaces_channel_is_not_found(ask: Reader) -> None:
    channel = sized(500, 50)
    TrackedChannel.objects.create(workspace=make_workspace(), channel=channel, created_at=NOW)

    assert ask(f"channel=@{channel.username}", 404)["error"]["field"] == "channel"


def test_statements_are_counted(ask: Reader, workspace: Workspace) -> None:
    channels = [sized(500, 50) for _ in range(6)]
    TrackedChannel.objects.create(workspace=workspace, channel=channels[0], created_at=NOW)
    run_due_network(now=NOW)

    with CaptureQueriesContext(connection) as captured:
        ask(f"channel={channels[0].tg_id}")

    # The tag, the channel, the run, posts, context, readings at ages, those below.
    assert len([one for one in captured if "channels_app_" in one["sql"] or "analytics_" in one["sql"]]) == 7
