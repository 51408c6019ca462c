"""Headline numbers of a period and of the equal period before: three statements."""

from analytics.queries.figures import Span, figures
from analytics.queries.question import Overview, StatsQuery

# What a headline is made of; every name is in the registry.
HEADLINES = (
    *("posts", "forwarded_posts", "views", "forwards", "replies", "reactions"),
    *("avg_reach", "err", "reach_12h", "reach_24h", "reach_48h", "err24"),
    *("er_views", "er_subs", "virality"),
    *("followers", "followers_change", "growth_rate", "views_gained"),
)


def overview(query: StatsQuery) -> Overview:
    """Headline numbers of `query.period` and of the equal period before, by metric name; None unknown."""
    period, previous = query.period, query.period.previous
    spans = [Span(query.channel_id, one.start, one.end, query.owned) for one in (period, previous)]
    current, before = ({name: numbers[name] for name in HEADLINES} for numbers in figures(query, spans, HEADLINES))
    return Overview(current=current, previous=before, period=period, previous_period=previous)
