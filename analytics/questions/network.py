"""The network of channels that mention and forward each other."""

from enum import StrEnum
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.network.citations import FORMULA
from analytics.queries.citation import Citation, CitationIndex, citation_index
from analytics.queries.graph import Edge, MentionGraph, Node, mention_graph
from analytics.queries.sources import Pointing
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import Asked
from analytics.questions.declaring import WorkspaceQuestion
from analytics.questions.several import MAX_CHANNELS, all_tracked, channels_asked
from analytics.questions.sources import OTHERS_CHANGE
from analytics.schemas.network import CITATION_INDEX, MENTION_GRAPH

MAX_DEPTH = 2
MAX_EDGES, DEFAULT_EDGES = 1000, 200
MAX_CITATIONS, DEFAULT_CITATIONS = 200, 50


class Scope(StrEnum):
    """Whose channels a list is of."""

    TRACKED = "tracked"
    ALL = "all"


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


def _citation_index(asked: Asked) -> Answer:
    scope = asked.parameters.choice("scope", Scope.TRACKED)
    named = asked.parameters.text("channels") is not None
    limit = asked.parameters.limit(default=DEFAULT_CITATIONS, most=MAX_CITATIONS)
    heads = channels_asked(asked) if named else all_tracked(asked.reader) if scope is Scope.TRACKED else None
    found = citation_index(None if heads is None else [head.id for head in heads], limit=limit)
    return Answer([_citation_json(row) for row in found.rows], {"rank": found.provenance}, more=_run_json(found))


def _citation_json(row: Citation) -> dict[str, Any]:
    return {
        "channel": row.username or str(row.tg_id or row.title),
        "id": row.tg_id,
        "title": row.title,
        "subscribers": row.subscribers,
        "rank": row.rank,
        "index": row.index,
        "place": row.place,
        "citing_channels": row.citing_channels,
        "citing_posts": row.citing_posts,
    }


def _run_json(found: CitationIndex) -> dict[str, Any]:
    run = found.run
    return {
        "formula": FORMULA,
        "computed_at": iso(run.computed_at) if run and run.computed_at else None,
        "channels": run.channels if run else None,
        "edges": run.facts["edges"] if run else None,
        "iterations": run.facts["iterations"] if run else None,
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
            OpenApiParameter(
                "depth",
                int,
                description="1 (when absent): who points at the channels and at whom they point; "
                "2: also at whom those point.",
            ),
            OpenApiParameter("kind", str, enum=list(Pointing), description="Both when absent."),
            OpenApiParameter(
                "limit", int, description=f"Most edges, strongest first: 1 to {MAX_EDGES}, {DEFAULT_EDGES} when absent."
            ),
        ),
        moves_every=OTHERS_CHANGE,
    ),
    WorkspaceQuestion(
        "citation-index",
        "How much channels are mentioned and forwarded by channels that are so themselves.",
        "PageRank over the collected mentions and forwards of public channels; the formula stands in `meta.formula`. "
        "Computed again every few minutes to once a day, by how many channels there are: see `meta.computed_at`.",
        _citation_index,
        CITATION_INDEX,
        (
            CHANNELS,
            OpenApiParameter(
                "scope",
                str,
                enum=list(Scope),
                default=Scope.TRACKED,
                description="Without `channels`: those the workspace tracks, or all public ones that are collected.",
            ),
            OpenApiParameter(
                "limit", int, description=f"1 to {MAX_CITATIONS}, best first; {DEFAULT_CITATIONS} when absent."
            ),
        ),
        takes_period=False,
        moves_every=OTHERS_CHANGE,
    ),
)
