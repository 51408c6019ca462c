"""Pieces of markup that every kind of chart is made of.

Horizontal places are percentages of the width, vertical ones pixels. Curves are drawn in a nested
`<svg preserveAspectRatio="none">` of 1000 units with strokes that do not scale. Colours are CSS custom properties
(through classes) with presentation attributes behind them for a reader without our style sheet.
"""

import html
from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts.shapes import MOST_SERIES, Key

WIDTH = 1000
INKS = {1: "#2350c9", 2: "#b4540a", 3: "#0b7a6b", 4: "#8445b8", 5: "#1b1d22"}
# Beside its colour each series has a dash and a mark of its own.
DASHES = {1: "", 2: "7 4", 3: "2 4", 4: "10 3 2 3", 5: "4 2"}
COMPARED_DASH = "3 3"
# Of what stands behind: the earlier period, the usual, the marks of notes.
SOFT = "#575b66"
MARKS = {
    1: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0Z",
    2: "M-3.5-3.5h7v7h-7Z",
    3: "M0-4.5L4.5 3.5h-9Z",
    4: "M0-5L5 0L0 5L-5 0Z",
    5: "M-4.5-3.5h9L0 4.5Z",
}
# Five shades of one hue upon white; the style sheet mixes its own.
SHADES = {1: "#dde4f6", 2: "#b0c0eb", 3: "#7e97df", 4: "#4d6fd2", 5: "#1d3f9f"}
_GUTTERS = (4, 6, 9)


def px(number: float) -> str:
    """A number as short as a drawing needs it."""
    return f"{round(number, 1):g}"


def ink_of(index: int) -> int:
    """A place of the palette for any number, going round."""
    return (index - 1) % MOST_SERIES + 1


def path_of(points: Sequence[tuple[float, float]]) -> str:
    """A line through points in units, relative after the first: half as long, and no error adds up."""
    (x, y), *others = ((round(x * 10), round(y * 10)) for x, y in points)
    parts = [f"M{x / 10:g} {y / 10:g}"]
    for index, (next_x, next_y) in enumerate(others):
        right, down = _short(next_x - x), _short(next_y - y)
        lead = "l" if index == 0 else "" if right.startswith("-") else " "
        parts.append(lead + right + ("" if down.startswith("-") else " ") + down)
        x, y = next_x, next_y
    return "".join(parts)


def _short(tenths: int) -> str:
    """Without the zero before the point."""
    text = f"{tenths / 10:g}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def document(name: str, title: str, *, summary: str, height: int, body: str, ink: int = 1) -> str:
    """The outer `<svg>` with its title and description. `body` is trusted markup, the rest is escaped."""
    ident = escape(name)
    return mark_safe(  # noqa: S308 - every text in it went through escape()
        f'<svg class="chart__svg chart__svg--{ink}" xmlns="http://www.w3.org/2000/svg" '
        f'width="100%" height="{height}" overflow="visible" role="img" '
        f'aria-labelledby="{ident}-title {ident}-desc">'
        f'<title id="{ident}-title">{escape(title)}</title><desc id="{ident}-desc">{escape(summary)}</desc>'
        f"{body}</svg>"
    )


def plane(top: float, height: float, body: str) -> str:
    """A part of the drawing whose width is 1000 units, whatever it is in pixels."""
    return (
        f'<svg x="0" y="{px(top)}" width="100%" height="{px(height)}" viewBox="0 0 {WIDTH} {px(height)}" '
        f'preserveAspectRatio="none" overflow="visible">{body}</svg>'
    )


def label(x: str, y: float, text: str, *, anchor: str = "middle", kind: str = "chart__label", more: str = "") -> str:
    """A text of the axes; `x` with its unit."""
    return f'<text class="{kind}" x="{x}" y="{px(y)}"{more} text-anchor="{anchor}" font-size="12">{escape(text)}</text>'


def axis_label(x: float, y: float, text: str, *, minor: bool) -> str:
    """A label below a place of the horizontal axis, in percent: one that would hang over an edge is turned inwards."""
    anchor = "start" if x < 4 else "end" if x > 96 else "middle"  # noqa: PLR2004 - about half a label
    kind = "chart__label chart__label--minor" if minor else "chart__label"
    return label(f"{px(x)}%", y, text, anchor=anchor, kind=kind)


