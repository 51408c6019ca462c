"""Official graphs: listed, as they came, and with a history over all loads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.queries.official import Load, merged
from channels_app.models import Channel, OfficialGraph, Relation, TrackedChannel
from mtproto.graphs import Resolution
from tests.analytics.world import NOW, make_channel
from tests.factories import bearer, make_token, make_workspace

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def _graph(days: list[int], values: list[Any], *, name: str = "Views") -> dict[str, Any]:
    """Telegram's JSON of a line over days since START."""
    axis = [int((START + day * DAY).timestamp() * 1000) for day in days]
    return {
        "columns": [["x", *axis], ["y0", *values]],
        "types": {"x": "x", "y0": "line"},
        "names": {"y0": name},
        "colors": {"y0": "BLUE#007AFF"},
    }


def _load(age: int, raw: Any) -> Load:
    return Load(NOW - age * DAY, orjson.dumps(raw).decode(), None)


@given(
    st.lists(
        st.dictionaries(st.integers(0, 30), st.integers(0, 99), min_size=4, max_size=8).filter(
            lambda days: min(b - a for a, b in zip(sorted(days), sorted(days)[1:], strict=False)) == 1
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_newest_word_on_each_day_holds(loads: list[dict[int, int]]) -> None:
    expected = {day: value for load in loads for day, value in load.items()}

    graph = merged(_load(9 - n, _graph(sorted(load), [load[d] for d in sorted(load)])) for n, load in enumerate(loads))

    assert graph
    assert dict(zip(graph.x, graph.series[0].values, strict=True)) == {
        START + day * DAY: value for day, value in sorted(expected.items())
    }
    assert graph.passed_over == 0


def test_series_that_came_or_went_are_unknown_where_they_were_not() -> None:
    graph = merged([_load(2, _graph([1, 2], [5, 6], name="Old")), _load(1, _graph([2, 3], [7, 8], name="New"))])

    assert graph
    assert {one.name: one.values for one in graph.series} == {"New": (None, 7, 8), "Old": (5, 6, None)}


def test_loads_otherwise_apart_or_broken_are_passed_over() -> None:
    hourly = _graph([1, 2], [5, 6])
    hourly["columns"][0][2] = hourly["columns"][0][1] + 3_600_000

    graph = merged([_load(3, hourly), _load(2, {"columns": 1}), _load(1, _graph([2, 3], [7, 8]))])

    assert graph
    assert (graph.resolution, graph.passed_over, len(graph.x)) == (Resolution.DAILY, 2, 2)
    assert merged([_load(2, {"columns": 1}), Load(NOW, None, "Not enough data to display.")]) is None


def test_hours_of_the_day_are_those_of_the_newest_load() -> None:
    raw = {"columns": [["x", 0, 1], ["y0", 5, 6]], "types": {"x": "x", "y0": "line"}, "names": {"y0": "Views"}}

    graph = merged([_load(2, raw), _load(1, raw)])

    assert graph
    assert (graph.index, graph.x, graph.series[0].values) == ((0, 1), (), (5, 6))


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.OWNED, created_at=NOW)
    for age, raw, error in (
        (5, _graph([1, 2, 3], [10, 20, 30]), None),
        (1, _graph([3, 4, 5], [33, 40, 50]), None),
        (0, None, "Not enough data to display."),
    ):
        OfficialGraph.objects.create(
            channel=channel, graph="interactions_graph", loaded_at=NOW - age * DAY, raw=raw, error=error
        )
    return channel


@pytest.fixture
def get(client: Client, workspace: Workspace) -> Callable[..., Any]:
    headers = bearer(make_token(workspace))
    return lambda channel, graph="", **asked: client.get(
        f"/api/v2/analytics/channels/@{channel.username}/official-graphs{graph}", asked, headers=headers
    )


def test_graphs_are_listed_with_what_they_reach_over(get: Callable[..., Any], channel: Channel) -> None:
    assert get(channel).json()["data"] == [
        {
            "graph": "interactions_graph",
            "loads": 3,
            "loaded_at": "2026-06-15T12:00:00Z",
            "error": "Not enough data to display.",
            "first": "2026-01-02T00:00:00Z",
            "last": "2026-01-06T00:00:00Z",
            "resolution": "daily",
        }
    ]


def test_the_history_is_longer_than_any_load(get: Callable[..., Any], channel: Channel) -> None:
    data = get(channel, "/interactions_graph").json()["data"]

    assert [(point["t"][:10], point["values"]) for point in data["points"]] == [
        ("2026-01-02", [10]),
        ("2026-01-03", [20]),
        ("2026-01-04", [33]),
        ("2026-01-05", [40]),
        ("2026-01-06", [50]),
    ]
    assert data["series"] == [{"name": "Views", "type": "line"}]
    assert (data["loads"], data["raw"], data["resolution"]) == (3, None, "daily")


def test_a_load_is_given_as_it_came(get: Callable[..., Any], channel: Channel) -> None:
    data = get(channel, "/interactions_graph", form="raw", at="2026-06-12").json()["data"]

    assert data["raw"] == _graph([1, 2, 3], [10, 20, 30])
    assert (data["loads"], data["loaded_at"], data["points"]) == (1, "2026-06-10T12:00:00Z", [])


@pytest.mark.parametrize(
    ("graph", "asked", "status", "field"),
    [
        ("/growth_graph", {}, 404, "graph"),
        ("/interactions_graph", {"form": "cooked"}, 400, "form"),
        ("/interactions_graph", {"at": "never"}, 400, "at"),
        ("/interactions_graph", {"at": "2020-01-01"}, 404, "graph"),
    ],
)
def test_what_is_not_there_is_named(
    get: Callable[..., Any], channel: Channel, graph: str, asked: Any, status: int, field: str
) -> None:
    answer = get(channel, graph, **asked)

    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_who_only_watches_sees_no_graph_and_is_told_why(get: Callable[..., Any], channel: Channel) -> None:
    TrackedChannel.objects.update(relation=Relation.WATCHED)

    listed = get(channel).json()

    assert (listed["data"], listed["meta"]["reason"]) == ([], "owners_only")
    assert get(channel, "/interactions_graph").status_code == 404


def test_each_takes_one_statement_beside_those_of_every_request(
    get: Callable[..., Any], channel: Channel, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    get(channel)  # notes that the token was used
    for graph in ("", "/interactions_graph"):
        with django_assert_num_queries(2 + 1):
            assert get(channel, graph).status_code == 200
