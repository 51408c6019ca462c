"""Everything that happens to channels after the start, as plain records that can be stored and replayed.

A change is a JSON object with ``do`` and ``at`` (Unix seconds). Applying the same records to the same initial world
gives the same world again; that is how a restart continues where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.tl import types
from sandbox.world.channels import Channel, Event
from sandbox.world.entities import marked_text
from sandbox.world.media import make_media
from sandbox.world.posts import Counter, Post, Reaction
from sandbox.world.world import World

Store = Callable[[str, dict[str, Any]], None]
COUNTERS = ("views", "forwards", "replies")
_FACTS = ("title", "about", "subscribers", "private", "banned", "can_view_stats", "invite_hash")
_LOG_KEPT = 1000


class Changes:
    """Applies changes, stores them, and tells the world's listeners."""

    def __init__(self, world: World, store: Store) -> None:
        self.world = world
        self._store = store

    def do(self, channel: Channel, change: dict[str, Any]) -> None:
        """Apply, store and announce one change; raises ``ValueError`` and changes nothing when it makes no sense."""
        change.setdefault("at", int(self.world.clock.now()))
        event = self.apply(channel, change)
        self._store(str(channel.id), change)
        if event is not None:
            self.world.publish(channel, event)

    def replay(self, channel_id: str, change: dict[str, Any]) -> None:
        """Apply a stored change; one whose channel or post is gone is passed over."""
        channel = self.world.channels.get(int(channel_id))
        if channel is None:
            return
        try:
            self.apply(channel, change)
            channel.last_event_at = change["at"]
        except (ValueError, KeyError, TypeError, AttributeError):  # of another version
            return

    def apply(self, channel: Channel, change: dict[str, Any]) -> Event | None:
        """Carry out one record."""
        action = getattr(self, f"_do_{change['do']}")
        event: Event | None = action(channel, change)
        if change["do"] != "counters":
            channel.logged += 1
            channel.log.append((channel.logged, change))
            del channel.log[:-_LOG_KEPT]
        return event

    def _do_post(self, channel: Channel, change: dict[str, Any]) -> Event:
        posts = [post_from(channel, spec, change["at"]) for spec in change["posts"]]
        for post in posts:
            if post.id in channel.posts:
                raise ValueError("this id is taken")
            post.to_tl(channel.id, 0.0)._bytes()  # raises here rather than when a client asks
        return channel.add(*posts)

    def _do_edit(self, channel: Channel, change: dict[str, Any]) -> Event:
        post = _post(channel, change["id"])
        change.setdefault("before", post.text)
        post.text, entities = marked_text(change["text"])
        post.fields.pop("entities", None)
        if entities:
            post.fields["entities"] = entities
        post.edit_date = int(change["at"])
        if change.get("hide"):
            post.fields["edit_hide"] = True
        return channel.edited(post)

    def _do_delete(self, channel: Channel, change: dict[str, Any]) -> Event | None:
        change.setdefault("texts", {str(i): channel.posts[i].text for i in change["ids"] if i in channel.posts})
        return channel.delete(change["ids"])

    def _do_counters(self, channel: Channel, change: dict[str, Any]) -> Event | None:
        post = _post(channel, change["id"])
        rebase(post, change.setdefault("moment", channel.time()))
        for name in COUNTERS:
            if name in change:
                setattr(post, name, counter_of(change[name]))
        if "reactions" in change:
            post.reactions = reactions_of(change["reactions"])
            post.reactions_base = None
        post.touch()
        channel.bump()
        return None

    def _do_facts(self, channel: Channel, change: dict[str, Any]) -> Event | None:
        for name in _FACTS:
            if name in change:
                setattr(channel, "base_subscribers" if name == "subscribers" else name, change[name])
        if "username" in change:
            self.world.rename(channel, change["username"])
        channel.bump()
        return None

    def _do_pin(self, channel: Channel, change: dict[str, Any]) -> Event:
        post = _post(channel, change["id"])
        if change.get("pinned", True):
            post.fields["pinned"] = True
        else:
            post.fields.pop("pinned", None)
        return channel.edited(post)


