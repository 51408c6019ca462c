"""Shapes of lists of posts."""

from typing import Any

from rest_framework import serializers

from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text


def listed() -> dict[str, Any]:
    """Fields of a post as lists show it."""
    return {
        "msg_id": integer(null=False),
        "date": moment(),
        "views": integer(),
        "forwards": integer(),
        "replies": integer(),
        "reactions": integer(help_text="All kinds together."),
        "er_views": fraction("(Forwards + reactions + comments) ÷ views × 100."),
        "virality": fraction("Forwards ÷ views."),
        "title": text(),
        "permalink": text(null=True),
        "media": text(),
        "album_size": integer(null=False, help_text="Number of messages that make the post."),
        "is_forward": serializers.BooleanField(),
        "pinned": serializers.BooleanField(),
        "edited_at": moment(null=True),
        "deleted_at": moment(null=True),
        "source": text(null=True),
        "observed_at": moment(null=True),
        "approximate": serializers.BooleanField(),
    }


def next_page() -> Any:
    """Cursor of the next page; absent on the last."""
    return serializers.CharField(required=False)


POSTS = shape(
    "PostsAnswer",
    {
        "data": shape("ListedPost", listed(), many=True),
        "meta": meta("PostsMeta", next=next_page(), note=serializers.CharField(required=False)),
    },
)

TOP_POSTS = shape(
    "TopPostsAnswer",
    {
        "data": shape(
            "TopPost",
            {
                **listed(),
                "growth": serializers.IntegerField(
                    required=False, allow_null=True, help_text="Views gained within the period; by this order only."
                ),
                "ctr": serializers.FloatField(
                    required=False, allow_null=True, help_text="Clicks ÷ views × 100; by this order only."
                ),
            },
            many=True,
        ),
        "meta": meta("TopPostsMeta"),
    },
)
