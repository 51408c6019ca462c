"""Shapes of the network of channels."""

from rest_framework import serializers

from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

_NODE = shape(
    "GraphNode",
    {
        "name": serializers.CharField(help_text="Username, else id."),
        "id": integer(),
        "title": text(),
        "subscribers": integer(),
        "tracked": serializers.BooleanField(help_text="By this workspace."),
        "asked": serializers.BooleanField(help_text="The graph was asked around it."),
        "incoming": integer(null=False, help_text="Posts of the shown edges that point at it."),
        "outgoing": integer(null=False, help_text="Its posts of the shown edges that point at others."),
    },
    many=True,
)
_EDGE = shape(
    "GraphEdge",
    {
        "src": text(),
        "dst": text(),
        "kind": serializers.CharField(help_text="mention or forward."),
        "count": integer(null=False, help_text="Posts of src that point at dst."),
        "first_at": moment(),
        "last_at": moment(),
    },
    many=True,
)

MENTION_GRAPH = shape(
    "MentionGraphAnswer",
    {
        "data": shape("MentionGraph", {"nodes": _NODE, "edges": _EDGE}),
        "meta": meta(
            "MentionGraphMeta", truncated=serializers.BooleanField(help_text="There are more edges than are shown.")
        ),
    },
)

CITATION_INDEX = shape(
    "CitationIndexAnswer",
    {
        "data": shape(
            "CitationRow",
            {
                "channel": serializers.CharField(help_text="Username, else id."),
                "id": integer(),
                "title": text(),
                "subscribers": integer(),
                "rank": fraction("Share of 1 over all channels; null for one that is not public or not computed yet."),
                "index": fraction("Rank × number of channels: 1 is the mean."),
                "place": integer(help_text="1 for the most cited."),
                "citing_channels": integer(help_text="Public channels that mention or forward it."),
                "citing_posts": integer(),
            },
            many=True,
        ),
        "meta": meta(
            "CitationIndexMeta",
            formula=shape(
                "CitationFormula",
                {
                    "text": text(),
                    "d": serializers.FloatField(help_text="Damping."),
                    "w": text(),
                    "W": text(),
                    "D": text(),
                    "N": text(),
                    "tolerance": serializers.FloatField(),
                },
            ),
            computed_at=moment(null=True),
            channels=integer(help_text="N of the last run."),
            edges=integer(),
            iterations=integer(),
        ),
    },
)
