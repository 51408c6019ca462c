"""Posts that run ahead of what was to be expected, by both methods side by side."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics.questions.answering import Answer
from analytics.sections.choices import choices_of
from analytics.sections.explaining import told
from analytics.sections.visit import Visit
from analytics.sections.words import BASIS

OWN = ("window",)
_WINDOWS = {"24": gettext_lazy("24 hours"), "48": gettext_lazy("48 hours"), "168": gettext_lazy("7 days")}
_USUAL = "48"


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    windows = _windows(visit)
    window = visit.word("window", windows, _USUAL if _USUAL in windows else next(iter(windows)))
    asked = {"window_hours": window, "limit": "20"}
    median = visit.ask("trending", {"method": "zscore", **asked}, lately=True)
    moving = visit.ask("trending", {"method": "ewma", **asked}, lately=True)
    period, zone = median.more["period"], visit.picked.period.zone
    start, end = datetime.fromisoformat(period["from"]), datetime.fromisoformat(period["to"])
    return {
        "windows": choices_of(visit, "window", windows, window, default=_USUAL),
        "window": _WINDOWS[window],
        "rows": _rows(median, moving),
        "found": median.more,
        "span": words.span(start, end, get_language() or "en", zone),
        "told": told(median.provenance["score"], [(_("By the median"), _MEDIAN), (_("By the moving mean"), _MOVING)]),
    }


def _windows(visit: Visit) -> Mapping[str, Promise]:
    """The windows to choose from: none reaches back before a period that cannot be left."""
    period = visit.picked.period
    most = (period.end - period.start).total_seconds() / 3600 if visit.doors.locked else float("inf")
    # A day of 23 hours has a window as well.
    return {hours: label for number, (hours, label) in enumerate(_WINDOWS.items()) if not number or int(hours) <= most}


_MEDIAN = gettext_lazy(
    "Views are compared with the median of up to 100 earlier posts. The score counts how many usual deviations "
    "(of logarithms) the post stands above it; earlier hits do not hide a new one."
)
_MOVING = gettext_lazy(
    "The same against a moving mean in which about the last 19 posts count, so it follows a channel that grows or "
    "falls. A post is listed from a score of 1.5 on by either method."
)


def _rows(median: Answer, moving: Answer) -> list[Mapping[str, Any]]:
    """Posts that either method lists, in the order of the median's, then of the moving mean's."""
    by_median = {row["msg_id"]: row for row in median.data}
    by_moving = {row["msg_id"]: row for row in moving.data}
    return [
        {
            "post": by_median.get(key) or by_moving[key],
            "median": by_median.get(key),
            "moving": by_moving.get(key),
            "basis": BASIS.get((by_median.get(key) or by_moving[key])["basis"]),
        }
        for key in dict.fromkeys((*by_median, *by_moving))
    ]
