"""One post: all that is known of it, and its curve."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import NotFound
from analytics.metrics import METRICS
from analytics.queries import Provenance
from analytics.queries.curve import AtAge, Expected, Life, at_ages, expected_band, half_life
from analytics.queries.post import PostDetail, post_detail, post_life
from analytics.queries.posts import permalink
from analytics.queries.question import title_of
from analytics.queries.rounding import quotient, rounded
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.post import CURVE, POST
from mtproto.records import Source


def _post(asked: AskedOfChannel) -> Answer:
    found = post_detail(asked.query, int(asked.path["msg_id"]))
    if found is None:
        raise _not_found()
    band = expected_band(asked.channel.id, found.row["id"], published_at=found.life.published_at)
    row, life = found.row, found.life
    data = {
        **_identity(row, found.permalink),
        **_content(row),
        **_counters(row),
        "forward": _forward(row),
        "revisions": [_moments(one, "seen_at", "replaced_at") for one in found.revisions],
        "references": list(found.references),
        "public_forwards": _public_forwards(found),
        "curve": curve_json(life),
        "curve_dropped_at": _iso_or_none(life.dropped_at),
        **_half_life(life, now=asked.now),
        "ages": [_at_age(one) | _expected(band[one.age]) for one in at_ages(life)],
    }
    provenance = _provenance(life, row["counters_source"])
    if found.public_forwards is not None:
        seen = [one["last_seen_at"] for one in found.public_forwards]
        provenance["public_forwards"] = Provenance(Source.OFFICIAL, max(seen, default=None), None)
    return Answer(data, provenance, more={"period": _lifetime(life, asked)})


def _curve(asked: AskedOfChannel) -> Answer:
    found = post_life(asked.channel.id, int(asked.path["msg_id"]))
    if found is None:
        raise _not_found()
    life = found.life
    data = {
        "msg_id": found.message_id,
        "date": iso(life.published_at),
        "points": curve_json(life),
        "curve_dropped_at": _iso_or_none(life.dropped_at),
        **_half_life(life, now=asked.now),
        "ages": [_at_age(one) for one in at_ages(life)],
    }
    return Answer(data, _provenance(life, found.source), more={"period": _lifetime(life, asked)})


def _not_found() -> NotFound:
    return NotFound(_("This channel has no such post, as far as it was collected."))


def curve_json(life: Life) -> list[dict[str, Any]]:
    """The readings of a post, oldest first."""
    return [
        {
            "t": iso(reading.observed_at),
            "age_seconds": int((reading.observed_at - life.published_at).total_seconds()),
            "views": reading.views,
            "forwards": reading.forwards,
            "replies": reading.replies,
            "reactions": reading.reactions,
            "source": reading.source,
            "approximate": reading.approximate,
        }
        for reading in life.readings
    ]


def _identity(row: Mapping[str, Any], link: str | None) -> dict[str, Any]:
    return {
        "msg_id": row["message_id"],
        "item_ids": row["item_ids"] or [row["message_id"]],
        "album_size": max(len(row["item_ids"]), 1),
        "date": iso(row["published_at"]),
        "permalink": link,
        "edited_at": _iso_or_none(row["edited_at"]),
        "deleted_at": _iso_or_none(row["deleted_at"]),
        "first_seen_at": iso(row["first_seen_at"]),
        "first_source": row["first_source"],
    }


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title_of(row["text"]),
        "text": row["text"],
        "entities": [
            {"kind": kind, "offset": offset, "length": length, "url": url}
            for kind, offset, length, url in row["entities"]
        ],
        "hashtags": row["hashtags"],
        "media": row["media_kind"],
        "author": row["post_author"],
        "reply_to": row["reply_to_message_id"],
        "silent": row["silent"],
        "pinned": row["pinned"],
        "is_forward": row["is_forward"],
        "poll": _poll(row["poll"]),
    }


def _poll(poll: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if poll is None:
        return None
    return {
        "question": poll["question"],
        "options": [{"text": text, "votes": votes} for text, votes in poll["options"]],
        "total_voters": poll["total_voters"],
        "closed": poll["closed"],
    }


def _counters(row: Mapping[str, Any]) -> dict[str, Any]:
    views, forwards = row["views"], row["forwards"]
    told = [value for value in (forwards, row["replies"], row["reactions_total"]) if value is not None]
    kinds = row["reactions"]
    return {
        "views": views,
        "forwards": forwards,
        "replies": row["replies"],
        "reactions": row["reactions_total"],
        "reactions_by_kind": None if kinds is None else [{"kind": kind, "count": n} for kind, n in _most_first(kinds)],
        "er_views": rounded(quotient(sum(told) if told else None, views, 100), METRICS["er_views"].digits),
        "virality": rounded(quotient(forwards, views), METRICS["virality"].digits),
        "source": row["counters_source"],
        "observed_at": _iso_or_none(row["counters_at"]),
        "approximate": row["counters_approximate"],
    }


def _most_first(kinds: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(kinds.items(), key=lambda item: (-item[1], item[0]))


def _forward(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a forwarded post came from."""
    if not row["is_forward"]:
        return None
    name, tg_id, message_id = row["forward_username"], row["forward_from_tg_id"], row["forward_message_id"]
    return {
        "channel_id": tg_id,
        "username": name,
        "name": row["forward_from_name"],
        "msg_id": message_id,
        "date": _iso_or_none(row["forward_date"]),
        "permalink": permalink(name, tg_id, message_id) if message_id else None,
    }


