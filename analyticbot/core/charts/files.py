"""A chart as a file of its own: an SVG document with title, subtitle and a line of sources, and the same as PNG.

The PNG is drawn by resvg with the font that lies beside this module and no other, so that it looks the same on every
machine, Cyrillic and Uzbek (ʻ U+02BB, ʼ U+02BC) included.
"""

import re
from pathlib import Path

import resvg_py
from django.utils.html import escape
from django.utils.translation import ngettext

from analyticbot.core.charts.kinds import Drawable, draw
from analyticbot.core.charts.markup import px, sample
from analyticbot.core.charts.shapes import Key, NoteLine

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
_LEGEND = 26
# Notes are told below the plot, one in a line; of many the last ones are counted.
_NOTE_LINE, _MOST_NOTES = 19, 10
# How wide a letter of the legend is at most, on the whole.
_LETTER = 7.5
# A sample of the legend with the air around it.
_SAMPLE = 44
_HEIGHT = re.compile(r' height="(\d+)"')
# Signs that XML 1.0 (§2.2) cannot hold, not even escaped; titles of channels may.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def chart_document(chart: Drawable, *, subtitle: str, footer: str) -> str:
    """The chart as a whole SVG document. Raises ValueError when its span is empty."""
    drawn = draw(chart)
    plot = int(_HEIGHT.search(drawn.svg).group(1))  # type: ignore[union-attr]  # every drawing says its height
    above = _ABOVE + (_LEGEND if drawn.keys else 0)
    told = _notes(drawn.notes, top=above + plot + 22)
    height = above + plot + _BELOW + len(told) * _NOTE_LINE
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" lang="{escape(chart.language)}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<g font-family="\'{_FAMILY}\', Arial, sans-serif" fill="{_SOFT}">'
        f'<text x="24" y="34" font-size="20" fill="{_INK}">{escape(_cut(chart.title))}</text>'
        f'<text x="24" y="56" font-size="13">{escape(_cut(subtitle))}</text>'
        f"{_legend(drawn.keys)}"
        f'<svg x="{_LEFT}" y="{above}" width="{_PLOT}" height="{plot}" overflow="visible">{drawn.svg}</svg>'
        f"{''.join(told)}"
        f'<text x="24" y="{height - 16}" font-size="12">{escape(_cut(footer))}</text>'
        "</g></svg>\n"
    )
    return _NOT_XML.sub("", document)


def _notes(notes: tuple[NoteLine, ...], *, top: int) -> list[str]:
    """The notes as lines of text."""
    lines = [f"{note.label}  {note.when}: {note.text}" for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        more = len(notes) - _MOST_NOTES
        lines.append(ngettext("and %(count)s note more", "and %(count)s notes more", more) % {"count": more})
    return [
        f'<text x="{_LEFT}" y="{top + index * _NOTE_LINE}" font-size="12">{escape(_cut(line))}</text>'
        for index, line in enumerate(lines)
    ]


def _legend(keys: tuple[Key, ...]) -> str:
    """The keys in a line, each as wide as its name may be in this font; names that do not fit are cut."""
    room = _WIDTH - 2 * _LEFT - len(keys) * _SAMPLE
    most = max(int(room / _LETTER / max(len(keys), 1)), 4)
    if sum(len(key.name) for key in keys) * _LETTER <= room:
        most = _LONGEST_LINE
    parts, x = [], float(_LEFT)
    for key in keys:
        name = key.name if len(key.name) <= most else key.name[: most - 1] + "…"
        parts.append(
            f'<g transform="translate({px(x)} {_ABOVE - 4})">{sample(key)}'
            f'<text x="32" y="11" font-size="12">{escape(name)}</text></g>'
        )
        x += _SAMPLE + len(name) * _LETTER
    return "".join(parts)


def chart_png(document: str, *, zoom: int = _ZOOM) -> bytes:
    """A chart's SVG document as PNG, `zoom` times as many pixels each way."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=document,
            skip_system_fonts=True,
            font_files=[str(FONT)],
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
            zoom=zoom,
        )
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1].rstrip() + "…"
