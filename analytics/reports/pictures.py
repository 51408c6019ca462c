"""Charts of reports as pictures: the one renderer's drawing in a frame as narrow as paper or a mail."""

import re

from django.utils.html import escape

from analyticbot.core.charts import Drawable, draw
from analyticbot.core.charts.files import chart_png
from analyticbot.core.charts.markup import px, sample
from analyticbot.core.charts.shapes import Key, RenderedChart

# Units of a drawing: letters of 12 of them stand beside text of 9 points when 720 are as wide as the text of a page.
WIDTH = 720
_LEFT, _RIGHT, _ABOVE, _BELOW = 64, 16, 10, 10
_PLOT = WIDTH - _LEFT - _RIGHT
_LEGEND = 26
_LETTER, _SAMPLE = 7.2, 44
_SOFT = "#5b6270"
_HEIGHT = re.compile(r' height="(\d+)"')
# Signs that XML 1.0 (§2.2) cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture_of(chart: Drawable, *, scale: float = 1.1) -> tuple[bytes, int, int]:
    """The chart without its title as PNG, and its width and height in units; `scale` times two pixels for each.

    Raises ValueError when the chart's span is empty.
    """
    drawn = draw(chart)
    document, height = _document(drawn, language=chart.language, scale=scale)
    return chart_png(document), WIDTH, height


def _document(drawn: RenderedChart, *, language: str, scale: float) -> tuple[str, int]:
    plot = int(_HEIGHT.search(drawn.svg).group(1))  # type: ignore[union-attr]  # every drawing says its height
    legend, lines = _legend(drawn.keys)
    above = _ABOVE + lines * _LEGEND
    height = above + plot + _BELOW
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{px(WIDTH * scale)}" height="{px(height * scale)}" '
        f'viewBox="0 0 {WIDTH} {height}" lang="{escape(language)}">'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<g font-family="\'DejaVu Sans\', Arial, sans-serif" fill="{_SOFT}">{legend}'
        f'<svg x="{_LEFT}" y="{above}" width="{_PLOT}" height="{plot}" overflow="visible">{drawn.svg}</svg>'
        "</g></svg>"
    )
    return _NOT_XML.sub("", document), height


def _legend(keys: tuple[Key, ...]) -> tuple[str, int]:
    """The keys in as many lines as they need; a name longer than a line is cut."""
    most = int((_PLOT - _SAMPLE) / _LETTER)
    parts, x, line = [], float(_LEFT), 0
    for key in keys:
        name = key.name if len(key.name) <= most else key.name[: most - 1] + "…"
        wide = _SAMPLE + len(name) * _LETTER
        if x > _LEFT and x + wide > _LEFT + _PLOT:
            x, line = float(_LEFT), line + 1
        parts.append(
            f'<g transform="translate({px(x)} {4 + line * _LEGEND})">{sample(key)}'
            f'<text x="32" y="11" font-size="12">{escape(name)}</text></g>'
        )
        x += wide
    return "".join(parts), line + 1 if keys else 0
