"""Series over time: subscribers and reach."""

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import Series, Window, growth, reach, reach_at_age
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.series import GROWTH, REACH

WINDOW = OpenApiParameter("window", str, enum=list(Window), default=Window.DAY, description="Width of a step.")


def _growth(asked: AskedOfChannel) -> Answer:
    series = growth(asked.query, window=asked.parameters.choice("window", Window.DAY))
    return Answer({"points": _points(series)}, {"followers": series.provenance}, series.gaps)


def _reach(asked: AskedOfChannel) -> Answer:
    series = reach(asked.query)
    data = {"points": _points(series), "at_age": reach_at_age(asked.query)}
    return Answer(data, {"reach": series.provenance}, series.gaps)


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
