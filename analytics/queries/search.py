"""Posts of a workspace's channels by the words of their texts: one statement over the index of words.

A word finds what begins with it, in any case; the apostrophes of Uzbek do not count. Newest first: the last three
months are looked at before the rest, so that a common word does not read years.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.queries.posts import LONGEST_SEARCH, MAX_WORDS, search_patterns
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts

MOST_FOUND = 20
_RECENT = timedelta(days=92)
_APOSTROPHES = dict.fromkeys(map(ord, "ʻʼ‘’'`´ʹ"))
_FOLDED = {**_APOSTROPHES, ord("ё"): "е", ord("\\"): " "}
_EDGES = re.compile(r"^\W+|\W+$")
# Characters of a text shown around the first hit.
_BEFORE, _SHOWN = 50, 170


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A post with the part of its text that was found. `name` is how addresses call its channel."""

    name: str
    title: str
    message_id: int
    published_at: datetime
    pieces: tuple[Piece, ...]


_HIT = """
SELECT p.message_id, p.published_at, p.text, p.channel_id
FROM analytics_postwords w JOIN channels_app_post p ON p.id = w.post_id
WHERE w.words @@ to_tsquery('pg_catalog.simple'::regconfig, %(words)s)
  AND p.channel_id = ANY(ARRAY(SELECT id FROM own)) AND p.deleted_at IS NULL
"""
_FOUND = f"""
WITH own AS MATERIALIZED (
    SELECT c.id, c.username, c.tg_id, c.title FROM channels_app_trackedchannel t
    JOIN channels_app_channel c ON c.id = t.channel_id WHERE t.workspace_id = %(workspace)s AND c.hold <> 'blocked'
), recent AS MATERIALIZED (
    {_HIT} AND p.published_at >= %(since)s ORDER BY p.published_at DESC LIMIT %(most)s
), older AS (
    {_HIT} AND p.published_at < %(since)s AND (SELECT count(*) FROM recent) < %(most)s
    ORDER BY p.published_at DESC LIMIT %(most)s
)
SELECT f.*, own.username, own.tg_id, own.title
FROM (SELECT * FROM recent UNION ALL SELECT * FROM older) f JOIN own ON own.id = f.channel_id
ORDER BY f.published_at DESC, f.message_id DESC LIMIT %(most)s
"""


def search_posts(workspace_id: int, text: str, *, now: datetime, limit: int = MOST_FOUND) -> tuple[FoundPost, ...]:
    """The newest posts of the workspace's channels that hold all words. InvalidInput for what cannot be looked for."""
    words = _words(text)
    if not words:
        return ()
    parameters: dict[str, Any] = {
        "workspace": workspace_id,
        "words": " & ".join(f"'{word}':*" for word in words),
        "since": now - _RECENT,
        "most": min(limit, MOST_FOUND),
    }
    with read_cursor() as cursor:
        cursor.execute(_FOUND, parameters)
        rows = rows_as_dicts(cursor)
    looked_for = re.compile("|".join(search_patterns(" ".join(_shown_words(text)))))
    return tuple(
        FoundPost(
            f"@{row['username']}" if row["username"] else str(row["tg_id"]),
            row["title"] or f"@{row['username']}",
            row["message_id"],
            row["published_at"],
            _pieces(row["text"], looked_for),
        )
        for row in rows
    )


def _words(text: str) -> list[str]:
    """The words as the index has them; what is no word at its edges is cut off."""
    if "\x00" in text or len(text) > LONGEST_SEARCH or len(text.split()) > MAX_WORDS:
        raise InvalidInput(
            _("Look for up to %(words)s words of at most %(most)s characters together.")
            % {"words": MAX_WORDS, "most": LONGEST_SEARCH},
            field="q",
        )
    folded = unicodedata.normalize("NFC", text).lower().translate(_FOLDED)
    return [word for part in folded.split() if (word := _EDGES.sub("", part))]


def _shown_words(text: str) -> list[str]:
    return [word for part in unicodedata.normalize("NFC", text).split() if (word := _EDGES.sub("", part))]


def _pieces(text: str, looked_for: re.Pattern[str]) -> tuple[Piece, ...]:
    """A line of the text around the first hit, in pieces."""
    line = " ".join(text.split())
    first = looked_for.search(line)
    start = max(0, first.start() - _BEFORE) if first else 0
    if start:
        # Not in the middle of a word, if one begins soon.
        start = line.find(" ", start, start + _BEFORE) + 1 or start
    end = start + _SHOWN
    if end < len(line):
        end = max(line.rfind(" ", start, end), start + _SHOWN // 2)
    cut = line[start:end]
    pieces: list[Piece] = [Piece("… ", hit=False)] if start else []
    at = 0
    for hit in looked_for.finditer(cut):
        if hit.start() > at:
            pieces.append(Piece(cut[at : hit.start()], hit=False))
        if hit.end() > hit.start():
            pieces.append(Piece(hit.group(), hit=True))
        at = hit.end()
    rest = cut[at:] + (" …" if end < len(line) else "")
    return (*pieces, Piece(rest, hit=False)) if rest else tuple(pieces)
