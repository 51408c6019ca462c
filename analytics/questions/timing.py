"""When: the best hours to post, and the calendar."""

from typing import Any

from analytics.queries.besttime import LEAST_POSTS, SHRINKAGE, Cell, Line, best_time
from analytics.queries.calendar import Calendar, calendar
from analytics.queries.relative import MAX_POSTS, Measure, RelativePosts
from analytics.queries.rounding import rounded
from analytics.questions.answering import Answer, iso, period_json
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.spans import period_span
from analytics.schemas.timing import BEST_TIME, CALENDAR


def _best_time(asked: AskedOfChannel) -> Answer:
    answer = best_time(asked.query, period_span(asked))
    data = {
        "points": [_cell(cell) for cell in answer.cells],
        "best": [_cell(cell) for cell in answer.best],
        "weekdays": [_line("weekday", line) for line in answer.weekdays],
        "hours": [_line("hour", line) for line in answer.hours],
    }
    more = relative_meta(answer.found) | {"least_posts": LEAST_POSTS, "shrinkage": SHRINKAGE}
    return Answer(data, {"effect": answer.found.provenance}, more=more)


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "weekday": cell.weekday,
        "hour": cell.hour,
        "posts": cell.posts,
        "median": rounded(cell.median),
        "effect": rounded(cell.effect),
        "enough": cell.enough,
    }


def _line(name: str, line: Line) -> dict[str, Any]:
    return {name: line.number, "posts": line.posts, "effect": rounded(line.effect)}


def relative_meta(found: RelativePosts) -> dict[str, Any]:
    """What an answer made of relative reach says beside its data."""
    return {
        "period": period_json(found.period),
        "ends_with": found.ending,
        "posts": len(found.posts),
        "compared": found.compared,
        "measured_by": {measure.value: found.measured_by(measure) for measure in Measure},
        "most_posts": MAX_POSTS,
    }


def _calendar(asked: AskedOfChannel) -> Answer:
    found: Calendar = calendar(asked.query)
    points = [
        {
            "t": iso(day.midnight),
            "day": day.day.isoformat(),
            "posts": day.posts,
            "views": day.views,
            "views_gained": day.views_gained,
            "reach": rounded(day.reach),
            "joined": day.joined,
            "left": day.left,
        }
        for day in found.days
    ]
    return Answer({"points": points}, found.provenance, found.gaps)


QUESTIONS = (
    ChannelQuestion(
        "best-time",
        "Which hours of the week posts do best in.",
        "Relative reach of own posts by local hour and weekday of publication: views at 24 hours of age (or the "
        "gathered counter) against the median of the 31 posts nearest in time, which takes out the channel's growth. "
        "`effect` is in percent above the usual, e^x − 1 with x = (n·m + 5·b) ÷ (n + 5): m the median logarithm of the "
        "ratio over the cell's n posts, b the mean of the medians of its weekday and of its hour. Fewer than 5 posts "
        "are too little data: `enough` is false. `best`: the up to three best cells with enough. Without `from` the "
        "last 180 days, and without `to` they end now, or with the latest post where nothing was published in them.",
        _best_time,
        BEST_TIME,
        takes_segment=True,
    ),
    ChannelQuestion(
        "calendar",
        "What was published and gained on each day.",
        "By local day: posts, the views of those posts, views gained that day by all posts, mean views of own posts; "
        "joined and left by the best source of the day, for owners. An hour belongs to the day in which it begins.",
        _calendar,
        CALENDAR,
        takes_segment=True,
    ),
)
