"""Series over time: subscribers and reach."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import Provenance, Series, Window, growth, reach, reach_at_age
from analytics.queries.ages import TOLERANCE_MINUTES
from analytics.queries.rounding import rounded
from analytics.queries.sums import Aged
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.series import GROWTH, REACH

WINDOW = OpenApiParameter("window", str, enum=list(Window), default=Window.DAY, description="Width of a step.")


def _growth(asked: AskedOfChannel) -> Answer:
    series = growth(asked.query, window=asked.parameters.choice("window", Window.DAY))
    points = [{"t": iso(point.t), "y": point.y, **point.extra, "source": point.source} for point in series.points]
    return Answer({"points": points}, {"followers": series.provenance}, series.gaps)


def _reach(asked: AskedOfChannel) -> Answer:
    series = reach(asked.query)
    ages = reach_at_age(asked.query)
    data = {"points": _points(series), "at_age": {f"{hours}h": _mean(aged) for hours, aged in ages.items()}}
    provenance = {"avg_reach": series.provenance} | {f"reach_{hours}h": _aged(one) for hours, one in ages.items()}
    details = {f"{hours}h": _reading(hours, aged) for hours, aged in ages.items()}
    return Answer(data, provenance, series.gaps, more={"at_age": details})


def _mean(aged: Aged) -> float | None:
    return rounded(aged.value)


def _aged(aged: Aged) -> Provenance:
    share = aged.known / aged.old_enough if aged.old_enough else None
    return Provenance(aged.source, aged.observed_at, share)


def _reading(hours: int, aged: Aged) -> dict[str, Any]:
    """How the figure at an age was read: of how many posts, at which true age, and how far readings may be off."""
    tolerance = hours * TOLERANCE_MINUTES / 60
    return {
        "posts": aged.known,
        "old_enough": aged.old_enough,
        "true_age_hours": aged.true_age,
        "tolerance_hours": tolerance,
    }


def _points(series: Series) -> list[dict[str, object]]:
    return [{"t": iso(point.t), "y": point.y, **point.extra} for point in series.points]


QUESTIONS = (
    ChannelQuestion(
        "growth",
        "Subscribers over time.",
        "Subscribers at the end of each hour, day or week; joined and left where official statistics are ours.",
        _growth,
        GROWTH,
        (WINDOW,),
        takes_segment=True,
    ),
    ChannelQuestion(
        "reach",
        "Views per post by day of publication, and at equal ages.",
        "Mean views of own posts by day; `at_age` interpolated between snapshots, null where they are too far.",
        _reach,
        REACH,
        takes_segment=True,
    ),
)
