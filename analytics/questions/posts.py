"""Lists of posts."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import PostOrder, PostRow, Provenance, top_posts
from analytics.queries.posts import MAX_PAGE, ListOrder, PostFilter, PostKey, list_posts
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import MAX_LIMIT, AskedOfChannel
from analytics.questions.cursors import read_cursor, write_cursor
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.flags import flag
from analytics.schemas.posts import POSTS, TOP_POSTS
from mtproto.records import Source

DEFAULT_PAGE = 50
LIMIT = OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}, 10 when absent.")
PAGE = (
    OpenApiParameter("limit", int, description=f"1 to {MAX_PAGE}, {DEFAULT_PAGE} when absent."),
    OpenApiParameter("cursor", str, description="`meta.next` of the page before, with the same other parameters."),
)
_NO_CLICKS = "no_link_clicks"
_SEARCH_CUT = "searched_newest_posts_only"


def _posts(asked: AskedOfChannel) -> Answer:
    order = asked.parameters.choice("order", ListOrder.PUBLISHED)
    cursor = asked.parameters.text("cursor")
    search = (asked.parameters.text("q") or "").strip()
    page = list_posts(
        asked.query,
        PostFilter(
            order,
            everything=flag(asked.parameters, "all"),
            include_deleted=flag(asked.parameters, "include_deleted"),
            search=search or None,
        ),
        limit=asked.parameters.limit(default=DEFAULT_PAGE, most=MAX_PAGE),
        after=_key(cursor, order) if cursor else None,
    )
    return Answer(
        [post_json(row) for row in page.rows],
        _provenance(page.rows),
        more={} if page.searched_all else {"note": _SEARCH_CUT},
        next=write_cursor(order, "n" if page.next.value is None else page.next.value, page.next.message_id)
        if page.next
        else None,
    )


def _key(cursor: str, order: ListOrder) -> PostKey:
    # Moments are below the year 2287; counters have 19 digits, percents two more and four decimals.
    value = r"\d{1,16}" if order is ListOrder.PUBLISHED else r"n|-?\d{1,22}(?:\.\d{1,4})?"
    found, message_id = read_cursor(cursor, rf"{order}:({value}):(\d{{1,10}})")
    return PostKey(None if found == "n" else found, int(message_id))


def _top_posts(asked: AskedOfChannel) -> Answer:
    order = asked.parameters.choice("order", PostOrder.VIEWS)
    rows = top_posts(asked.query, limit=asked.parameters.limit(), order=order)
    data, provenance = [post_json(row) for row in rows], _provenance(rows)
    if order is PostOrder.GROWTH:
        data = [one | {"growth": row.gained} for one, row in zip(data, rows, strict=True)]
        known = [row for row in rows if row.gained is not None]
        provenance["growth"] = Provenance(Source.MTPROTO, _observed(known), _share(known, rows))
    if order is PostOrder.CTR:
        data = [one | {"ctr": None} for one in data]
        provenance["ctr"] = Provenance(None, None, 0.0 if rows else None, _NO_CLICKS)
    return Answer(data, provenance)


def post_json(row: PostRow) -> dict[str, Any]:
    """A post as lists show it."""
    return {
        "msg_id": row.message_id,
        "date": iso(row.published_at),
        "views": row.views,
        "forwards": row.forwards,
        "replies": row.replies,
        "reactions": row.reactions,
        "er_views": row.er_views,
        "virality": row.virality,
        "title": row.title,
        "permalink": row.permalink,
        "media": row.media_kind,
        "album_size": row.item_count,
        "is_forward": row.is_forward,
        "pinned": row.pinned,
        "edited_at": iso(row.edited_at) if row.edited_at else None,
        "deleted_at": iso(row.deleted_at) if row.deleted_at else None,
        "source": row.counters_source,
        "observed_at": iso(row.counters_at) if row.counters_at else None,
        "approximate": row.counters_approximate,
    }


def _provenance(rows: Sequence[PostRow]) -> dict[str, Provenance]:
    """By counter: whose word, when last told, and for which share of the rows it is known."""
    source = next((row.counters_source for row in rows if row.counters_source), None)
    note = "approximate" if any(row.counters_approximate for row in rows) else None
    known = {name: [row for row in rows if getattr(row, name) is not None] for name in _COUNTERS}
    return {
        name: Provenance(source, _observed(found), _share(found, rows), note if found else None)
        for name, found in known.items()
    }


_COUNTERS = ("views", "forwards", "replies", "reactions")


def _observed(rows: Sequence[PostRow]) -> Any:
    return max((row.counters_at for row in rows if row.counters_at), default=None)


def _share(known: Sequence[PostRow], rows: Sequence[PostRow]) -> float | None:
    return len(known) / len(rows) if rows else None


QUESTIONS = (
    ChannelQuestion(
        "posts",
        "Posts, page by page.",
        "Posts published in the period (or all of them), newest first or by a counter. An album is one post, named by "
        "its smallest id. A page of a search may be short or empty and yet have a `meta.next`: each reads the texts of "
        "at most 5000 posts.",
        _posts,
        POSTS,
        (
            *PAGE,
            OpenApiParameter("order", str, enum=list(ListOrder), default=ListOrder.PUBLISHED),
            OpenApiParameter("q", str, description="Words that the text must hold, all of them, in any case."),
            OpenApiParameter("all", bool, description="Posts of all time, whatever the period."),
            OpenApiParameter("include_deleted", bool, description="Deleted posts too."),
        ),
        takes_segment=True,
    ),
    ChannelQuestion(
        "top-posts",
        "The best posts of a period.",
        "By views (or another counter), ties by message id, unknown last; an album is one post, named by its smallest "
        "id. `growth`: views gained within the period, also by posts published up to 60 days before it. `ctr`: clicks "
        "on links; unknown for every post until links of yours count their clicks.",
        _top_posts,
        TOP_POSTS,
        (LIMIT, OpenApiParameter("order", str, enum=list(PostOrder), default=PostOrder.VIEWS)),
        takes_segment=True,
    ),
)