def _public_forwards(found: PostDetail) -> list[dict[str, Any]] | None:
    if found.public_forwards is None:
        return None
    return [
        _moments(one, "date", "first_seen_at", "last_seen_at")
        | {"permalink": permalink(one["username"], one["channel_id"], one["msg_id"])}
        for one in found.public_forwards
    ]


def _half_life(life: Life, *, now: datetime) -> dict[str, Any]:
    found = half_life(life, now=now)
    return {
        "half_life_seconds": None if found.seconds is None else round(found.seconds),
        "half_life_note": found.note,
    }


def _at_age(one: AtAge) -> dict[str, Any]:
    return {"age": one.age, "age_seconds": one.seconds, "views": rounded(one.views), "share": rounded(one.share)}


def _expected(band: Expected) -> dict[str, Any]:
    return {
        "expected_low": rounded(band.low),
        "expected_median": rounded(band.median),
        "expected_high": rounded(band.high),
        "expected_n": band.n,
    }


def _provenance(life: Life, source: str | None) -> dict[str, Provenance]:
    note = "approximate" if life.approximate else None
    exact = [one for one in life.readings if one.views is not None and not one.approximate]
    rest = None if len(exact) == len(life.readings) else "approximate"
    return {
        "views": Provenance(source, life.counters_at, 0.0 if life.views is None else 1.0, note),
        "curve": Provenance(
            life.readings[-1].source if life.readings else None,
            life.readings[-1].observed_at if life.readings else None,
            len(exact) / len(life.readings) if life.readings else None,
            rest if life.dropped_at is None else "not_kept",
        ),
    }


def _lifetime(life: Life, asked: AskedOfChannel) -> dict[str, str]:
    """The period of an answer about a post: from its publication up to now."""
    return {"from": iso(life.published_at), "to": iso(asked.now), "zone": str(asked.period.zone)}


def _moments(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: _iso_or_none(row[name]) for name in names}}


def _iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


QUESTIONS = (
    ChannelQuestion(
        "post",
        "One post with all that is known of it.",
        "Text, counters, reactions, poll, origin, earlier texts, references, public forwards (for owners), the curve "
        "of its views, its half-life, and its views at equal ages beside what the channel's other posts had then. The "
        "id of any message of an album leads to the album.",
        _post,
        POST,
        route="posts/<int:msg_id>",
        takes_period=False,
    ),
    ChannelQuestion(
        "post-curve",
        "The curve of one post.",
        "Every reading of its counters since publication, its half-life, and its views at equal ages.",
        _curve,
        CURVE,
        route="posts/<int:msg_id>/curve",
        takes_period=False,
    ),
)
