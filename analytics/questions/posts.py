"""Lists of posts."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import PostOrder, PostRow, Provenance, top_posts
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import MAX_LIMIT, AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.posts import TOP_POSTS

LIMIT = OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}, 10 when absent.")


def _top_posts(asked: AskedOfChannel) -> Answer:
    order = asked.parameters.choice("order", PostOrder.VIEWS)
    rows = top_posts(asked.query, limit=asked.parameters.limit(), order=order)
    known = [row.counters_at for row in rows if row.counters_at]
    provenance = Provenance(
        source=rows[0].counters_source if rows else None,
        observed_at=max(known, default=None),
        coverage=len(known) / len(rows) if rows else None,
    )
    return Answer([post_json(row) for row in rows], {"views": provenance})


def post_json(row: PostRow) -> dict[str, Any]:
    """A post as lists show it."""
    return {
        "msg_id": row.message_id,
        "date": iso(row.published_at),
        "views": row.views,
        "forwards": row.forwards,
        "replies": row.replies,
        "reactions": row.reactions,
        "title": row.title,
        "permalink": row.permalink,
        "media": row.media_kind,
        "is_forward": row.is_forward,
    }


QUESTIONS = (
    ChannelQuestion(
        "top-posts",
        "The best posts of a period.",
        "By views (or another counter), ties by message id; an album is one post, named by its smallest id.",
        _top_posts,
        TOP_POSTS,
        (LIMIT, OpenApiParameter("order", str, enum=list(PostOrder), default=PostOrder.VIEWS)),
        takes_segment=True,
    ),
)