def _post(channel: Channel, post_id: Any) -> Post:
    post = channel.posts.get(int(post_id))
    if post is None:
        raise ValueError(f"no post {post_id}")
    return post


def rebase(post: Post, moment: float) -> None:
    """Make what the counters are at *moment* their new base; they go on growing from there."""
    g = post.grown(moment)
    counters = [post.views, post.forwards, post.replies, *(r.count for r in post.reactions)]
    for counter in counters:
        if counter is not None:
            counter.base = counter.at(g)
    post.counted_at = moment


def counter_of(value: Any) -> Counter | None:
    """A counter of a number (which then stays), of ``{"base": 0, "final": 900}``, or of null (unknown)."""
    if value is None:
        return None
    if isinstance(value, dict):
        return Counter(int(value.get("base", 0)), float(value["final"]))
    return Counter(int(value), float(value))


def reactions_of(value: Any) -> list[Reaction]:
    """Reactions of ``{"👍": 5, "custom:123": 2, "paid": 1}`` (numbers, or base and final as for counters)."""
    out = []
    for name, number in (value or {}).items():
        count = counter_of(number)
        if count is None:
            continue
        kind, _, rest = name.partition(":")
        if name == "paid":
            out.append(Reaction("paid", "", count))
        elif kind == "custom" and rest.lstrip("-").isdigit():
            out.append(Reaction("custom", rest, count))
        else:
            out.append(Reaction("emoji", name, count))
    return out


def post_from(channel: Channel, spec: dict[str, Any], at: float) -> Post:
    """A post from its record: id, date, text (with marks), media, counters, and the rest below."""
    text, entities = marked_text(str(spec.get("text", "")))
    date = int(spec.get("date", at))
    post = Post(id=int(spec["id"]), date=date, text=text)
    post.counted_at = channel.time() if "counted_at" not in spec else float(spec["counted_at"])
    if not channel.living:
        post.born = min(post.counted_at, date + float(spec.get("behind", 0)))
    for name in COUNTERS:
        setattr(post, name, counter_of(spec.get(name)))
    post.reactions = reactions_of(spec.get("reactions"))
    fields = post.fields
    if entities:
        fields["entities"] = entities
    if spec.get("media"):
        key = f"{channel.id}:{post.id}"
        fields["media"] = make_media(spec["media"], key, date=date, poll=spec.get("poll"), url=spec.get("url", ""))
    for name in ("grouped_id", "post_author", "silent", "noforwards", "pinned"):
        if spec.get(name):
            fields[name] = spec[name]
    if spec.get("reply_to"):
        fields["reply_to"] = types.MessageReplyHeader(reply_to_msg_id=int(spec["reply_to"]))
    if spec.get("forward"):
        fields["fwd_from"] = _forward(spec["forward"])
    post.edit_date = int(spec["edit_date"]) if spec.get("edit_date") else None
    if spec.get("service"):
        post.action = _service(spec)
        post.fields = {}
    return post


def _forward(spec: dict[str, Any]) -> Any:
    """A forward header: channel_id and post_id, or name alone; date."""
    if spec.get("channel_id") is None:
        return types.MessageFwdHeader(date=int(spec.get("date", 1)), from_name=str(spec.get("name", "Somebody")))
    return types.MessageFwdHeader(
        date=int(spec.get("date", 1)),
        from_id=types.PeerChannel(int(spec["channel_id"])),
        channel_post=int(spec["post_id"]) if spec.get("post_id") is not None else None,
    )


def _service(spec: dict[str, Any]) -> Any:
    if spec["service"] == "title":
        return types.MessageActionChatEditTitle(title=str(spec.get("text", "")))
    if spec["service"] == "pin":
        return types.MessageActionPinMessage()
    if spec["service"] == "create":
        return types.MessageActionChannelCreate(title=str(spec.get("text", "")))
    raise ValueError("service is one of title, pin, create")
