"""The network of channels that mention and forward each other."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries.graph import Edge, MentionGraph, Node, mention_graph
from analytics.queries.sources import Pointing
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import Asked
from analytics.questions.declaring import WorkspaceQuestion
from analytics.questions.several import MAX_CHANNELS, all_tracked, channels_asked
from analytics.schemas.network import MENTION_GRAPH

MAX_DEPTH = 2
MAX_EDGES, DEFAULT_EDGES = 1000, 200

CHANNELS = OpenApiParameter(
    "channels",
    str,
    description=f"Up to {MAX_CHANNELS} tracked channels, separated by commas, by @username or bare id. "
    "All that the workspace tracks when absent.",
)


def _mention_graph(asked: Asked) -> Answer:
    named = asked.parameters.text("channels") is not None
    heads = channels_asked(asked) if named else all_tracked(asked.reader)
    found = mention_graph(
        [head.id for head in heads],
        period=asked.period,
        workspace_id=asked.reader.workspace_id,
        depth=asked.parameters.whole("depth", least=1, most=MAX_DEPTH, default=1),
        kind=asked.parameters.choice("kind", Pointing.MENTION) if asked.parameters.text("kind") else None,
        limit=asked.parameters.limit(default=DEFAULT_EDGES, most=MAX_EDGES),
    )
    return Answer(_graph_json(found), {"count": found.provenance}, more={"truncated": found.truncated})


def _graph_json(graph: MentionGraph) -> dict[str, Any]:
    names = {node.channel_id: node.name for node in graph.nodes}
    return {
        "nodes": [_node_json(node, graph.edges) for node in graph.nodes],
        "edges": [
            {
                "src": names[edge.src],
                "dst": names[edge.dst],
                "kind": edge.kind,
                "count": edge.count,
                "first_at": iso(edge.first_at),
                "last_at": iso(edge.last_at),
            }
            for edge in graph.edges
        ],
    }


def _node_json(node: Node, edges: tuple[Edge, ...]) -> dict[str, Any]:
    return {
        "name": node.name,
        "id": node.tg_id,
        "title": node.title,
        "subscribers": node.subscribers,
        "tracked": node.tracked,
        "asked": node.asked,
        "incoming": sum(edge.count for edge in edges if edge.dst == node.channel_id),
        "outgoing": sum(edge.count for edge in edges if edge.src == node.channel_id),
    }


QUESTIONS = (
    WorkspaceQuestion(
        "mention-graph",
        "Who points at whom around some channels.",
        "Nodes are collected channels, edges the posts of the period with which one mentions or forwards the other. "
        "Channels that are not public are shown only to workspaces that track them.",
        _mention_graph,
        MENTION_GRAPH,
        (
            CHANNELS,
            OpenApiParameter("depth", int, description=f"Steps from the channels, 1 to {MAX_DEPTH}; 1 when absent."),
            OpenApiParameter("kind", str, enum=list(Pointing), description="Both when absent."),
            OpenApiParameter(
                "limit", int, description=f"Most edges, strongest first: 1 to {MAX_EDGES}, {DEFAULT_EDGES} when absent."
            ),
        ),
    ),
)