def nothing(height: int) -> str:
    """Says in the middle that there is no data."""
    # Not within an f-string: the collector of messages does not look there.
    words_of = _("No data for this period")
    return (
        f'<text class="chart__empty" x="50%" y="{height // 2}" text-anchor="middle" font-size="14">'
        f"{escape(words_of)}</text>"
    )


def hatch(name: str) -> str:
    """The pattern of what was not observed; fill with `url(#<name>-hatch)`."""
    return (
        f'<defs><pattern id="{escape(name)}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line class="chart__hatch" x1="0" y1="0" x2="0" y2="7" stroke="#888" '
        'stroke-width="3" stroke-opacity=".45"/></pattern></defs>'
    )


def gutter_of(labels: Iterable[str]) -> int:
    """How much room labels need at the left: 1 (narrow) to 4."""
    longest = max((len(text) for text in labels), default=0)
    return 1 + sum(longest > limit for limit in _GUTTERS)


def legend_of(keys: Sequence[Key]) -> str:
    """The legend as a list; nothing for less than one key."""
    if not keys:
        return ""
    items = "".join(
        f'<li class="chart__key"><svg class="chart__sample chart__svg--{key.ink}" width="26" height="14" '
        f'viewBox="0 0 26 14" aria-hidden="true" focusable="false">{sample(key)}</svg>{escape(key.name)}</li>'
        for key in keys
    )
    return mark_safe(f'<ul class="chart__keys">{items}</ul>')  # noqa: S308 - names are escaped


def sample(key: Key) -> str:
    """A key's look within 26 × 14 pixels."""
    ink = SOFT if key.look in {"compared", "band"} else INKS[ink_of(key.ink)]
    rect = '<rect x="6" y="1" width="14" height="12" rx="2"'
    if key.look == "bar":
        return f'{rect} class="chart__bars" fill="{ink}"/>'
    if key.look == "step":
        return f'{rect} class="chart__step chart__step--{key.ink}" fill="{SHADES[key.ink]}"/>'
    if key.look == "band":
        return f'{rect} class="chart__band" fill="{ink}" fill-opacity=".18"/>'
    if key.look == "hatch":
        lines = "M7 11L15 2M12 12.5L19.5 4.5"
        return (
            f'{rect} class="chart__void" fill="none" stroke="#888"/>'
            f'<path class="chart__hatch" d="{lines}" stroke="#888" stroke-width="2"/>'
        )
    if key.look in {"sure", "unsure"}:
        return f'{rect} class="chart__{key.look}" {sure_look(ink, sure=key.look == "sure")}/>'
    return _line_sample(key, ink)


def _line_sample(key: Key, ink: str) -> str:
    if key.look == "compared":
        return f'<path class="chart__compared" d="M1 7H25" {stroke_of("#575b66", COMPARED_DASH, 1.5)}/>'
    line = f'<path class="chart__line" d="M1 7H25" {stroke_of(ink, DASHES[ink_of(key.ink)], 2)}/>'
    return line + f'<path class="chart__dot" transform="translate(13 7)" d="{MARKS[ink_of(key.ink)]}" fill="{ink}"/>'


def sure_look(ink: str, *, sure: bool) -> str:
    """A full bar is told from noise, a hollow one is not."""
    return f'fill="{ink}" fill-opacity=".5"' if sure else f'fill="none" stroke="{ink}" stroke-width="1.5"'


def stroke_of(ink: str, dash: str, width: float) -> str:
    """Attributes of a line that keeps its width however it is stretched."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'fill="none" stroke="{ink}" stroke-width="{width:g}"{dashed} stroke-linejoin="round" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke"'
    )


def heading(columns: Sequence[str]) -> str:
    """The heading row of a table: the first column names its rows, the others hold numbers."""
    first, *others = columns
    cells = "".join(f'<th scope="col" class="number">{escape(name)}</th>' for name in others)
    return mark_safe(f'<tr><th scope="col">{escape(first)}</th>{cells}</tr>')  # noqa: S308 - escaped


def value_cell(text: str, *, known: bool, place: str = "") -> str:
    """A number's cell; `place` are trusted attributes that say where it is drawn."""
    # A template for each would take half the page's time, and so would an escape() that takes lazy texts.
    if known:
        return f'<td class="number"{place}>{html.escape(text)}</td>'
    unknown = escape(_("Unknown"))
    return f'<td class="number"{place}><span class="unknown" title="{unknown}">{escape(text)}</span></td>'
