"""Official graphs: reading, and figures of days."""

import json
import tarfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtproto.graphs import DailyFigures, GraphInvalid, Resolution, daily_facts_from_graphs, read_graph

START = datetime(2026, 1, 1, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "b_graphs"


def chart(columns: dict[str, list[Any]], *, step: timedelta = timedelta(days=1), **extra: Any) -> dict[str, Any]:
    """A graph as Telegram writes it: y0, y1, … with the given names, from START on."""
    points = max((len(values) for values in columns.values()), default=0)
    x = [int((START + step * i).timestamp() * 1000) for i in range(points)]
    labels = [f"y{i}" for i in range(len(columns))]
    return {
        "columns": [["x", *x], *([label, *values] for label, values in zip(labels, columns.values(), strict=True))],
        "types": {"x": "x", **dict.fromkeys(labels, "line")},
        "names": dict(zip(labels, columns, strict=True)),
        **extra,
    }


def test_graph_is_read_with_times_names_and_flags() -> None:
    raw = json.dumps(chart({"Joined": [3, None], "Left": [1, 2.5]}, stacked=True, percentage=True))

    graph = read_graph(raw)

    assert graph.x == (START, START + timedelta(days=1))
    assert [(s.key, s.name, s.type, s.values) for s in graph.series] == [
        ("y0", "Joined", "line", (3, None)),
        ("y1", "Left", "line", (1, 2.5)),
    ]
    assert (graph.stacked, graph.percentage, graph.y_scaled, graph.resolution) == (True, True, False, Resolution.DAILY)


def test_seconds_on_the_axis_are_understood() -> None:
    raw = {"columns": [["t", 1767225600, 1767312000], ["y0", 1, 2]], "types": {"t": "x"}}

    assert read_graph(raw).x == (START, START + timedelta(days=1))


def test_points_out_of_order_are_sorted_with_their_values() -> None:
    raw = {"columns": [["x", 1767312000000, 1767225600000], ["y0", 2, 1]]}

    assert read_graph(raw).series[0].values == (1, 2)


def test_hours_of_the_day_are_an_index() -> None:
    raw = {"columns": [["x", *range(24)], ["y0", *range(24)], ["y1", *range(24)]]}

    graph = read_graph(raw)

    assert (graph.resolution, graph.index, graph.x) == (Resolution.INDEX, tuple(range(24)), ())
    assert daily_facts_from_graphs({"top_hours_graph": raw}) == []


@pytest.mark.parametrize(
    ("step", "resolution"),
    [
        (timedelta(minutes=5), Resolution.FINE),
        (timedelta(hours=1), Resolution.HOURLY),
        (timedelta(days=1), Resolution.DAILY),
        (timedelta(days=7), Resolution.WEEKLY),
    ],
)
def test_resolution_is_told_by_distance(step: timedelta, resolution: Resolution) -> None:
    assert read_graph(chart({"a": [1, 2, 3]}, step=step)).resolution is resolution


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        "nonsense",
        "[]",
        "{}",
        '{"columns": 5}',
        '{"columns": [[]]}',
        '{"columns": [["y0", 1]]}',
        '{"columns": [["x", "now"], ["y0", 1]]}',
        '{"columns": [["x", 1767225600000, 1767225600000], ["y0", 1, 2]]}',
        '{"columns": [["x", 1767225600000], ["y0", 1, 2]]}',
        '{"columns": [["x", 1e300], ["y0", 1]]}',
        '{"columns": [["x", 1767225600000], ["y0", 1], ["y0", 2]]}',
        '{"columns": [["x", true], ["y0", 1]]}',
    ],
)
def test_malformed_graph_is_refused(raw: str | bytes) -> None:
    with pytest.raises(GraphInvalid):
        read_graph(raw)


def test_series_of_wrong_length_is_dropped_and_named() -> None:
    raw = chart({"Joined": [1, 2], "Left": [1]})

    graph = read_graph(raw)

    assert ([s.name for s in graph.series], graph.dropped) == (["Joined"], ("y1",))
    assert [(d.joined, d.left) for d in daily_facts_from_graphs({"followers_graph": raw})] == [(1, None), (2, None)]


def test_known_graphs_become_figures_of_days() -> None:
    days = daily_facts_from_graphs(
        {
            "growth_graph": chart({"Total followers": [100, 103]}),
            "followers_graph": chart({"Joined": [5, 6], "Left": [1, -3]}),
            "mute_graph": chart({"Muted": [2, 0], "Unmuted": [1, None]}),
            "interactions_graph": chart({"Views": [1000, 900], "Shares": [10, 0]}),
            "views_by_source_graph": chart({"Followers": [800, 700], "Channels": [200, 200]}),
            "reactions_by_emotion_graph": chart({"Positive": [7, None], "Negative": [1, None]}),
            "something_new_graph": chart({"a": [1, 2]}),
        }
    )

    assert days == [
        DailyFigures(
            date(2026, 1, 1), 100, 5, 1, 2, 1, 1000, 10, 8,
            {
                "views_by_source_graph": {"Followers": 800, "Channels": 200},
                "reactions_by_emotion_graph": {"Positive": 7, "Negative": 1},
            },
        ),
        DailyFigures(
            date(2026, 1, 2), 103, 6, 3, 0, None, 900, 0, None,
            {
                "views_by_source_graph": {"Followers": 700, "Channels": 200},
                "reactions_by_emotion_graph": {"Positive": None, "Negative": None},
            },
        ),
    ]  # fmt: skip


