"""Several channels side by side, through the mounted address."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.period import Period, zone_named
from analytics.queries import StatsQuery, overview
from analytics.queries.compare import compare_channels
from channels_app.models import Channel, DailyFact, Relation, TrackedChannel
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = "from=2026-06-08&to=2026-06-15"
URL = "/api/v2/analytics/compare"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


def track(workspace: Workspace, relation: Relation = Relation.WATCHED) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=relation, created_at=NOW)
    return channel


@pytest.fixture
def ask(client: Client, workspace: Workspace) -> Reader:
    headers = bearer(make_token(workspace))

    def read(query: str, status: int = 200) -> Any:
        response = client.get(f"{URL}?{SPAN}&{query}", headers=headers)
        assert response.status_code == status, response.content
        return response.json()

    return read


def names(*channels: Channel) -> str:
    return "channels=" + ",".join(f"@{channel.username}" for channel in channels)


def test_channels_stand_side_by_side_in_the_order_asked(ask: Reader, workspace: Workspace) -> None:
    one, two = track(workspace), track(workspace)
    make_posts(one, [Seen(NOW - DAY, views=300, forwards=3), Seen(NOW - 9 * DAY, views=50)])
    make_posts(two, [Seen(NOW - 2 * DAY, views=100), Seen(NOW - DAY, views=None)])
    count_subscribers(one, (NOW - 10 * DAY, 900), (NOW - DAY, 1000))

    answer = ask(f"channels={two.tg_id},{one.username}&metrics=posts,views,followers,err")
    first, second = answer["data"]["channels"]

    assert (first["channel"], first["id"], first["title"]) == (two.username, two.tg_id, "T")
    assert first["totals"] == {"posts": 2, "views": 100, "followers": None, "err": None}
    assert second["totals"] == {"posts": 1, "views": 300, "followers": 1000, "err": 30.0}
    assert second["previous"] == {"posts": 1, "views": 50, "followers": 900, "err": 5.5556}
    assert first["provenance"]["views"]["coverage"] == 0.5
    points = answer["data"]["points"]
    assert len(points) == 14
    assert [(p["t"], p["views"]) for p in points if p["channel"] == one.username and p["views"]] == [
        ("2026-06-14T00:00:00Z", 300)
    ]
    assert answer["meta"]["previous_period"]["from"] == "2026-06-01T00:00:00Z"


def test_the_window_is_the_width_of_the_steps(ask: Reader, workspace: Workspace) -> None:
    channel = track(workspace)

    assert len(ask(f"{names(channel)}&window=H")["data"]["points"]) == 7 * 24
    assert [p["t"] for p in ask(f"{names(channel)}&window=W")["data"]["points"]] == ["2026-06-08T00:00:00Z"]


def test_official_figures_are_told_of_owned_channels_only(ask: Reader, workspace: Workspace) -> None:
    owned, watched = track(workspace, Relation.OWNED), track(workspace)
    for channel in (owned, watched):
        DailyFact.objects.create(
            channel=channel, day="2026-06-09", source="official", observed_at=NOW, joined=5, left=2
        )

    answer = ask(f"{names(owned, watched)}&metrics=joined")

    joined = {p["channel"]: p["joined"] for p in answer["data"]["points"] if p["t"] == "2026-06-09T00:00:00Z"}
    assert joined == {owned.username: 5, watched.username: None}


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "channels"),
        ("channels=", 400, "channels"),
        ("channels=" + ",".join(f"c{n}" for n in range(11)), 400, "channels"),
        ("channels=@nobody_here", 404, "channels"),
        ("channels=@ours&metrics=luck", 400, "metrics"),
        ("channels=@ours&metrics=,", 400, "metrics"),
        ("channels=@ours&window=Y", 400, "window"),
        ("channels=@ours&from=2014-01-01&to=2026-01-01", 400, "from"),
        ("channels=@ours,OURS", 400, "channels"),
        ("channels=@ours,424242", 400, "channels"),
    ],
)
def test_a_wrong_parameter_is_named(ask: Reader, workspace: Workspace, query: str, status: int, field: str) -> None:
    channel = track(workspace)
    Channel.objects.filter(pk=channel.pk).update(username="ours", tg_id=424242)

    assert ask(query, status)["error"]["field"] == field


def test_another_workspaces_channel_is_named_and_not_found(ask: Reader, workspace: Workspace) -> None:
    ours, theirs = track(workspace), track(make_workspace())

    assert f"@{theirs.username}" in ask(names(ours, theirs), 404)["error"]["message"]


@pytest.mark.parametrize("count", [1, 3, 10])
def test_statements_do_not_grow_with_the_channels(ask: Reader, workspace: Workspace, count: int) -> None:
    channels = [track(workspace) for _ in range(count)]
    for channel in channels:
        make_posts(channel, [Seen(NOW - DAY)])

    with CaptureQueriesContext(connection) as captured:
        ask(names(*channels))

    # The tag, the channels, posts, context.
    assert len([one for one in captured if "channels_app_" in one["sql"]]) == 4


SEEN = st.builds(
    Seen,
    st.integers(1, 20 * 24).map(lambda hours: NOW - hours * HOUR),
    views=st.none() | st.integers(0, 1000),
    forwards=st.none() | st.integers(0, 50),
    is_forward=st.booleans(),
    deleted=st.booleans(),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(SEEN, max_size=6), min_size=1, max_size=3))
def test_it_agrees_with_the_overview_and_its_steps_add_up(worlds: list[list[Seen]]) -> None:
    week = Period(datetime.fromisoformat("2026-06-08T00:00:00+00:00"), NOW, zone_named("UTC"))
    channels = [make_channel() for _ in worlds]
    for channel, posts in zip(channels, worlds, strict=True):
        make_posts(channel, posts)
    queries = [StatsQuery(channel.pk, week, now=NOW) for channel in channels]

    found = compare_channels(queries, metrics=("posts", "views", "avg_reach", "er_views"))

    for query, compared, posts in zip(queries, found.channels, worlds, strict=True):
        headline = overview(query)
        for name, number in compared.totals.items():
            assert number == headline.current[name]
            assert compared.previous[name] == headline.previous[name]
        mine = [post for post in posts if not post.deleted and week.start <= post.at < week.end]
        assert compared.totals["posts"].value == len(mine) == sum(step["posts"].value or 0 for step in compared.series)
        known = [post.views for post in mine if post.views is not None]
        assert sum(step["views"].value or 0 for step in compared.series) == sum(known)
