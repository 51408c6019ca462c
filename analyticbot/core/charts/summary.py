"""The same as the drawing, in a sentence, for those who do not see it."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analyticbot.core.charts import words
from analyticbot.core.charts.shapes import Chart, Point, Shape


def summarise(chart: Chart) -> str:
    """What the chart shows: span, first and last or mean, highest and lowest, and what is unknown."""
    span = _("%(title)s, %(first)s to %(last)s.") % {
        "title": chart.title,
        "first": words.day(chart.start, chart.language, chart.zone),
        "last": words.day(chart.end - timedelta(microseconds=1), chart.language, chart.zone),
    }
    known = [(point, value) for point in chart.points if (value := point.known) is not None]
    if not known:
        return span + " " + _("No data for this period") + "."
    sentences = [span, _middle(chart, [value for _point, value in known]), _extremes(chart, known)]
    if chart.gaps:
        sentences.append(
            ngettext("%(count)s stretch was not observed.", "%(count)s stretches were not observed.", len(chart.gaps))
            % {"count": len(chart.gaps)}
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _middle(chart: Chart, values: list[float]) -> str:
    if chart.shape is Shape.BARS:
        return _("Average %(mean)s.") % {"mean": _number(chart, sum(value / len(values) for value in values))}
    if len(values) == 1:
        return ""
    change = values[-1] - values[0]
    return _("From %(first)s to %(last)s (%(change)s).") % {
        "first": _number(chart, values[0]),
        "last": _number(chart, values[-1]),
        "change": words.signed_number(change, chart.language, digits=chart.digits),
    }


def _extremes(chart: Chart, known: list[tuple[Point, float]]) -> str:
    highest = max(known, key=lambda pair: pair[1])
    lowest = min(known, key=lambda pair: pair[1])
    if highest[1] == lowest[1]:
        return _("Always %(value)s.") % {"value": _number(chart, highest[1])}
    return _("Highest %(high)s (%(high_day)s), lowest %(low)s (%(low_day)s).") % {
        "high": _number(chart, highest[1]),
        "high_day": bucket_label(chart, highest[0]),
        "low": _number(chart, lowest[1]),
        "low_day": bucket_label(chart, lowest[0]),
    }


def bucket_label(chart: Chart, point: Point) -> str:
    """The moment of a point: with the hour when points are closer than a day."""
    close = len(chart.points) > 1 and chart.points[1].at - chart.points[0].at < timedelta(hours=23)
    words_of = words.moment_words if close else words.day
    return words_of(point.at, chart.language, chart.zone)


def _number(chart: Chart, value: float) -> str:
    return words.full_number(value, chart.language, digits=chart.digits)
