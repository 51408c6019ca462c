"""Several series, an earlier period, stacks and notes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from analyticbot.core.charts import Comparison, Gap, Mark, Series, Shape, draw
from tests.core.charts.making import (
    DAY,
    START,
    WILD,
    chart,
    check_markup,
    classed,
    fragment,
    head_of,
    parsed,
    points,
    table_of,
)

ROWS = st.lists(WILD, max_size=12)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@settings(max_examples=60)
@given(st.lists(ROWS, max_size=5), ROWS, st.sampled_from(Shape), st.sampled_from(["en", "ru", "uz"]), st.booleans())
def test_any_series_make_well_formed_markup(
    rows: list[list[float | None]], before: list[float | None], shape: Shape, language: str, compares: bool
) -> None:
    past = START - DAY * 12
    with translation.override(language):
        drawn = draw(
            chart(
                days=12,
                shape=shape,
                language=language,
                series=tuple(Series(f"s{index}", points(row)) for index, row in enumerate(rows)),
                comparison=Comparison("before", points(before, start=past), past) if compares else None,
                gaps=(Gap(START, START + DAY),),
                marks=(Mark(START + DAY, "note"), Mark(START + DAY * 3, "other", automatic=True)),
            )
        )
    check_markup(drawn)


def test_each_series_has_its_own_colour_dash_and_mark() -> None:
    drawn = draw(chart(days=4, series=tuple(Series(f"s{i}", points([i, i + 1, i, i + 2])) for i in range(5))))
    lines = classed(parsed(drawn), "chart__line")
    assert len({line.get("stroke") for line in lines}) == 5
    assert len({line.get("stroke-dasharray") for line in lines}) == 5
    assert len({mark.get("d") for mark in classed(parsed(drawn), "chart__dot")}) == 5
    assert [item.tail or "".join(item.itertext()) for item in fragment(drawn.legend)[0]] == [
        "s0",
        "s1",
        "s2",
        "s3",
        "s4",
    ]


def test_more_series_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="5 series"):
        draw(chart(1, series=tuple(Series(f"s{i}", points([i])) for i in range(5))))


def test_table_has_a_column_for_each_series_and_a_row_for_each_moment() -> None:
    drawn = draw(chart(days=3, series=(Series("a", points([1, None, 3])), Series("b", points([4, 5])))))
    assert head_of(drawn) == ["Day", "a", "b"]
    assert [row[1:] for row in table_of(drawn)] == [["1", "4"], ["—", "5"], ["3", "—"]]


def test_one_series_has_no_legend() -> None:
    drawn = draw(chart(1, 2, 3))
    assert drawn.legend == ""
    assert head_of(drawn) == ["Day", "Title"]


def test_comparison_lies_upon_the_span_on_the_same_axis() -> None:
    past = START - DAY * 3
    earlier = Comparison("before", points([100, 200, 300, 999], start=past), past)
    drawn = draw(chart(110, 220, 330, label="now", comparison=earlier))
    # The fourth day of the earlier period has no place in a chart of three days.
    assert [row[1:] for row in table_of(drawn)] == [["110", "100"], ["220", "200"], ["330", "300"]]
    (line,) = classed(parsed(drawn), "chart__compared")
    assert line.get("stroke-dasharray")
    assert "before: From 100 to 999" in drawn.summary


def test_comparison_across_a_change_of_clocks_stays_on_its_days() -> None:
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 1, tzinfo=zone)
    past = datetime(2026, 10, 29, tzinfo=zone)
    days = [start.replace(day=day).astimezone(UTC) for day in (1, 2, 3)]
    before = [past.replace(day=day).astimezone(UTC) for day in (29, 30, 31)]
    now_points = tuple(point for day in days for point in points([1], start=day))
    past_points = tuple(point for day in before for point in points([2], start=day))
    earlier = Comparison("before", past_points, past.astimezone(UTC))
    drawn = draw(chart(start=days[0], end=days[2] + DAY, points=now_points, zone=zone, comparison=earlier))
    assert [row[1:] for row in table_of(drawn)] == [["1", "2"]] * 3


def test_stacks_grow_up_and_down_from_zero() -> None:
    joined, left = Series("joined", points([10, 20])), Series("left", points([-5, None]))
    drawn = draw(chart(days=2, shape=Shape.STACKED, series=(joined, left)))
    up, down = classed(parsed(drawn), "chart__bars")
    assert up.get("d", "").count("Z") == 2
    assert down.get("d", "").count("Z") == 1
    assert [row[1:] for row in table_of(drawn)] == [["10", "−5"], ["20", "—"]]


def test_stacked_parts_stand_upon_each_other() -> None:
    drawn = draw(chart(days=1, shape=Shape.STACKED, series=(Series("a", points([60])), Series("b", points([40])))))
    cells = fragment(drawn.table)[0].findall("td")
    low, high = (float(cell.get("data-y", "")) for cell in cells)
    # The axis ends at 100, and the plot is 204 pixels high below its top of 12.
    assert (low, high) == (93.6, 12)


def test_stacks_of_a_year_share_an_outline() -> None:
    year = [float(day % 7) if day % 50 else None for day in range(365)]
    series = (Series("a", points(year)), Series("b", points([-1.0] * 365)))
    drawn = draw(chart(days=365, shape=Shape.STACKED, series=series))
    check_markup(drawn)
    assert len(drawn.svg) < 12_000


@pytest.mark.parametrize("shape", Shape)
def test_year_of_days_is_small(shape: Shape) -> None:
    values = [20_000 + day * 37 % 9_001 for day in range(365)]
    assert len(draw(chart(*values, shape=shape)).svg.encode()) <= 12_000


def test_year_compared_with_the_one_before_is_small() -> None:
    values = [20_000 + day * 37 % 9_001 for day in range(365)]
    past = START - DAY * 365
    drawn = draw(chart(*values, comparison=Comparison("before", points(values, start=past), past)))
    assert len(drawn.svg.encode()) <= 12_000


def test_notes_are_numbered_in_order_and_in_the_table() -> None:
    marks = (
        Mark(START + DAY * 8, "later"),
        Mark(START + DAY * 2 + timedelta(hours=5), "<b>mention</b>", automatic=True),
        Mark(START - DAY, "outside"),
        Mark(START + DAY * 5, "price", label="₽"),
    )
    drawn = draw(chart(*range(10), marks=marks))
    assert [(line.label, line.when, line.text) for line in drawn.notes] == [
        ("1", "Mar 3, 2026", "<b>mention</b>"),
        ("₽", "Mar 6, 2026", "price"),
        ("3", "Mar 9, 2026", "later"),
    ]
    assert head_of(drawn) == ["Day", "Title", "Notes"]
    assert [row[2] for row in table_of(drawn) if row[2]] == ["1: <b>mention</b>", "₽: price", "3: later"]
    assert "<b>" not in drawn.svg + drawn.table
    assert drawn.summary.endswith("3 notes: Mar 3, 2026: <b>mention</b>; Mar 6, 2026: price; Mar 9, 2026: later.")
    own = classed(parsed(drawn), "chart__badge--own")
    assert len(own) == 2
    assert len(classed(parsed(drawn), "chart__badge")) == 3


def test_notes_close_together_share_a_badge_and_near_ones_stand_in_two_lines() -> None:
    marks = tuple(Mark(START + DAY * day, "x") for day in (10, 12, 22, 60))
    root = parsed(draw(chart(*range(100), marks=marks)))
    badges = classed(root, "chart__badge")
    assert ["".join(badge.itertext()) for badge in badges] == ["x; x1–2", "x3", "x4"]
    assert len(classed(root, "chart__mark")) == 4
    tops = {line.get("y1") for line in classed(root, "chart__mark")}
    assert len(tops) == 2


def test_note_over_a_span_is_shaded_and_stands_at_the_edge_it_began_before() -> None:
    marks = (
        Mark(START - DAY * 3, "sale", until=START + DAY * 2),
        Mark(START + DAY * 5, "trip", until=START + DAY * 7, address="/there/"),
        Mark(START - DAY * 3, "over", until=START),
    )
    drawn = draw(chart(*range(10), marks=marks))
    assert [(line.when, line.text, line.address) for line in drawn.notes] == [
        ("Feb 26 – Mar 2, 2026", "sale", ""),
        ("Mar 6 – Mar 7, 2026", "trip", "/there/"),
    ]
    shades = classed(parsed(drawn), "chart__span")
    assert [(shade.get("x"), shade.get("width")) for shade in shades] == [("0%", "20%"), ("50%", "20%")]


@given(st.lists(st.integers(-5, 120), max_size=30))
def test_any_notes_make_well_formed_markup(days: list[int]) -> None:
    drawn = draw(chart(*range(100), marks=tuple(Mark(START + DAY * day, f"note {day}") for day in days)))
    check_markup(drawn)
    assert len(drawn.notes) == sum(0 <= day < 100 for day in days)
