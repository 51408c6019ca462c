"""Channels from CSV: ``id,date,text,views,forwards,replies`` and whatever else a table may have."""

from __future__ import annotations

import csv
import io
import sys

from sandbox.loader_values import moment, whole
from sandbox.world.posts import Counter, Post

_ALIASES = {
    "id": ("id", "message_id", "msg_id", "post_id"),
    "date": ("date", "datetime", "timestamp", "published_at"),
    "text": ("text", "message", "content"),
    "views": ("views", "view_count"),
    "forwards": ("forwards", "shares", "forward_count"),
    "replies": ("replies", "comments", "reply_count"),
    "edit_date": ("edit_date", "edited"),
    "grouped_id": ("grouped_id",),
    "post_author": ("post_author",),
}


def read_csv(text: str) -> tuple[dict[int, Post], int]:
    """Posts by id (a later row wins) and the number of rows that could not be read.

    Raises ``ValueError`` when there is no header with an id and a date.
    """
    csv.field_size_limit(sys.maxsize)
    header = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text.replace("\x00", "").lstrip("\ufeff"), newline=""), delimiter=delimiter)
    columns = [name.strip().strip('"').lower() for name in next(reader, [])]
    index = {
        name: next((columns.index(a) for a in aliases if a in columns), None) for name, aliases in _ALIASES.items()
    }
    if index["id"] is None or index["date"] is None:
        raise ValueError("no header with the columns id and date")
    posts: dict[int, Post] = {}
    skipped = 0
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        post = _post({name: row[i] for name, i in index.items() if i is not None and i < len(row)})
        if post is None:
            skipped += 1
        else:
            posts[post.id] = post
    return posts, skipped


def _post(cells: dict[str, str]) -> Post | None:
    post_id, date = whole(cells.get("id")), moment(cells.get("date"))
    if post_id is None or post_id <= 0 or date is None:
        return None
    post = Post(id=post_id, date=date, text=cells.get("text") or "")
    for name in ("views", "forwards", "replies"):
        number = whole(cells.get(name))
        if number is not None:
            setattr(post, name, Counter(number, float(number)))
    post.edit_date = moment(cells.get("edit_date"))
    grouped = (cells.get("grouped_id") or "").strip()
    if grouped.isdigit() and int(grouped) < 2**63:
        post.fields["grouped_id"] = int(grouped)
    if cells.get("post_author"):
        post.fields["post_author"] = cells["post_author"]
    return post
