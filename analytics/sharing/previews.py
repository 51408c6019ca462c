"""The preview of a link as an SVG of 1200 × 630, the size that Open Graph readers expect; drawn by resvg."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from reportlab.pdfbase.ttfonts import TTFont

from analyticbot.core.charts.files import FONT
from analyticbot.core.charts.markup import px

WIDTH, HEIGHT = 1200, 630
_LEFT, _RIGHT = 72, WIDTH - 72
_ROOM = _RIGHT - _LEFT
# Where the curve runs.
_TOP, _BOTTOM = 462, 600
_FAMILY = "DejaVu Sans"
_SMALLEST = 36
_LOCK = "M-34 -6h68v56h-68zM-20 -6v-16a20 20 0 0 1 40 0v16"


@dataclass(frozen=True, slots=True)
class Story:
    """What the preview tells. `figures`: labels and values; `curve`: evenly spaced values, None where unknown."""

    title: str
    line: str
    language: str
    figures: tuple[tuple[str, str], ...] = ()
    curve: tuple[float | int | None, ...] = ()
    more: str = ""


def preview_document(story: Story) -> str:
    """The SVG document."""
    size = _fitting(story.title, start=62)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'lang="{story.language}" font-family="{_FAMILY}">',
        _GROUND,
        _BRAND,
        f'<text x="{_LEFT}" y="196" font-size="{size}" fill="#ffffff" stroke="#ffffff" stroke-width="{px(size / 48)}">'
        f"{escape(_cut(story.title, size))}</text>",
        f'<text x="{_LEFT}" y="250" font-size="28" fill="#b9c8f5">{escape(_cut(story.line, 28))}</text>',
        *_figures(story.figures),
    ]
    if story.more:
        parts.append(f'<text x="{_LEFT}" y="330" font-size="32" fill="#ffffff">{escape(_cut(story.more, 32))}</text>')
    parts.append(_curve(story.curve) if story.curve else _WAVE)
    return "".join([*parts, "</svg>"])


_GROUND = (
    '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#12214f"/>'
    '<stop offset="1" stop-color="#0b1430"/></linearGradient>'
    '<linearGradient id="a" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5f8bff" stop-opacity=".5"/>'
    '<stop offset="1" stop-color="#5f8bff" stop-opacity="0"/></linearGradient></defs>'
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#g)"/>'
)
_BRAND = (
    f'<g transform="translate({_LEFT} 64)"><rect width="48" height="48" rx="13" fill="#5f8bff"/>'
    '<g transform="scale(1.5)"><path d="M6.5 22.5 12 16l4.5 3.5 7-9" fill="none" stroke="#fff" stroke-width="2.6" '
    'stroke-linecap="round" stroke-linejoin="round"/><path d="m25.9 6.9-1 6.9-5.4-4.2z" fill="#fff" stroke="#fff" '
    'stroke-width="1.2" stroke-linejoin="round"/></g>'
    '<text x="64" y="34" font-size="28" fill="#ffffff">AnalyticBot</text></g>'
)
_WAVE = (
    '<path d="M0 560C150 540 220 470 360 490s210 90 340 60 190-130 320-120 130 30 180 10V630H0Z" fill="url(#a)"/>'
    '<path d="M0 560C150 540 220 470 360 490s210 90 340 60 190-130 320-120 130 30 180 10" fill="none" '
    'stroke="#8fb0ff" stroke-width="5" stroke-linecap="round"/>'
)


def _figures(figures: Sequence[tuple[str, str]]) -> list[str]:
    if not figures:
        return []
    column = _ROOM / len(figures)
    parts = []
    for number, (label, value) in enumerate(figures):
        x = px(_LEFT + number * column)
        size = _fitting(value, start=64, room=column - 24)
        parts.append(
            f'<text x="{x}" y="374" font-size="{size}" fill="#ffffff" stroke="#ffffff" '
            f'stroke-width="{px(size / 48)}">{escape(value)}</text>'
            f'<text x="{x}" y="416" font-size="24" fill="#b9c8f5">{escape(_cut(label, 24, room=column - 24))}</text>'
        )
    return parts


def _curve(values: Sequence[float | int | None]) -> str:
    """A line over a fading ground, from edge to edge; stretches without values are left out."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    step = WIDTH / max(len(values) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return index * step, _BOTTOM - share * (_BOTTOM - _TOP)

    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(index, value))
    parts = []
    for run in runs:
        if len(run) > 1:
            line = "L".join(f"{px(x)} {px(y)}" for x, y in run)
            parts.append(f'<path d="M{line}L{px(run[-1][0])} {HEIGHT}L{px(run[0][0])} {HEIGHT}Z" fill="url(#a)"/>')
            parts.append(
                f'<path d="M{line}" fill="none" stroke="#8fb0ff" stroke-width="5" stroke-linejoin="round" '
                'stroke-linecap="round"/>'
            )
    return "".join(parts)


def _fitting(text: str, *, start: int, room: float = _ROOM) -> int:
    """The largest size at which the text fits, not below a readable one."""
    size = start
    while size > _SMALLEST and text_width(text, size) > room:
        size -= 2
    return size


def _cut(text: str, size: int, *, room: float = _ROOM) -> str:
    if text_width(text, size) <= room:
        return text
    while text and text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def text_width(text: str, size: int) -> float:
    """Pixels of a text in the bundled font."""
    return float(_font().stringWidth(text, size))


@lru_cache(maxsize=1)
def _font() -> TTFont:
    return TTFont("previews", str(FONT))
