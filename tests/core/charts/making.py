"""Charts of every kind for tests, and reading back what was drawn."""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from analyticbot.core.charts import Chart, Point, RenderedChart, Shape

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
WILD = st.one_of(st.none(), st.floats(), st.integers(-(10**15), 10**15))
_PLACES = {"x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"}


def points(values: Sequence[float | None], *, start: datetime = START) -> tuple[Point, ...]:
    return tuple(Point(start + DAY * i, value, start + DAY * (i + 1)) for i, value in enumerate(values))


def chart(*values: float | None, days: int | None = None, **fields: Any) -> Chart:
    """A chart of days; any field may be given."""
    given: dict[str, Any] = {
        "name": "c",
        "title": "Title",
        "shape": Shape.LINE,
        "points": points(values),
        "start": START,
        "end": START + DAY * (days or max(len(values), 1)),
        "zone": ZoneInfo("UTC"),
    }
    return Chart(**(given | fields))


def parsed(drawn: RenderedChart) -> ET.Element:
    return ET.fromstring(drawn.svg)


def fragment(markup: str) -> ET.Element:
    return ET.fromstring(f"<all>{markup}</all>")


def table_of(drawn: RenderedChart) -> list[list[str]]:
    """The table's texts, row by row."""
    return [["".join(cell.itertext()) for cell in row] for row in fragment(drawn.table)]


def head_of(drawn: RenderedChart) -> list[str]:
    return ["".join(cell.itertext()) for cell in fragment(drawn.head)[0]]


def numbers_of(root: ET.Element) -> Iterator[float]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in _PLACES:
                yield float(value.rstrip("%"))
            if name == "d":
                found = NUMBER.findall(value)
                # Nothing is left but commands and spaces.
                assert not NUMBER.sub("", value).translate(str.maketrans("", "", "MLHVZlhva ")), value
                yield from map(float, found)


def classed(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def check_markup(drawn: RenderedChart) -> ET.Element:
    """What holds for every chart, whatever it shows. Returns the drawing."""
    root = parsed(drawn)
    assert all(math.isfinite(number) for number in numbers_of(root))
    for text in (drawn.svg, drawn.table, drawn.legend, drawn.head, drawn.summary):
        assert "nan" not in text.lower()
    for markup in (drawn.svg, drawn.legend, drawn.table, drawn.head):
        whole = fragment(markup)
        # Neither inline styles nor scripts: the policy of our pages forbids both.
        assert not any("style" in element.attrib for element in whole.iter())
        assert not any(element.tag.endswith(("script", "style")) for element in whole.iter())
    ids = [element.get("id", "") for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert drawn.summary
    columns = len(head_of(drawn))
    assert all(len(row) == columns for row in table_of(drawn))
    return root