def test_localised_names_are_read_by_position() -> None:
    days = daily_facts_from_graphs({"followers_graph": chart({"Подписались": [5], "Отписались": [1]})})

    assert (days[0].joined, days[0].left) == (5, 1)


def test_english_names_win_over_position() -> None:
    days = daily_facts_from_graphs({"followers_graph": chart({"Left": [1], "Joined": [5]})})

    assert (days[0].joined, days[0].left) == (5, 1)


def test_missing_day_stays_missing() -> None:
    raw = chart({"Joined": [5, 6, 7], "Left": [1, 1, 1]})
    for column in raw["columns"]:
        del column[2]

    days = daily_facts_from_graphs({"followers_graph": raw})

    assert [d.day.day for d in days] == [1, 3]


def test_hours_are_added_up_and_levels_take_the_last() -> None:
    hours = [None, *range(47)]

    days = daily_facts_from_graphs(
        {
            "growth_graph": chart({"Total": hours}, step=timedelta(hours=1)),
            "interactions_graph": chart({"Views": hours, "Shares": [None] * 48}, step=timedelta(hours=1)),
        }
    )

    assert [(d.subscribers, d.views, d.shares) for d in days] == [
        (22, sum(range(23)), None),
        (46, sum(range(23, 47)), None),
    ]


def test_malformed_graph_does_not_hide_the_others() -> None:
    invalid: dict[str, str] = {}

    days = daily_facts_from_graphs({"growth_graph": "{", "mute_graph": chart({"a": [1], "b": [2]})}, invalid=invalid)

    assert [(d.muted, d.unmuted) for d in days] == [(1, 2)]
    assert list(invalid) == ["growth_graph"]
    with pytest.raises(GraphInvalid, match="growth_graph: not JSON"):
        daily_facts_from_graphs({"growth_graph": "{"})


def test_series_of_the_same_name_are_both_kept() -> None:
    raw = chart({"Other": [1], "x": [2]})
    raw["names"]["y1"] = "Other"

    assert daily_facts_from_graphs({"languages_graph": raw})[0].detail == {
        "languages_graph": {"Other": 1, "Other (y1)": 2}
    }


values = st.one_of(st.none(), st.integers(-(10**12), 10**15), st.floats(), st.text(max_size=3), st.booleans())
columns = st.lists(st.lists(st.one_of(values, st.sampled_from(["x", "y0", "y1"])), max_size=6), max_size=4)


@given(
    columns=st.one_of(columns, values),
    types=st.one_of(values, st.dictionaries(st.sampled_from(["x", "y0"]), values)),
    names=st.one_of(values, st.dictionaries(st.sampled_from(["x", "y0"]), values)),
)
def test_any_graph_is_read_or_refused(columns: Any, types: Any, names: Any) -> None:
    raw = {"columns": columns, "types": types, "names": names}
    try:
        graph = read_graph(raw)
    except GraphInvalid:
        return

    assert all(len(s.values) == len(graph.x) + len(graph.index) for s in graph.series)
    daily_facts_from_graphs({"growth_graph": raw, "languages_graph": raw})


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60)))
def test_any_text_is_read_or_refused(raw: str | bytes) -> None:
    try:
        read_graph(raw)
    except GraphInvalid as error:
        assert str(error)


def real(name: str) -> Path:
    path = next(DATA.glob(f"*/{name}"), None) if DATA.exists() else None
    if path is None:
        pytest.skip(f"real graph {name} is not at hand")
    return path


def test_real_joins_and_leaves_of_a_year_are_read() -> None:
    with tarfile.open(real("april2019_chart1.tar.gz")) as archive:
        overview = archive.extractfile("data/1/overview.json")
        zoom = archive.extractfile("data/1/2018-04/07.json")
        assert overview is not None
        assert zoom is not None
        days = daily_facts_from_graphs({"followers_graph": overview.read()})
        week = daily_facts_from_graphs({"followers_graph": zoom.read()})

    assert (len(days), days[0].day, days[-1].day) == (365, date(2018, 4, 7), date(2019, 4, 6))
    assert (sum(d.joined or 0 for d in days), sum(d.left or 0 for d in days)) == (746460, 823930)
    assert (len(week), sum(d.joined or 0 for d in week), sum(d.left or 0 for d in week)) == (7, 5950, 7100)


def test_real_percentage_graph_keeps_each_label() -> None:
    raw = real("april2019_chart5_overview.json").read_bytes()

    days = daily_facts_from_graphs({"languages_graph": raw})

    assert read_graph(raw).percentage
    assert sum(d.detail["languages_graph"]["Apples"] or 0 for d in days) == 14952180


def test_real_charts_of_2019_are_read() -> None:
    graphs = [read_graph(raw) for raw in json.loads(real("march2019_chart_data.json").read_bytes())]

    assert [len(g.x) for g in graphs] == [112, 112, 112, 112, 372]
    assert sum(v or 0 for v in graphs[4].series[0].values) == 1046985260
