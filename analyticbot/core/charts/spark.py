"""A curve the size of a word, without axes."""

import math
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import mark_safe

_WIDTH, _HEIGHT, _PAD = 100, 28, 3


def sparkline(values: Sequence[float | int | None], *, label: str) -> str:
    """Evenly spaced values as a small SVG; unknown ones break the line. `label` is read out instead of it."""
    known = [float(value) for value in values if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    half = (high / 2 - low / 2) or 0.5
    step = _WIDTH / max(len(values) - 1, 1)
    path, pen_down = [], False
    for index, value in enumerate(values):
        if value is None or not math.isfinite(value):
            pen_down = False
            continue
        share = min(max((float(value) / 2 - low / 2) / half, 0.0), 1.0) if high > low else 0.5
        y = _HEIGHT - _PAD - share * (_HEIGHT - 2 * _PAD)
        path.append(f"{'L' if pen_down else 'M'}{round(index * step, 1):g} {round(y, 1):g}")
        if not pen_down:
            path.append("h.1")  # a lone value shows as a dot
        pen_down = True
    return mark_safe(  # noqa: S308 - numbers of ours and escaped text
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}"><path class="chart__line" d="{"".join(path)}" fill="none" stroke="#2457d6" '
        'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
