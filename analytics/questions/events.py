"""What happened to a channel: the automatic notes of its charts."""

from dataclasses import replace
from typing import Any

from analytics.queries import Provenance
from analytics.queries.events import BIG_LEAST, BIG_SHARE, LEAST_GAP, Event, events
from analytics.queries.segments import Segment
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.sources import OTHERS_CHANGE
from analytics.schemas.events import EVENTS


def _events(asked: AskedOfChannel) -> Answer:
    query = replace(asked.query, segment=Segment())
    found = events(query, workspace_id=asked.reader.workspace_id)
    newest = max((event.at for event in found), default=None)
    return Answer(
        [_json(event) for event in found],
        {"events": Provenance(None, newest, None)},
        more={"big_share": BIG_SHARE, "big_least": BIG_LEAST, "least_gap_hours": LEAST_GAP.total_seconds() / 3600},
    )


def _json(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "at": iso(event.at),
        "until": iso(event.until) if event.until else None,
        "name": event.name,
        "title": event.title,
        "subscribers": event.subscribers,
        "count": event.count,
        "msg_id": event.message_id,
        "permalink": event.permalink,
        "old": event.old,
        "new": event.new,
        "score": None if event.score is None else round(event.score, 4),
    }


QUESTIONS = (
    ChannelQuestion(
        "events",
        "What happened to the channel.",
        "Observed facts of the period, in order of time: the first mention or forward by each big channel (one with "
        f"at least {BIG_SHARE:.0%} of this channel's subscribers and at least {BIG_LEAST} of its own), posts that ran "
        "ahead of their expectation (of the last 93 days of the period, by the median), gaps of an hour and more in "
        "which something was not observed, files imported by the workspace, and changes of title and username.",
        _events,
        EVENTS,
        moves_every=OTHERS_CHANGE,
        sees_others=lambda _asked: True,
    ),
)
