"""Channels from Telethon ``to_dict`` dumps of any layer, rebuilt as objects of the present one."""

from __future__ import annotations

import struct
from typing import Any

from sandbox.loader_values import moment, whole
from sandbox.tl import types
from sandbox.tl_build import build, build_list, serialisable
from sandbox.world.posts import Counter, Post, Reaction

# Taken over as they are when they are true.
_FLAGS = ("silent", "edit_hide", "pinned", "noforwards", "legacy", "from_scheduled", "invert_media", "media_unread")
_OBJECTS = ("from_id", "fwd_from", "reply_to", "media", "reply_markup", "saved_peer_id", "factcheck")
_LONGS = ("via_bot_id", "grouped_id", "via_business_bot_id", "effect")
_TRIES = (struct.error, TypeError, ValueError, AttributeError, AssertionError, OverflowError)


def channel_id_of(rows: list[Any]) -> int | None:
    """The bare channel id most rows speak of (``peer_id``, or ``to_id`` of old layers)."""
    counts: dict[int, int] = {}
    for row in rows:
        if not isinstance(row, dict):
            continue
        peer = row.get("peer_id") or row.get("to_id")
        found = peer.get("channel_id") if isinstance(peer, dict) else None
        if isinstance(found, int) and 0 < found < 2**40:
            counts[found] = counts.get(found, 0) + 1
    return max(counts, key=lambda i: counts[i]) if counts else None


def read_dump(rows: list[Any]) -> tuple[dict[int, Post], int]:
    """Posts by id (a later row wins) and the number of rows that could not be read."""
    posts: dict[int, Post] = {}
    skipped = 0
    for row in rows:
        post = _post(row) if isinstance(row, dict) else None
        if post is None:
            skipped += 1
        else:
            posts[post.id] = post
    return posts, skipped


def _post(row: dict[str, Any]) -> Post | None:
    post_id = whole(row.get("id", row.get("message_id")))
    date = moment(row.get("date"))
    kind = row.get("_", "Message")
    if post_id is None or post_id <= 0 or date is None or kind == "MessageEmpty":
        return None
    text = row.get("message", row.get("text"))
    post = Post(id=post_id, date=date, text=text if isinstance(text, str) else "")
    if kind == "MessageService" or (kind != "Message" and isinstance(row.get("action"), dict)):
        post.action = serialisable(build(row.get("action"))) or types.MessageActionEmpty()
        post.fields = {n: v for n in ("from_id", "reply_to") if (v := serialisable(build(row.get(n)))) is not None}
        return post
    _counters(post, row)
    _fields(post, row)
    return _checked(post)


def _counters(post: Post, row: dict[str, Any]) -> None:
    for name in ("views", "forwards"):
        number = whole(row.get(name))
        if number is not None:
            setattr(post, name, Counter(number, float(number)))
    replies = row.get("replies")
    if isinstance(replies, dict):
        post.replies_base = serialisable(build(replies))
        count = whole(replies.get("replies"))
    else:
        count = whole(replies)
    if count is not None:
        post.replies = Counter(count, float(count))
    reactions = row.get("reactions")
    if isinstance(reactions, dict):
        results = reactions.get("results")
        given = results if isinstance(results, list) else []
        post.reactions = [r for item in given if (r := _reaction(item)) is not None]


def _reaction(item: Any) -> Reaction | None:
    count = whole(item.get("count")) if isinstance(item, dict) else None
    if count is None:
        return None
    reaction = item.get("reaction")
    counter = Counter(count, float(count))
    if isinstance(reaction, str):  # layers before 144 had the emoji itself
        return Reaction("emoji", reaction, counter)
    if not isinstance(reaction, dict):
        return None
    if reaction.get("_") == "ReactionPaid":
        return Reaction("paid", "", counter)
    document = reaction.get("document_id")
    if isinstance(document, int) and abs(document) < 2**63:
        return Reaction("custom", str(document), counter)
    emoticon = reaction.get("emoticon")
    return Reaction("emoji", emoticon, counter) if isinstance(emoticon, str) else None


def _fields(post: Post, row: dict[str, Any]) -> None:
    fields = post.fields
    for name in _FLAGS:
        if row.get(name) is True:
            fields[name] = True
    for name in _LONGS:
        value = row.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            fields[name] = value
    for name in _OBJECTS:
        value = serialisable(build(row.get(name)))
        if value is not None:
            fields[name] = value
    if "reply_to" not in fields and isinstance(row.get("reply_to_msg_id"), int):
        fields["reply_to"] = types.MessageReplyHeader(reply_to_msg_id=row["reply_to_msg_id"])
    entities = build_list(row.get("entities"))
    if entities:
        fields["entities"] = entities
    restrictions = build_list(row.get("restriction_reason"))
    if restrictions:
        fields["restriction_reason"] = restrictions
    if isinstance(row.get("post_author"), str):
        fields["post_author"] = row["post_author"]
    post.edit_date = moment(row.get("edit_date"))


def _checked(post: Post) -> Post | None:
    """The post if it can be served; otherwise without its extras; None when even that fails."""
    for strip in (False, True):
        if strip:
            post.fields, post.replies_base = {}, None
            post.reactions, post.edit_date = [], None
        try:
            post.to_tl(1, 0.0)._bytes()
        except _TRIES:
            continue
        return post
    return None
