"""Charts of answers as files: SVG by the one renderer of charts, and PNG of the same SVG."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Gap, Mark, Point, Shape
from analyticbot.core.charts.files import chart_document, chart_png
from analyticbot.core.errors import InvalidInput
from analytics.exports.models import ExportFormat
from analytics.exports.sheets import Sheet
from analytics.metrics import METRICS, Aggregation
from analytics.notes.told import marks_of
from analytics.questions.answering import Answer
from analytics.questions.asking import AskedOfChannel

_HEIGHT = 400
# More bars than this would be a hedge.
_MOST_BARS = 92


def write_picture(sheet: Sheet, path: Path, *, form: str, language: str) -> None:
    """Draw the series of an answer. Raises InvalidInput for what has none."""
    document = picture_of(sheet, language=language)
    if form == ExportFormat.PNG:
        path.write_bytes(chart_png(document))
    else:
        path.write_text(document, encoding="utf-8")


def picture_of(sheet: Sheet, *, language: str) -> str:
    """The series of an answer as an SVG document. Raises InvalidInput for what has none."""
    answer = sheet.answer
    name = series_name(answer, sheet.fields) if answer is not None else None
    if answer is None or name is None:
        raise InvalidInput(
            _("This answer is no series over time; PNG and SVG can be had of those only."), field="format"
        )
    asked, points, metric = sheet.asked, _points(answer, name), _metric(answer, name)
    chart = Chart(
        name="chart",
        title=_title(sheet, metric),
        shape=_shape(metric, points),
        points=points,
        start=asked.period.start,
        end=max(asked.period.end, points[-1].at) if points else asked.period.end,
        zone=asked.period.zone,
        language=language,
        gaps=tuple(Gap(start, end) for start, end in answer.gaps or ()),
        height=_HEIGHT,
        digits=0 if all(point.value is None or float(point.value).is_integer() for point in points) else 2,
        marks=_marks(sheet),
    )
    return chart_document(chart, subtitle=_subtitle(sheet), footer=_footer(sheet, answer, metric))


def _marks(sheet: Sheet) -> tuple[Mark, ...]:
    """What people of the workspace noted, and what was observed, as on the pages."""
    return marks_of(sheet.asked) if isinstance(sheet.asked, AskedOfChannel) else ()


def series_name(answer: Answer, fields: tuple[str, ...] | None) -> str | None:
    """The name in the answer's points of what is drawn: `y`, else the first number that was asked for or has a source.

    None for an answer that is not one series over time.
    """
    rows: Any = answer.data.get("points") if isinstance(answer.data, dict) else None
    if not isinstance(rows, list) or not all("t" in row and "channel" not in row for row in rows):
        return None
    if not rows or "y" in rows[0]:
        return "y"
    names = [name for name in (*(fields or ()), *answer.provenance) if name in rows[0] and name != "t"]
    return next((name for name in names if all(isinstance(row[name], (int, float, type(None))) for row in rows)), None)


def _points(answer: Answer, name: str) -> tuple[Point, ...]:
    rows = answer.data["points"]
    return tuple(Point(datetime.fromisoformat(row["t"]), row.get(name)) for row in rows if row["t"])


def _metric(answer: Answer, name: str) -> str | None:
    """The metric that the series is of."""
    return next((one for one in (name, *answer.provenance) if one in METRICS), None)


def _shape(metric: str | None, points: tuple[Point, ...]) -> Shape:
    if metric is not None and METRICS[metric].aggregation is Aggregation.LAST:
        return Shape.LINE
    return Shape.BARS if len(points) <= _MOST_BARS else Shape.AREA


def _title(sheet: Sheet, metric: str | None) -> str:
    what = str(METRICS[metric].label) if metric else sheet.title.rstrip(".")
    return f"{_channel(sheet)} — {what}" if _channel(sheet) else what


def _channel(sheet: Sheet) -> str:
    head = sheet.asked.channel if isinstance(sheet.asked, AskedOfChannel) else None
    return "" if head is None else head.title or (f"@{head.username}" if head.username else str(head.tg_id))


def _subtitle(sheet: Sheet) -> str:
    period = sheet.asked.period
    first, last = (formats.date_format(day, "DATE_FORMAT") for day in (period.first_day, period.last_day))
    return f"{first} – {last} · {period.zone}"


def _footer(sheet: Sheet, answer: Answer, metric: str | None) -> str:
    parts = []
    one = answer.provenance.get(metric or "") or next(iter(answer.provenance.values()), None)
    if one is not None and one.source:
        parts.append(_("Source: %(source)s") % {"source": one.source})
    if one is not None and one.observed_at:
        moment = one.observed_at.astimezone(sheet.asked.period.zone)
        parts.append(_("as of %(moment)s") % {"moment": formats.date_format(moment, "SHORT_DATETIME_FORMAT")})
    if one is not None and one.coverage is not None:
        parts.append(_("coverage %(percent)s %%") % {"percent": round(one.coverage * 100)})
    return " · ".join([*parts, "AnalyticBot"])
