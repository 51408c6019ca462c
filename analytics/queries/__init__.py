"""The only readers of statistics: a question is a value, the answer names its sources. No face computes by itself."""

from analytics.queries.overview import overview
from analytics.queries.posts import latest_posts, top_posts
from analytics.queries.question import (
    Number,
    Overview,
    PostOrder,
    PostRow,
    Provenance,
    Series,
    SeriesPoint,
    StatsQuery,
    Window,
)
from analytics.queries.series import growth, reach, reach_at_age

__all__ = [
    "Number",
    "Overview",
    "PostOrder",
    "PostRow",
    "Provenance",
    "Series",
    "SeriesPoint",
    "StatsQuery",
    "Window",
    "growth",
    "latest_posts",
    "overview",
    "reach",
    "reach_at_age",
    "top_posts",
]
