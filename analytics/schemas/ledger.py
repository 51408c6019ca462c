"""Shape of the ledger of edits and deletions."""

from rest_framework import serializers

from analytics.schemas.posts import next_page
from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

LEDGER = shape(
    "LedgerAnswer",
    {
        "data": shape(
            "LedgerEntry",
            {
                "kind": serializers.ChoiceField(["edit", "deletion"]),
                "at": serializers.DateTimeField(help_text="When it was first seen."),
                "msg_id": integer(null=False),
                "date": serializers.DateTimeField(help_text="Publication of the post."),
                "age_seconds": integer(null=False, help_text="Age of the post when it was first seen."),
                "title": text(),
                "permalink": text(null=True),
                "seen_before": serializers.DateTimeField(
                    allow_null=True,
                    help_text="Deletions: when the post was last seen. Edits: since when the text before had stood.",
                ),
                "before": text(null=True),
                "after": text(null=True),
                "stood_hours": fraction("From publication until the post was found deleted."),
                "stood_hours_at_least": fraction("From publication until the post was last seen."),
                "views": integer(help_text="Latest; of a deleted post, at its end."),
                "forwards": integer(),
                "replies": integer(),
                "reactions": integer(),
                "source": text(null=True),
                "observed_at": moment(null=True),
                "approximate": serializers.BooleanField(),
            },
            many=True,
        ),
        "meta": meta("LedgerMeta", next=next_page()),
    },
)
