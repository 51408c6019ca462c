"""A chart as a file of its own: an SVG document with title, subtitle and a line of sources, and the same as PNG.

The PNG is drawn by resvg with the font that lies beside this module and no other, so that it looks the same on every
machine, Cyrillic and Uzbek (ʻ U+02BB, ʼ U+02BC) included.
"""

from pathlib import Path

import resvg_py
from django.utils.html import escape

from analyticbot.core.charts.drawing import draw
from analyticbot.core.charts.shapes import Chart

FONT = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
_FAMILY = "DejaVu Sans"
_INK, _SOFT = "#1b1f27", "#5b6270"
# The plot is as wide as the curve's own units, so that strokes keep their width without scaling.
_PLOT = 1000
_LEFT, _RIGHT, _ABOVE, _BELOW = 84, 36, 76, 44
_WIDTH = _LEFT + _PLOT + _RIGHT
# Pixels of the PNG for each of the SVG: sharp on today's screens and in print.
_ZOOM = 2
_LONGEST_LINE = 150


def chart_document(chart: Chart, *, subtitle: str, footer: str) -> str:
    """The chart as a whole SVG document. Raises ValueError when its span is empty."""
    drawn = draw(chart)
    height = _ABOVE + chart.height + _BELOW
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" lang="{escape(chart.language)}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<g font-family="\'{_FAMILY}\', Arial, sans-serif" fill="{_SOFT}">'
        f'<text x="24" y="34" font-size="20" fill="{_INK}">{escape(_cut(chart.title))}</text>'
        f'<text x="24" y="56" font-size="13">{escape(_cut(subtitle))}</text>'
        f'<svg x="{_LEFT}" y="{_ABOVE}" width="{_PLOT}" height="{chart.height}" overflow="visible">{drawn.svg}</svg>'
        f'<text x="24" y="{height - 16}" font-size="12">{escape(_cut(footer))}</text>'
        "</g></svg>\n"
    )


def chart_png(document: str) -> bytes:
    """A chart's SVG document as PNG, twice as many pixels each way."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=document,
            skip_system_fonts=True,
            font_files=[str(FONT)],
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
            zoom=_ZOOM,
        )
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1].rstrip() + "…"
