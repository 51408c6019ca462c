"""Who mentioned or forwarded a channel."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import Provenance
from analytics.queries.sources import (
    Direction,
    End,
    OfficialSources,
    Pointing,
    SourceRow,
    official_sources,
    sources,
)
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import MAX_LIMIT, AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.sources import SOURCES

# What other channels do changes the answer without a new version of this one.
OTHERS_CHANGE = timedelta(minutes=2)


def _sources(asked: AskedOfChannel) -> Answer:
    kind = asked.parameters.choice("kind", Pointing.MENTION) if asked.parameters.text("kind") else None
    direction = asked.parameters.choice("direction", Direction.IN)
    channel, query = asked.channel, asked.query
    found = sources(
        query,
        workspace_id=asked.reader.workspace_id,
        tg_id=channel.tg_id,
        username=channel.username,
        kind=kind,
        direction=direction,
        limit=asked.parameters.limit(),
    )
    official = official_sources(query) if direction is Direction.IN else None
    ours = End(channel.username or str(channel.tg_id), channel.tg_id, channel.title, None)
    return Answer(
        [_row_json(row, ours, direction) for row in found.rows],
        {"count": found.provenance},
        more={
            "direction": direction,
            "total": found.total_rows,
            "total_posts": found.total_posts,
            "official": _official_json(official),
        },
    )


def _row_json(row: SourceRow, ours: End, direction: Direction) -> dict[str, Any]:
    src, dst = (row.other, ours) if direction is Direction.IN else (ours, row.other)
    return {
        "src": src.name,
        "dst": dst.name,
        "count": row.count,
        "kind": row.kind,
        "src_id": src.tg_id,
        "src_title": src.title,
        "src_subscribers": src.subscribers,
        "dst_id": dst.tg_id,
        "dst_title": dst.title,
        "dst_subscribers": dst.subscribers,
        "views": row.views,
        "first_at": iso(row.first_at),
        "last_at": iso(row.last_at),
        "evidence": list(row.evidence),
        "examples": [
            {"msg_id": one.message_id, "date": iso(one.published_at), "permalink": one.permalink}
            for one in row.examples
        ],
    }


def _official_json(found: OfficialSources | None) -> dict[str, Any] | None:
    """Telegram's figures; None for those who do not own the channel."""
    if found is None:
        return None
    told: Provenance = found.provenance
    return {
        "views_by_source": dict(found.views),
        "new_followers_by_source": dict(found.new_followers),
        "source": told.source,
        "observed_at": iso(told.observed_at) if told.observed_at else None,
        "coverage": None if told.coverage is None else round(told.coverage, 4),
    }


QUESTIONS = (
    ChannelQuestion(
        "sources",
        "Who mentioned or forwarded the channel.",
        "Channels by the number of their posts of the period that mention or forward this one, by forward headers, "
        "mentions and links; for owners also public reposts as Telegram lists them. Of collected channels only.",
        _sources,
        SOURCES,
        (
            OpenApiParameter("kind", str, enum=list(Pointing), description="Both when absent."),
            OpenApiParameter(
                "direction",
                str,
                enum=list(Direction),
                default=Direction.IN,
                description="in: who points at the channel; out: whom it points at.",
            ),
            OpenApiParameter("limit", int, description=f"1 to {MAX_LIMIT}, 10 when absent."),
        ),
        moves_every=OTHERS_CHANGE,
        sees_others=lambda _asked: True,
    ),
)
