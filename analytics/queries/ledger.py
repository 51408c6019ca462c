"""What was changed after publication: edits with both texts, and deletions with how long the post stood."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analytics.queries.posts import permalink
from analytics.queries.question import StatsQuery, title_of
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters

MAX_PAGE = 100


class LedgerKind(StrEnum):
    """What happened to a post."""

    EDIT = "edit"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """Where a page ended: moment, message id and kind of its last entry."""

    at: datetime
    message_id: int
    kind: LedgerKind


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An edit or a deletion as it was seen. Unknown is None.

    `at`: when the changed text or the absence was first seen; what happened did so after `seen_before`, when the post
    was last seen as it had been. `before`, `after`: texts, of edits only. The counters are the latest known: of a
    deleted post those at its end.
    """

    kind: LedgerKind
    at: datetime
    seen_before: datetime | None
    message_id: int
    published_at: datetime
    title: str
    permalink: str | None
    before: str | None
    after: str | None
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: int | None
    counters_at: datetime | None
    counters_source: str | None
    approximate: bool


# Revisions are found post by post, by their unique key; a text is replaced after its post was published.
_EDITS = """
SELECT 'edit' AS kind, r.replaced_at AS at, p.id, p.message_id, r.id AS revision
FROM channels_app_post p JOIN channels_app_postrevision r ON r.post_id = p.id
WHERE p.channel_id = %(channel)s AND p.published_at < %(last)s
  AND r.replaced_at >= %(first)s AND r.replaced_at < %(last)s{segment}
"""
_DELETIONS = """
SELECT 'deletion' AS kind, p.deleted_at AS at, p.id, p.message_id, NULL::bigint AS revision
FROM channels_app_post p
WHERE p.channel_id = %(channel)s AND p.published_at < %(last)s
  AND p.deleted_at >= %(first)s AND p.deleted_at < %(last)s{segment}
"""
# Texts are read for the entries of the page only. The text after an edit is the one before the next edit.
_PAGE = """
WITH entry AS (
    SELECT * FROM ({entries}) e{behind} ORDER BY at DESC, message_id DESC, kind DESC LIMIT %(limit)s
)
SELECT e.kind, e.at, CASE WHEN e.kind = 'deletion' THEN p.seen_at ELSE r.seen_at END AS seen_before,
       p.message_id, p.published_at, p.text, r.text AS before,
       CASE WHEN e.kind = 'edit' THEN coalesce(
           (SELECT n.text FROM channels_app_postrevision n WHERE n.post_id = e.id AND n.replaced_at > e.at
            ORDER BY n.replaced_at LIMIT 1), p.text) END AS after,
       p.views, p.forwards, p.replies, p.reactions_total AS reactions, p.counters_at, p.counters_source,
       p.counters_approximate AS approximate, c.username, c.tg_id
FROM entry e
JOIN channels_app_post p ON p.id = e.id
JOIN channels_app_channel c ON c.id = p.channel_id
LEFT JOIN channels_app_postrevision r ON r.id = e.revision
ORDER BY e.at DESC, e.message_id DESC, e.kind DESC
"""


def ledger(
    query: StatsQuery, *, kind: LedgerKind | None = None, limit: int = 50, after: LedgerKey | None = None
) -> tuple[tuple[LedgerEntry, ...], LedgerKey | None]:
    """A page of what was seen to happen in the period, newest first, and the key of the next page: one statement.

    Ties by the larger message id. The segment narrows the posts.
    """
    limit = min(limit, MAX_PAGE)
    parts = {LedgerKind.EDIT: _EDITS, LedgerKind.DELETION: _DELETIONS}
    entries = " UNION ALL ".join(text for name, text in parts.items() if kind in {None, name})
    behind = " WHERE (at, message_id, kind) < (%(at)s, %(id)s, %(kind)s)" if after else ""
    parameters: dict[str, Any] = {
        "channel": query.channel_id,
        "first": query.period.start,
        "last": query.period.end,
        "limit": limit + 1,
        **segment_parameters(query),
    }
    if after:
        parameters |= {"at": after.at, "id": after.message_id, "kind": after.kind}
    sql = _PAGE.format(entries=entries.format(segment=post_conditions(query)), behind=behind)
    with read_cursor() as cursor:
        cursor.execute(sql, parameters)
        found = tuple(map(_entry, rows_as_dicts(cursor)))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], LedgerKey(last.at, last.message_id, last.kind) if last else None


def _entry(row: dict[str, Any]) -> LedgerEntry:
    link = permalink(row.pop("username"), row.pop("tg_id"), row["message_id"])
    title = title_of(row.pop("text"))
    return LedgerEntry(**row | {"kind": LedgerKind(row["kind"])}, title=title, permalink=link)
