"""A curve the size of a word, without axes."""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import mark_safe

from analyticbot.core.charts.markup import INKS, path_of, stroke_of
from analyticbot.core.charts.words import is_known

_WIDTH, _HEIGHT, _PAD = 100, 28, 3


def sparkline(values: Sequence[float | int | None], *, label: str) -> str:
    """Evenly spaced values as a small SVG; unknown ones break the line. `label` is read out instead of it."""
    runs = _runs(values)
    curves = "".join(path_of(run) for run in runs if len(run) > 1)
    # A value without neighbours shows as a dot.
    dots = "".join(f"{path_of(run)}h.1" for run in runs if len(run) == 1)
    parts = [
        f'<path class="chart__line" d="{drawn}" {stroke_of(INKS[1], "", width)}/>'
        for drawn, width in ((curves, 1.5), (dots, 4))
        if drawn
    ]
    return mark_safe(  # noqa: S308 - numbers of ours and escaped text
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _runs(values: Sequence[float | int | None]) -> list[list[tuple[float, float]]]:
    """Stretches of known values as places in the drawing."""
    known = [float(value) for value in values if is_known(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    step = (_WIDTH - 2 * _PAD) / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if not is_known(value):
            runs.append([])
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        # A lone value of a list of one stands in the middle.
        x = _PAD + index * step if len(values) > 1 else _WIDTH / 2
        runs[-1].append((x, _HEIGHT - _PAD - share * (_HEIGHT - 2 * _PAD)))
    return [run for run in runs if run]
