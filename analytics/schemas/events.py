"""Shape of what happened to a channel."""

from rest_framework import serializers

from analytics.queries.events import EventKind
from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

EVENTS = shape(
    "EventsAnswer",
    {
        "data": shape(
            "ChannelEvent",
            {
                "kind": serializers.ChoiceField(list(EventKind)),
                "at": moment(),
                "until": moment(null=True),
                "name": serializers.CharField(
                    allow_null=True, help_text="Username or id of the other channel; name of an imported file."
                ),
                "title": serializers.CharField(
                    allow_null=True, allow_blank=True, help_text="Of the other channel, or of the post."
                ),
                "subscribers": integer(help_text="Of the other channel."),
                "count": integer(help_text="Its posts of the period that point here; messages of an imported file."),
                "msg_id": integer(help_text="The other channel's first such post, or the post that ran ahead."),
                "permalink": text(null=True),
                "old": text(null=True),
                "new": text(null=True),
                "score": fraction("How many spreads the post stands above its expectation."),
            },
            many=True,
        ),
        "meta": meta(
            "EventsMeta",
            big_share=fraction("Share of this channel's subscribers from which on another one is big."),
            big_least=integer(null=False, help_text="And so many of its own."),
            least_gap_hours=fraction(),
        ),
    },
)
