"""What happens now."""

from datetime import timedelta
from typing import Any

from analytics.queries.ledger import LedgerEntry
from analytics.queries.now import (
    HOURS,
    LEAST_AGE,
    LEAST_DAYS,
    STALE_AFTER,
    USUAL_DAYS,
    YOUNG,
    HourNow,
    Now,
    YoungPost,
    now_of,
)
from analytics.queries.question import Provenance
from analytics.queries.rounding import rounded
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.now import NOW

_HOUR = timedelta(hours=1)


def _now(asked: AskedOfChannel) -> Answer:
    found = now_of(asked.query)
    running = found.hours[-1]
    passed = (asked.now - running.start) / _HOUR
    data = {
        "hour": {
            "t": iso(running.start),
            "minutes": int(passed * 60),
            "views": running.views,
            "usual": rounded(running.usual),
            "usual_by_now": rounded(None if running.usual is None else running.usual * passed),
        },
        "hours": [_hour(one) for one in found.hours],
        "subscribers": {
            "since": iso(found.midnight),
            "followers": found.followers.value,
            "change": found.followers_change.value,
        },
        "posts": [_post(one, asked) for one in found.posts],
        "events": [_event(one) for one in found.events],
    }
    more = {"usual_days": USUAL_DAYS, "least_days": LEAST_DAYS}
    return Answer(data, _provenance(found), gaps=found.gaps, more=more)


def _provenance(found: Now) -> dict[str, Provenance]:
    newest = max((entry.at for entry in found.events), default=None)
    return {
        "views_gained": found.gained,
        "followers": found.followers.provenance,
        "views": found.counted,
        "entries": Provenance(None, newest, None),
    }


def _hour(one: HourNow) -> dict[str, Any]:
    return {
        "t": iso(one.start),
        "views": one.views,
        "coverage": rounded(one.share),
        "usual": rounded(one.usual),
        "n": one.n,
    }


def _post(one: YoungPost, asked: AskedOfChannel) -> dict[str, Any]:
    return {
        "msg_id": one.message_id,
        "date": iso(one.published_at),
        "title": one.title,
        "permalink": one.permalink,
        "forwarded": one.is_forward,
        "age_hours": rounded((asked.now - one.published_at) / _HOUR),
        "views": one.views,
        "forwards": one.forwards,
        "replies": one.replies,
        "reactions": one.reactions,
        "observed_at": iso(one.counters_at) if one.counters_at else None,
        "views_per_hour": rounded(one.pace),
        "n": one.n,
        "low": rounded(one.low),
        "median": rounded(one.median),
        "high": rounded(one.high),
        "standing": one.standing,
    }


def _event(one: LedgerEntry) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "at": iso(one.at),
        "msg_id": one.message_id,
        "date": iso(one.published_at),
        "title": one.title,
        "permalink": one.permalink,
    }


QUESTIONS = (
    ChannelQuestion(
        "now",
        "What happens now.",
        f"The last {HOURS} hours by the hour, the running one last: views gained, and the median of the same hour on "
        f"the {USUAL_DAYS} days before (of at least {LEAST_DAYS} that were watched as a whole). `hour`: the running "
        "hour; `usual_by_now` is the usual of the whole hour at an even pace. `posts`: those of the last "
        f"{YOUNG // _HOUR} hours, newest first, with the views they gain per hour (those of the last hour before they "
        f"were read; unknown of a post read before it was {LEAST_AGE // timedelta(minutes=1)} minutes old, or over "
        f"{STALE_AFTER // _HOUR} hours ago) and the "
        "tenth, fiftieth and ninetieth percent of what up to 100 own posts before them had at the same age. "
        "`subscribers`: since local midnight. `events`: edits and deletions seen in the last 24 hours.",
        _now,
        NOW,
        takes_period=False,
        moves_every=timedelta(minutes=1),
        keep_for=30,
    ),
)
