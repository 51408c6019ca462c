"""Shapes of lists of posts."""

from rest_framework import serializers

from analytics.schemas.shapes import integer, meta, moment, shape, text

TOP_POSTS = shape(
    "TopPostsAnswer",
    {
        "data": shape(
            "TopPost",
            {
                "msg_id": integer(null=False),
                "date": moment(),
                "views": integer(),
                "forwards": integer(),
                "replies": integer(),
                "reactions": integer(),
                "title": text(),
                "permalink": text(null=True),
                "media": text(),
                "is_forward": serializers.BooleanField(),
            },
            many=True,
        ),
        "meta": meta("TopPostsMeta"),
    },
)
