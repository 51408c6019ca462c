"""Shapes of one post and of its curve."""

from typing import Any

from rest_framework import serializers

from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text


def _optional(name: str, fields: dict[str, Any]) -> Any:
    """A part that may be null."""
    return shape(name, fields, null=True)


def _rows_or_null(name: str, fields: dict[str, Any]) -> Any:
    return shape(name, fields, many=True, null=True)


def _reading() -> Any:
    return shape(
        "CurveReading",
        {
            "t": moment(),
            "age_seconds": integer(null=False, help_text="Since publication."),
            "views": integer(),
            "forwards": integer(),
            "replies": integer(),
            "reactions": integer(),
            "source": text(),
            "approximate": serializers.BooleanField(),
        },
        many=True,
    )


def _dropped() -> Any:
    return moment(null=True, help_text="When the readings but the last were dropped; null: they are kept.")


def _half_life() -> dict[str, Any]:
    return {
        "half_life_seconds": integer(help_text="Age at which half of the views of the first 7 days had come."),
        "half_life_note": serializers.ChoiceField(
            ["forward", "deleted", "too_young", "not_kept", "not_observed", "no_views", "first_seen_late"],
            allow_null=True,
            help_text="Why there is no half-life.",
        ),
    }


def _at_age() -> dict[str, Any]:
    return {
        "age": text(),
        "age_seconds": integer(null=False),
        "views": fraction("Interpolated between readings; null where they are too far."),
        "share": fraction("Share 0..1 of the views the post has now."),
    }


_IDENTITY = {
    "msg_id": integer(null=False),
    "item_ids": serializers.ListField(child=serializers.IntegerField()),
    "album_size": integer(null=False),
    "date": moment(),
    "permalink": text(null=True),
    "edited_at": moment(null=True),
    "deleted_at": moment(null=True),
    "first_seen_at": moment(),
    "first_source": text(),
}
_ENTITY = {
    "kind": text(),
    "offset": integer(null=False, help_text="In UTF-16 code units, as Telegram counts."),
    "length": integer(null=False),
    "url": text(null=True),
}
_OPTION = {"text": text(), "votes": integer()}
_CONTENT = {
    "title": text(),
    "text": text(),
    "entities": shape("PostEntity", _ENTITY, many=True),
    "hashtags": serializers.ListField(child=serializers.CharField()),
    "media": text(),
    "author": text(null=True),
    "reply_to": integer(),
    "silent": serializers.BooleanField(),
    "pinned": serializers.BooleanField(),
    "is_forward": serializers.BooleanField(),
    "poll": _optional(
        "PostPoll",
        {
            "question": text(),
            "options": shape("PollOption", _OPTION, many=True),
            "total_voters": integer(),
            "closed": serializers.BooleanField(),
        },
    ),
}
_COUNTERS = {
    "views": integer(),
    "forwards": integer(),
    "replies": integer(),
    "reactions": integer(help_text="All kinds together."),
    "reactions_by_kind": _rows_or_null(
        "ReactionKind",
        {"kind": text(), "count": integer(null=False)},
    ),
    "er_views": fraction("(Forwards + reactions + comments) ÷ views × 100."),
    "virality": fraction("Forwards ÷ views."),
    "source": text(null=True),
    "observed_at": moment(null=True),
    "approximate": serializers.BooleanField(),
}
_ORIGIN = {
    "channel_id": integer(),
    "username": text(null=True),
    "name": text(null=True),
    "msg_id": integer(),
    "date": moment(null=True),
    "permalink": text(null=True),
}
_PUBLIC_FORWARD = {
    "channel_id": integer(null=False),
    "username": text(null=True),
    "title": text(null=True),
    "msg_id": integer(null=False),
    "date": moment(null=True),
    "views": integer(),
    "first_seen_at": moment(),
    "last_seen_at": moment(),
    "permalink": text(null=True),
}
_AGE_WITH_BAND = {
    **_at_age(),
    "expected_low": fraction("10th percentile of the channel's other posts at that age."),
    "expected_median": fraction(),
    "expected_high": fraction("90th percentile."),
    "expected_n": integer(null=False, help_text="Posts behind the expectation."),
}

POST = shape(
    "PostAnswer",
    {
        "data": shape(
            "Post",
            {
                **_IDENTITY,
                **_CONTENT,
                **_COUNTERS,
                "forward": _optional("ForwardOrigin", _ORIGIN),
                "revisions": shape(
                    "PostRevision", {"text": text(), "seen_at": moment(), "replaced_at": moment()}, many=True
                ),
                "references": shape(
                    "PostReference",
                    {"kind": text(), "url": text(null=True), "username": text(null=True), "msg_id": integer()},
                    many=True,
                ),
                "public_forwards": _rows_or_null("PublicForward", _PUBLIC_FORWARD),
                "curve": _reading(),
                "curve_dropped_at": _dropped(),
                **_half_life(),
                "ages": shape("PostAtAge", _AGE_WITH_BAND, many=True),
            },
        ),
        "meta": meta("PostMeta"),
    },
)

CURVE = shape(
    "CurveAnswer",
    {
        "data": shape(
            "Curve",
            {
                "msg_id": integer(null=False),
                "date": moment(),
                "points": _reading(),
                "curve_dropped_at": _dropped(),
                **_half_life(),
                "ages": shape("CurveAtAge", _at_age(), many=True),
            },
        ),
        "meta": meta("CurveMeta"),
    },
)
