"""What travels with a chart for zooming into it: the same numbers, breaks where nothing was observed, few bytes."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from analyticbot.core.charts import Band, Chart, Comparison, Gap, Mark, Point, Reached, Series, Shape, Usual, draw

ZONE = ZoneInfo("Asia/Tashkent")
START = datetime(2026, 3, 1, tzinfo=ZONE)
DAY = timedelta(days=1)
MIDNIGHT = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


def chart(values: list[float | None], *, shape: Shape = Shape.LINE, **more: Any) -> Chart:
    points = tuple(Point(START + index * DAY, value, START + (index + 1) * DAY) for index, value in enumerate(values))
    return Chart("c", "Title", shape, points, START, START + len(values) * DAY, ZONE, **more)


def figure_of(one: Chart | Band) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(draw(one).figure)
    return found


def test_days_are_those_of_the_wall_and_unknown_stays_unknown() -> None:
    found = figure_of(chart([1, None, 2.5]))
    assert found["at"] == [MIDNIGHT, 86_400]
    assert found["even"] is True
    assert found["span"] == [MIDNIGHT, MIDNIGHT + 3 * 86_400]
    assert found["series"][0]["y"] == [1, None, 2.5]


def test_a_day_of_23_hours_is_a_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    points = tuple(Point(datetime(2026, 3, day, tzinfo=berlin), day) for day in (28, 29, 30, 31))
    one = Chart("c", "T", Shape.BARS, points, points[0].at, datetime(2026, 4, 1, tzinfo=berlin), berlin)
    assert figure_of(one)["at"][1] == 86_400


def test_a_line_breaks_where_nothing_was_observed() -> None:
    gap = Gap(START + DAY, START + 3 * DAY)
    found = figure_of(chart([1, 2, 3, 4, 5], gaps=(gap,)))
    assert found["gaps"] == [[MIDNIGHT + 86_400, MIDNIGHT + 3 * 86_400]]
    assert found["series"][0]["breaks"] == [2, 3]
    assert found["series"][0]["y"] == [1, 2, 3, 4, 5]


def test_every_series_the_comparison_and_the_notes_come_along() -> None:
    other = Series("Left", tuple(Point(START + index * DAY, -index) for index in range(3)))
    before = Comparison("Before", (Point(START - 3 * DAY, 7),), START - 3 * DAY)
    marks = (Mark(START + DAY, "A note <b>"),)
    found = figure_of(
        chart([1, 2, 3], shape=Shape.STACKED, label="Joined", series=(other,), comparison=before, marks=marks)
    )
    assert found["kind"] == "stacked"
    assert [(one["name"], one["look"]) for one in found["series"]] == [
        ("Joined", "bar"),
        ("Left", "bar"),
        ("Before", "compared"),
    ]
    assert found["series"][1]["y"] == [0, -1, -2]
    assert found["series"][2]["y"] == [7, None, None]
    assert found["marks"] == [[MIDNIGHT + 86_400, "1", "A note <b>"]]


def test_a_band_has_its_own_axis() -> None:
    hour = timedelta(hours=1)
    one = Band("b", "T", (Usual(hour, 1, 2, 3), Usual(2 * hour, 2, 4, 6)), (Reached(hour, 5),))
    found = figure_of(one)
    assert found["kind"] == "band"
    assert [one["look"] for one in found["series"]] == ["line", "low", "compared", "high"]
    assert found["series"][0]["y"] == [5, None]
    assert found["at"][-1] == 100
    assert found["ticks"][0][1] == "1 h"


def test_nothing_known_is_nothing_to_zoom_into() -> None:
    drawn = draw(chart([None, None]))
    assert drawn.figure == ""
    assert "chart__tools" not in render_to_string("parts/drawing.html", {"chart": drawn})


def test_a_year_is_small_and_safe_in_the_page() -> None:
    drawn = draw(chart([40_000 + 37 * day for day in range(365)], label='"><script>alert(1)</script>'))
    page = render_to_string("parts/drawing.html", {"chart": drawn})
    assert "<script" not in page
    with_figure, without = (len(gzip.compress(text.encode())) for text in (page, page.replace(drawn.figure, "")))
    assert with_figure - without < 1_500
    assert len(drawn.figure) < 4_000
