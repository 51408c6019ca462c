"""What kind of posts do better."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries.effects import DOUBT, LEAST_POSTS, By, Effect, content_effects
from analytics.queries.rounding import rounded
from analytics.questions.answering import Answer
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.spans import period_span
from analytics.questions.timing import relative_meta
from analytics.schemas.effects import CONTENT_EFFECTS


def _content_effects(asked: AskedOfChannel) -> Answer:
    by = asked.parameters.choice("by", By.MEDIA)
    answer = content_effects(asked.query, period_span(asked), by=by)
    return Answer(
        [_row(group) for group in answer.groups],
        {"effect": answer.found.provenance},
        more=relative_meta(answer.found)
        | {
            "by": by,
            "least_posts": LEAST_POSTS,
            "confidence": 1 - DOUBT,
            "tested": answer.tested,
            "left_out": answer.left_out,
        },
    )


def _row(group: Effect) -> dict[str, Any]:
    return {
        "group": group.group,
        "posts": group.posts,
        "n": group.compared,
        "reach": rounded(group.reach),
        "effect": rounded(group.effect),
        "low": rounded(group.low),
        "high": rounded(group.high),
        "enough": group.enough,
        "stands_out": group.stands_out,
        "er_views": rounded(group.er_views),
        "note": group.note,
    }


QUESTIONS = (
    ChannelQuestion(
        "content-effects",
        "What kind of posts do better than the channel's usual.",
        "Posts grouped by kind of media, length, hashtag (a post may be in several groups; the empty name are posts "
        "without any), emoji (none, few: up to 3, many), link, forwarded, local weekday (1 Monday to 7) or hour. "
        "`reach` is the median ratio to the usual reach, as in `best-time`; `effect` the same in percent, with a 95 % "
        "interval between order statistics, exact for any distribution. Below 10 compared posts there is no effect. "
        "Of many groups one in twenty stands out by chance: `stands_out` is true only where the interval, narrowed to "
        "1 − 0.05 ÷ `meta.tested`, leaves out 0. Forwarded posts show the original's counter and have no reach.",
        _content_effects,
        CONTENT_EFFECTS,
        (OpenApiParameter("by", str, enum=list(By), default=By.MEDIA, description="What posts are grouped by."),),
        takes_segment=True,
    ),
)
