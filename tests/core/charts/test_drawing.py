"""Charts as markup: well formed, complete, honest about what is unknown."""

from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from analyticbot.core.charts import Gap, Shape, draw, sparkline
from analyticbot.core.charts.words import is_known
from tests.core.charts.making import DAY, START, SVG, WILD, chart, check_markup, parsed


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever an earlier test of this process left behind."""
    with translation.override("en"):
        yield


def path(root: ET.Element, name: str) -> str:
    found = [element.get("d", "") for element in root.iter(f"{SVG}path") if element.get("class") == name]
    assert found, name
    return found[0]


@settings(max_examples=40)
@given(st.lists(WILD, max_size=40), st.sampled_from(Shape), st.sampled_from(["en", "ru", "uz"]))
def test_any_values_make_well_formed_markup_without_nan(
    values: list[float | None], shape: Shape, language: str
) -> None:
    with translation.override(language):
        drawn = draw(chart(*values, shape=shape, language=language, gaps=(Gap(START, START + DAY),)))
    check_markup(drawn)
    assert len(drawn.rows) == len(values)
    assert drawn.has_data == any(is_known(value) for value in values)
    assert drawn.summary


def test_unknown_value_breaks_the_line_and_is_no_zero() -> None:
    drawn = draw(chart(10, 12, None, 14, 16))
    assert path(parsed(drawn), "chart__line").count("M") == 2
    assert [row.text for row in drawn.rows] == ["10", "12", "—", "14", "16"]
    assert [row.known for row in drawn.rows] == [True, True, False, True, True]


def test_gap_is_hatched_where_it_was_and_breaks_the_line() -> None:
    gap = Gap(START + DAY * 2, START + DAY * 4)
    root = parsed(draw(chart(10, 11, 12, 13, 14, 15, 16, 17, 18, 19, gaps=(gap,))))
    (rect,) = (element for element in root.iter(f"{SVG}rect") if element.get("class") == "chart__gap")
    assert (rect.get("x"), rect.get("width")) == ("20%", "20%")
    assert rect.get("fill") == "url(#c-hatch)"


def test_short_gap_stays_visible_and_gap_outside_is_left_out() -> None:
    short = Gap(START + DAY, START + DAY + timedelta(minutes=1))
    outside = Gap(START - DAY * 2, START - DAY)
    root = parsed(draw(chart(*range(300), gaps=(short, outside))))
    widths = [element.get("width") for element in root.iter(f"{SVG}rect") if element.get("class") == "chart__gap"]
    assert widths == ["0.4%"]


def test_lone_value_is_a_dot() -> None:
    root = parsed(draw(chart(None, 5, None)))
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_bars_stand_on_zero_and_skip_what_is_unknown() -> None:
    drawn = draw(chart(10, None, -5, 0.001, shape=Shape.BARS))
    bars = path(parsed(drawn), "chart__bars")
    assert bars.count("Z") == 3
    assert drawn.rows[1].y is None


def test_no_value_at_all_says_so() -> None:
    drawn = draw(chart(None, None))
    assert "No data for this period" in drawn.svg
    assert drawn.summary.endswith("No data for this period.")


def test_markup_is_escaped_everywhere() -> None:
    drawn = draw(chart(1, 2, name='x"><script>', title="<b>&", gaps=(Gap(START, START + DAY),)))
    assert "<script" not in drawn.svg
    assert "<b>" not in drawn.svg
    assert "<script" not in sparkline([1, 2], label='"><script>')
    parsed(drawn)


def test_summary_tells_span_change_and_extremes() -> None:
    drawn = draw(chart(100, 250, 90, 120, gaps=(Gap(START, START + DAY),)))
    assert drawn.summary == (
        "Title, Mar 1, 2026 to Mar 4, 2026. From 100 to 120 (+20). "
        "Highest 250 (Mar 2, 2026), lowest 90 (Mar 3, 2026). 1 stretch was not observed."
    )


def test_empty_span_is_refused() -> None:
    with pytest.raises(ValueError, match="span"):
        draw(chart(1, start=START + DAY * 9))


@given(st.lists(WILD, max_size=30))
def test_sparkline_of_anything_is_well_formed(values: list[float | None]) -> None:
    root = ET.fromstring(sparkline(values, label="x"))
    assert root.tag in {"svg", f"{SVG}svg"}
    assert "nan" not in ET.tostring(root, encoding="unicode")
