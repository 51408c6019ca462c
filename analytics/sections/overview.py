"""The first page of a channel: what the period brought, what stands out, and the way into each section."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Mark, RenderedChart, words
from analytics.comparison import is_gathering
from analytics.questions.answering import Answer
from analytics.sections.anomalies import anomalies_of, marks_of
from analytics.sections.drawing import movement_chart
from analytics.sections.explaining import formulas_of, told
from analytics.sections.figures import figures_of
from analytics.sections.marks import marks_for
from analytics.sections.over_time import Row, bar_chart, compared_words, line_chart, statistics, window_of
from analytics.sections.posts import rows_of
from analytics.sections.sources import KINDS_OF_SOURCE, POINTING
from analytics.sections.visit import Visit
from channels_app.models import SyncState

HEADLINE = ("followers", "views_gained", "avg_reach", "err", "posts", "views", "er_views", "reactions")
# Of some posts only: what cannot be told of some posts gives way to what can.
_OF_POSTS = ("posts", "views", "avg_reach", "err", "er_views", "forwards", "reactions", "replies")
_MOVEMENT = ("followers_change", "joined", "left", "net")
_WATCHED = ("followers_change", "growth_rate")
_BEST, _LATEST, _AHEAD, _SOURCES = "5", "10", "5", "5"


def build(visit: Visit) -> Mapping[str, Any]:
    """What the page shows. Whatever is told of the channel as a whole gives way while a filter holds."""
    whole = not visit.segment
    names = HEADLINE if whole else _OF_POSTS
    strip = () if not whole else _MOVEMENT if visit.head.owned else _WATCHED
    answer = statistics(visit, (*names, *strip))
    strange = anomalies_of(visit) if whole else None
    marks = (*marks_for(visit), *(marks_of(strange) if strange else ()))
    posts = visit.ask("posts", {"limit": _LATEST})
    return {
        "figures": figures_of(names, answer),
        "movement": figures_of(strip, answer),
        "compared": compared_words(visit, answer),
        "charts": _charts(visit, answer, marks, whole=whole),
        "anomalies": strange,
        **_best(visit),
        **_ahead(visit),
        **(_pointing(visit) if whole else {}),
        "rows": rows_of(visit, posts.data),
        "posts_told": told(posts.provenance["views"], formulas_of("views", "forwards", "reactions", "replies")),
        "still_gathering": is_gathering(visit.picked, now=visit.now) and visit.compared not in {None, "age"},
    }


def _charts(visit: Visit, answer: Answer, marks: tuple[Mark, ...], *, whole: bool) -> tuple[RenderedChart, ...]:
    reach = bar_chart(
        visit, answer, "reach", _reach_title(visit), metric="avg_reach", is_unknown=_untold(visit), marks=marks
    )
    if not whole:
        title = _("Views of the posts by day of publication")
        views = bar_chart(visit, answer, "views", title, metric="views", is_unknown=_untold(visit))
        return (reach, views)
    gained = bar_chart(
        visit,
        answer,
        "gained",
        _("Views gained"),
        metric="views_gained",
        is_unknown=lambda row: row["views_gained"] is None,
        marks=marks,
    )
    subscribers = line_chart(visit, answer, "subscribers", _("Subscribers"), metric="followers", marks=marks)
    movement = None
    if visit.head.owned and window_of(visit) != "H":
        movement = movement_chart(visit, answer.data["points"], marks)
    return (subscribers, *((movement,) if movement else ()), gained, reach)


def _reach_title(visit: Visit) -> str:
    return {
        "H": _("Average reach by hour of publication"),
        "D": _("Average reach by day of publication"),
        "W": _("Average reach by week of publication"),
    }[window_of(visit)]


def _untold(visit: Visit) -> Any:
    """Whether a step of posts tells nothing: posts without counters, or days before the oldest post we hold."""
    sync = visit.card.status.sync
    # Before the oldest post of an unfinished history nobody knows whether anything was published.
    known_from = None if sync.state == SyncState.COMPLETE else sync.oldest or visit.now

    def is_unknown(row: Row) -> bool:
        early = known_from is not None and row["t"] < known_from.isoformat()
        return (row["avg_reach"] is None and bool(row["posts"])) or early

    return is_unknown


def _best(visit: Visit) -> Mapping[str, Any]:
    answer = visit.ask("top-posts", {"limit": _BEST})
    return {
        "best": rows_of(visit, answer.data),
        "best_told": told(answer.provenance["views"], formulas_of("views")),
        "to_best": _way(visit, "posts", show="top"),
        "to_posts": _way(visit, "posts"),
    }


def _ahead(visit: Visit) -> Mapping[str, Any]:
    """Posts that run ahead now, whatever the period."""
    answer = visit.ask("trending", {"limit": _AHEAD}, lately=True)
    language = get_language() or "en"
    return {
        "ahead": [
            {"post": row, "times": f"×{words.full_number(row['views'] / row['expected'], language, digits=1)}"}
            for row in answer.data
            if row["expected"]
        ],
        "ahead_told": told(answer.provenance["score"], formulas_of("score")),
        "to_ahead": _way(visit, "trending"),
    }


def _pointing(visit: Visit) -> Mapping[str, Any]:
    answer = visit.ask("sources", {"direction": "in", "limit": _SOURCES})
    return {
        "pointing": [
            {"title": row["src_title"] or row["src"], "kind": KINDS_OF_SOURCE[row["kind"]], "count": row["count"]}
            for row in answer.data
        ],
        "pointing_told": told(answer.provenance["count"], [POINTING]),
        "to_sources": _way(visit, "sources"),
    }


def _way(visit: Visit, section: str, **changes: str) -> str | None:
    """The address of a section with the state of this page."""
    root = visit.doors.section(section)
    query = visit.address(**changes)
    return root and root + ("" if query == "?" else query)
