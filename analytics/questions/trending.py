"""Posts that run ahead of their expectation."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries.expectation import COMPARED_POSTS, LEAST_POSTS
from analytics.queries.trending import THRESHOLD, Method, TrendingPost, trending
from analytics.questions.answering import Answer, iso, period_json
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.posts import LIMIT
from analytics.questions.spans import span_of
from analytics.schemas.trending import TRENDING

MAX_HOURS = 168
# Most views come within two days of publication.
USUAL_HOURS = 48


def _trending(asked: AskedOfChannel) -> Answer:
    hours = asked.parameters.whole("window_hours", least=1, most=MAX_HOURS, default=USUAL_HOURS)
    method = asked.parameters.choice("method", Method.ZSCORE)
    found = trending(asked.query, span_of(asked, timedelta(hours=hours)), method=method, limit=asked.parameters.limit())
    return Answer(
        [_row(row, method) for row in found.rows],
        {"score": found.provenance},
        more={
            "period": period_json(found.period),
            "ends_with": found.ending,
            "method": method,
            "threshold": THRESHOLD,
            "least_posts": LEAST_POSTS,
            "most_posts": COMPARED_POSTS,
            "posts": found.posts,
            "scored": found.scored,
        },
    )


def _row(row: TrendingPost, method: Method) -> dict[str, Any]:
    return {
        "msg_id": row.message_id,
        "date": iso(row.published_at),
        "title": row.title,
        "permalink": row.permalink,
        "age_hours": round(row.age.total_seconds() / 3600, 4),
        "views": row.views,
        "expected": round(row.expected, 4),
        "score": round(row.score, 4),
        "n": row.n,
        "basis": row.basis,
        "method": method,
    }


QUESTIONS = (
    ChannelQuestion(
        "trending",
        "Posts that run ahead of what earlier posts had at the same age.",
        "Own posts of the last `window_hours` before `to` whose views stand at least one and a half spreads above what "
        "the up to 100 posts before them had at the same age; at least 10 must be known. `score` counts spreads of "
        "logarithms of views; `basis` tells what was compared: `same_age`, `lifetime` (from 7 days on), or `later` "
        "where too few were seen at that age (the expectation is then too high rather than too low). Without `to` the "
        "window ends now, or with the latest post where nothing was published in it: `meta.ends_with` says so. `from` "
        "has no effect.",
        _trending,
        TRENDING,
        (
            OpenApiParameter("window_hours", int, description=f"1 to {MAX_HOURS}, {USUAL_HOURS} when absent."),
            OpenApiParameter(
                "method",
                str,
                enum=list(Method),
                default=Method.ZSCORE,
                description="zscore: median and median absolute deviation; ewma: exponentially weighted moving mean.",
            ),
            LIMIT,
        ),
        takes_segment=True,
    ),
)
