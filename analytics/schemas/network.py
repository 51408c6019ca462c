"""Shapes of the network of channels."""

from rest_framework import serializers

from analytics.schemas.shapes import integer, meta, moment, shape, text

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
        "kind": serializers.ChoiceField(["mention", "forward"]),
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
