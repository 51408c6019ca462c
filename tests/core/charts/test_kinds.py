"""Heat maps, bands and effects: what is drawn, what the table says, and that they agree."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from analyticbot.core.charts import (
    Band,
    Cell,
    Drawable,
    Effect,
    Effects,
    Gap,
    HeatMap,
    Mark,
    Reached,
    Series,
    Shape,
    Usual,
    draw,
)
from analyticbot.core.charts.band import age_words
from analyticbot.core.charts.files import chart_document, chart_png
from analyticbot.core.charts.words import is_known
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

LANGUAGES = st.sampled_from(["en", "ru", "uz"])
HOUR = timedelta(hours=1)
AGES = st.timedeltas(timedelta(0), timedelta(days=400))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def week(*values: float | None, name: str = "h", language: str = "en") -> HeatMap:
    """Hours from Monday midnight on; those that are not given are unknown."""
    cells = [*map(Cell, values), *[Cell(None)] * (168 - len(values))]
    return HeatMap(name, "Hours", tuple(tuple(cells[day * 24 : day * 24 + 24]) for day in range(7)), language)


@settings(max_examples=30)
@given(st.lists(WILD, max_size=168), LANGUAGES)
def test_any_week_makes_a_well_formed_map(values: list[float | None], language: str) -> None:
    with translation.override(language):
        drawn = draw(week(*values, language=language))
    root = check_markup(drawn)
    known = sum(is_known(value) for value in values)
    shaded = sum(step.get("d", "").count("Z") for step in classed(root, "chart__step"))
    assert shaded == known
    assert drawn.has_data == (known > 0)
    assert sum(text != "—" for row in table_of(drawn) for text in row[1:]) == known


def test_map_has_five_shades_the_best_hours_darkest() -> None:
    drawn = draw(week(*range(100)))
    steps = {step.get("class", "")[-1]: step.get("d", "").count("Z") for step in classed(parsed(drawn), "chart__step")}
    assert steps == {"1": 20, "2": 20, "3": 20, "4": 20, "5": 20}
    assert [key.name for key in drawn.keys] == ["0 – 20", "20 – 40", "40 – 60", "60 – 80", "80 – 99", "too little data"]
    assert drawn.summary == (
        "Hours. Most: Friday 03:00, 99. Least: Monday 00:00, 0. Too little data for 68 of 168 hours of the week."
    )


def test_map_of_one_value_is_of_one_shade() -> None:
    drawn = draw(week(*[7] * 168))
    assert [step.get("class") for step in classed(parsed(drawn), "chart__step")] == ["chart__step chart__step--5"]
    assert [key.name for key in drawn.keys] == ["7"]


def test_map_without_data_says_so_and_counts_stand_in_brackets() -> None:
    assert "No data" in draw(week()).svg
    cells = (tuple(Cell(5, 3) for _hour in range(24)),) * 7
    drawn = draw(HeatMap("h", "Hours", cells))
    assert table_of(drawn)[0][:2] == ["Monday", "5 (3)"]
    assert "In brackets" in drawn.summary


def test_map_that_is_no_week_is_refused() -> None:
    with pytest.raises(ValueError, match="seven days"):
        draw(HeatMap("h", "Hours", ((Cell(1),),)))


def test_days_of_the_map_are_in_the_language() -> None:
    with translation.override("ru"):
        assert [row[0] for row in table_of(draw(week(1, language="ru")))][:2] == ["Понедельник", "Вторник"]
    with translation.override("uz"):
        assert [row[0] for row in table_of(draw(week(1, language="uz")))][:2] == ["Dushanba", "Seshanba"]


@settings(max_examples=60)
@given(
    st.lists(st.builds(Usual, AGES, WILD, WILD, WILD), max_size=12),
    st.lists(st.builds(Reached, AGES, WILD), max_size=12),
    LANGUAGES,
)
def test_any_band_is_well_formed(usual: list[Usual], curve: list[Reached], language: str) -> None:
    with translation.override(language):
        drawn = draw(Band("b", "Band", tuple(usual), tuple(curve), language=language))
    check_markup(drawn)
    assert len(table_of(drawn)) == len({one.age for one in usual} | {one.age for one in curve})


def usual(*hours: int) -> tuple[Usual, ...]:
    return tuple(Usual(HOUR * age, 10 * age, 20 * age, 40 * age) for age in hours)


def test_band_tells_the_post_and_the_usual_at_the_same_age() -> None:
    drawn = draw(Band("b", "Views", usual(1, 6, 24, 48), (Reached(HOUR, 30), Reached(HOUR * 30, 900))))
    assert drawn.summary == "Views. This post: 900 at 30 h. Usual at 24 h: 480, in eight of ten posts 240 to 960."
    assert head_of(drawn) == ["Age", "This post", "Low (10%)", "Usual (median)", "High (90%)"]
    assert table_of(drawn)[0] == ["1 h", "30", "10", "20", "40"]
    assert table_of(drawn)[3] == ["30 h", "900", "—", "—", "—"]


def test_band_has_the_ticks_of_ages_further_apart_at_the_start() -> None:
    root = parsed(draw(Band("b", "Views", usual(1, 24, 720))))
    labels = [(text.text, float(text.get("x", "").rstrip("%"))) for text in classed(root, "chart__label")]
    ages = [(text, x) for text, x in labels if text and text[-1] in "hd"]
    assert [text for text, _x in ages] == ["1 h", "6 h", "24 h", "48 h", "7 d", "30 d"]
    places = [x for _text, x in ages]
    assert places == sorted(places)
    assert places[0] > 10
    assert all(right - left > 5 for left, right in pairwise(places))


def test_band_is_broken_where_nobody_knows() -> None:
    broken = (*usual(1, 2), Usual(HOUR * 3, None, None, None), *usual(4, 5))
    (band,) = classed(parsed(draw(Band("b", "Views", broken))), "chart__band")
    assert band.get("d", "").count("Z") == 2


@pytest.mark.parametrize(
    ("age", "expected"),
    [(HOUR, "1 h"), (HOUR * 48, "48 h"), (DAY * 7, "7 d"), (HOUR / 4, "15 min"), (HOUR * 1.5, "1 h 30 min")],
)
def test_ages_are_told_in_whole_units(age: timedelta, expected: str) -> None:
    assert age_words(age, "en") == expected


# Any text but the one that no drawing may hold: it would be a number gone wrong.
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"])).filter(lambda text: "nan" not in text.lower())


@settings(max_examples=60)
@given(
    st.lists(st.builds(Effect, NAMES, WILD, WILD, WILD), max_size=8),
    LANGUAGES,
)
def test_any_effects_are_well_formed(effects: list[Effect], language: str) -> None:
    with translation.override(language):
        drawn = draw(Effects("e", "Effects", tuple(effects), language=language))
    check_markup(drawn)
    assert len(table_of(drawn)) == len(effects)
    places = [cell.get("data-y") for row in fragment(drawn.table) for cell in row if cell.get("data-y")]
    assert len(places) == len(set(places)) == sum(is_known(one.estimate) for one in effects)


def test_effect_is_full_only_when_told_from_noise() -> None:
    effects = (Effect("a", 10, 2, 18, 40), Effect("b", 10, -2, 22), Effect("c", 5), Effect("d", None))
    drawn = draw(Effects("e", "Effects", effects))
    root = parsed(drawn)
    assert len(classed(root, "chart__sure")) == 1
    assert len(classed(root, "chart__unsure")) == 2
    assert len(classed(root, "chart__whisker")) == 2
    assert table_of(drawn) == [
        ["a", "+10%", "+2% … +18%", "40"],
        ["b", "+10%", "−2% … +22%", "—"],
        ["c", "+5%", "—", "—"],
        ["d", "—", "—", "—"],
    ]
    assert drawn.summary == "Effects. a: +10% (+2% to +18%)."


def test_bar_begins_at_the_zero_line() -> None:
    root = parsed(draw(Effects("e", "Effects", (Effect("a", -25, -50, -1), Effect("b", 25, 1, 50)))))
    left, right = classed(root, "chart__sure")
    assert (left.get("x"), left.get("width")) == ("25%", "25%")
    assert (right.get("x"), right.get("width")) == ("50%", "25%")


def every_kind(prefix: str) -> list[Drawable]:
    series = (Series("one", points([1, 2])), Series("two", points([3, 4])))
    marks, gaps = (Mark(START, "note"),), (Gap(START, START + DAY),)
    shapes: list[Drawable] = [
        chart(name=f"{prefix}{shape}", shape=shape, days=2, series=series, marks=marks, gaps=gaps) for shape in Shape
    ]
    return [
        *shapes,
        week(1, 2, name=f"{prefix}heat"),
        Band(f"{prefix}band", "Band", usual(1, 24), (Reached(HOUR, 5),)),
        Effects(f"{prefix}effects", "Effects", (Effect("a", 10, 2, 18), Effect("b", 1))),
    ]


def test_ids_of_charts_on_one_page_do_not_clash() -> None:
    page = "".join(draw(one).svg for prefix in ("x", "y") for one in every_kind(prefix))
    ids = [element.get("id") for element in fragment(page).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert ids


def test_every_kind_is_a_document_and_a_picture_with_its_legend() -> None:
    for one in every_kind("f"):
        document = chart_document(one, subtitle="sub", footer="foot")
        root = fragment(document.split("\n", 1)[1])
        texts = {"".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")}
        assert {"sub", "foot", one.title, *(key.name for key in draw(one).keys)} <= texts
    assert chart_png(document)[:8] == b"\x89PNG\r\n\x1a\n"
