"""The same as the drawing, in sentences, for those who do not see it."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analyticbot.core.charts import words
from analyticbot.core.charts.frame import Layout, is_close
from analyticbot.core.charts.notes import notes_of
from analyticbot.core.charts.shapes import Chart, Comparison, Point, Series


def summarise(layout: Layout) -> str:
    """What the chart shows: span, first and last or mean, highest and lowest, what is unknown, and its notes."""
    chart = layout.chart
    span = _("%(title)s, %(first)s to %(last)s.") % {
        "title": chart.title,
        "first": words.day(chart.start, chart.language, chart.zone),
        "last": words.day(chart.end - timedelta(microseconds=1), chart.language, chart.zone),
    }
    if not layout.known:
        return " ".join([span, _("No data for this period") + ".", *_notes(chart)])
    sentences = [span]
    told: list[Series | Comparison] = list(layout.series)
    # An earlier period is told by its own days, not by those that it is laid upon.
    told += [chart.comparison] if chart.comparison else []
    for one in told:
        said = _of_points(layout, one.points)
        if len(told) > 1:
            said = f"{one.name}: " + (said or _("No data for this period") + ".")
        sentences.append(said)
    if chart.gaps:
        sentences.append(
            ngettext("%(count)s stretch was not observed.", "%(count)s stretches were not observed.", len(chart.gaps))
            % {"count": len(chart.gaps)}
        )
    return " ".join(sentence for sentence in [*sentences, *_notes(chart)] if sentence)


def _notes(chart: Chart) -> list[str]:
    notes = notes_of(chart)
    if not notes:
        return []
    count = ngettext("%(count)s note", "%(count)s notes", len(notes)) % {"count": len(notes)}
    told = "; ".join(f"{words.day(note.mark.at, chart.language, chart.zone)}: {note.mark.text}" for note in notes)
    return [f"{count}: {told}."]


def _of_points(layout: Layout, points: Sequence[Point]) -> str:
    known = [(point, value) for point in points if (value := point.known) is not None]
    if not known:
        return ""
    middle = _middle(layout, [value for _point, value in known])
    return " ".join(part for part in (middle, _extremes(layout.chart, points, known)) if part)


def _middle(layout: Layout, values: list[float]) -> str:
    chart = layout.chart
    if layout.as_bars:
        return _("Average %(mean)s.") % {"mean": _number(chart, sum(value / len(values) for value in values))}
    if len(values) == 1:
        return ""
    change = values[-1] - values[0]
    return _("From %(first)s to %(last)s (%(change)s).") % {
        "first": _number(chart, values[0]),
        "last": _number(chart, values[-1]),
        "change": words.signed_number(change, chart.language, digits=chart.digits),
    }


def _extremes(chart: Chart, points: Sequence[Point], known: list[tuple[Point, float]]) -> str:
    highest = max(known, key=lambda pair: pair[1])
    lowest = min(known, key=lambda pair: pair[1])
    if highest[1] == lowest[1]:
        return _("Always %(value)s.") % {"value": _number(chart, highest[1])}
    name_of = words.moment_words if is_close(points) else words.day
    return _("Highest %(high)s (%(high_day)s), lowest %(low)s (%(low_day)s).") % {
        "high": _number(chart, highest[1]),
        "high_day": name_of(highest[0].at, chart.language, chart.zone),
        "low": _number(chart, lowest[1]),
        "low_day": name_of(lowest[0].at, chart.language, chart.zone),
    }


def _number(chart: Chart, value: float) -> str:
    return words.full_number(value, chart.language, digits=chart.digits)
