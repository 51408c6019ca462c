"""What happens now: this hour against the usual one, young posts against their band, what was seen last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Comparison, Gap, Point, RenderedChart, Shape
from analytics.questions.answering import Answer
from analytics.sections.explaining import Told, told
from analytics.sections.visit import Visit

# The page's own clock: hours pass without any news.
MOVES_EVERY = timedelta(minutes=1)
MOST_EVENTS = 12
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# A part of a time that was watched less than this is not held against the usual of the whole.
_LEAST_WATCHED = 0.9
# Nor are the first minutes of an hour: counters are read every few minutes.
_LEAST_MINUTES = 10
_STANDING: Mapping[str, tuple[Promise, str]] = {
    "above": (gettext_lazy("above the usual"), "badge--good"),
    "within": (gettext_lazy("as usual"), ""),
    "below": (gettext_lazy("below the usual"), "badge--warn"),
}
_KINDS: Mapping[str, tuple[Promise, str]] = {
    "new": (gettext_lazy("New"), "badge--good"),
    "edit": (gettext_lazy("Edited"), "badge--busy-still"),
    "deletion": (gettext_lazy("Deleted"), "badge--bad"),
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One of the four numbers on top. `change`: percent against the usual; `beside`: the usual, or the whole."""

    name: str
    label: str
    value: int | float | None
    told: Told
    signed: bool = False
    change: float | None = None
    beside: float | None = None
    # Of how many of how many posts it is told.
    counted: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Young:
    """A post of the table, with a word on how it does."""

    post: Mapping[str, Any]
    word: Promise | None
    look: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that was seen to happen."""

    key: str
    word: Promise
    look: str
    at: str
    post: Mapping[str, Any]


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    answer = visit.ask("now")
    return {
        "headlines": tuple(_headlines(answer)),
        "hour": answer.data["hour"],
        "chart": _chart(visit, answer),
        "hours_told": told(answer.provenance["views_gained"], _hours_words(answer)),
        "posts": [_young(post) for post in answer.data["posts"]],
        "posts_told": told(answer.provenance["views"], _posts_words()),
        "seen": sorted(_seen(visit, answer), key=lambda one: one.at, reverse=True)[:MOST_EVENTS],
    }


def _headlines(answer: Answer) -> Iterator[Headline]:
    hour, gained = answer.data["hour"], answer.provenance["views_gained"]
    by_now = hour["usual_by_now"]
    words = _hours_words(answer)
    running = answer.data["hours"][-1]["coverage"]
    change = _against(hour["views"], by_now) if hour["minutes"] >= _LEAST_MINUTES else None
    yield Headline(
        "hour",
        _("Views this hour"),
        hour["views"],
        told(replace(gained, coverage=running), words),
        change=_of_watched(change, running),
        beside=by_now,
    )
    views, usual = _sum(answer, "views"), _sum(answer, "usual")
    # Of the running hour only what belongs to the minutes that have passed.
    usual = None if usual is None or by_now is None else usual - hour["usual"] + by_now
    change = _of_watched(_against(views, usual), gained.coverage)
    yield Headline("day", _("Views of 24 hours"), views, told(gained, words), change=change, beside=usual)
    subscribers = answer.data["subscribers"]
    since = (_("Change"), _("Subscribers now less those at the last midnight of the channel's day."))
    yield Headline(
        "subscribers",
        _("Subscribers since midnight"),
        subscribers["change"],
        told(answer.provenance["followers"], [since]),
        signed=True,
        beside=subscribers["followers"],
    )
    yield _pace(answer)


def _pace(answer: Answer) -> Headline:
    """What the channel's own posts gain together, and of how many of them that is known."""
    posts = [post for post in answer.data["posts"] if not post["forwarded"]]
    pace = [post["views_per_hour"] for post in posts if post["views_per_hour"] is not None]
    share = len(pace) / len(posts) if posts else None
    return Headline(
        "pace",
        _("Views per hour"),
        round(sum(pace)) if pace else None,
        told(replace(answer.provenance["views"], coverage=share), _posts_words()[:1]),
        counted=len(pace),
        of=len(posts),
    )


def _of_watched(change: float | None, share: float | None) -> float | None:
    """A change against the usual; None where too little was watched to tell one."""
    return None if share is None or share < _LEAST_WATCHED else change


def _sum(answer: Answer, name: str) -> float | None:
    """Over the hours; unknown where any hour of the usual is, or no hour is known."""
    known = [hour[name] for hour in answer.data["hours"] if hour[name] is not None]
    if not known or (name == "usual" and len(known) < len(answer.data["hours"])):
        return None
    return float(sum(known))


def _against(value: float | None, usual: float | None) -> float | None:
    return None if value is None or not usual else (value / usual - 1) * 100


def _chart(visit: Visit, answer: Answer) -> RenderedChart:
    """Hour by hour, the usual behind."""
    hours = [(datetime.fromisoformat(hour["t"]), hour) for hour in answer.data["hours"]]
    start, end = hours[0][0], hours[-1][0] + _HOUR
    usual = tuple(Point(at, hour["usual"], at + _HOUR) for at, hour in hours)
    dark = [Gap(at, at + _HOUR) for at, hour in hours if hour["views"] is None]
    gaps = [Gap(max(at, start), min(to, end)) for at, to in answer.gaps or () if at < end and to > start]
    return visit.draw(
        Chart(
            name="hours",
            title=_("Views gained, hour by hour"),
            shape=Shape.BARS,
            points=tuple(Point(at, hour["views"], at + _HOUR) for at, hour in hours),
            start=start,
            end=end,
            zone=visit.picked.period.zone,
            language=get_language() or "en",
            gaps=tuple(gaps or dark),
            colour=3,
            label=_("Gained"),
            comparison=Comparison(_("Usual in this hour"), usual, start)
            if any(point.value is not None for point in usual)
            else None,
        )
    )


def _young(post: Mapping[str, Any]) -> Young:
    word, look = _STANDING.get(post["standing"] or "", (None, ""))
    return Young(post, word, look)


def _seen(visit: Visit, answer: Answer) -> Iterator[Seen]:
    since = (visit.now - _DAY).isoformat()
    for post in answer.data["posts"]:
        if datetime.fromisoformat(post["date"]) >= datetime.fromisoformat(since):
            yield _one("new", post["date"], post)
    for event in answer.data["events"]:
        yield _one(event["kind"], event["at"], event)


def _one(kind: str, at: str, post: Mapping[str, Any]) -> Seen:
    word, look = _KINDS[kind]
    return Seen(f"{kind}-{post['msg_id']}-{at}", word, look, at, post)


def _hours_words(answer: Answer) -> list[tuple[str, str]]:
    days = {"days": answer.more["usual_days"], "least": answer.more["least_days"]}
    return [
        (_("Views gained"), _("What all posts of the channel gained in the hour while it was watched.")),
        (
            _("Usual"),
            _(
                "The median of the same hour on the %(days)s days before, if at least %(least)s of them were watched. "
                "Of the running hour, the part that belongs to the minutes passed."
            )
            % days,
        ),
    ]


def _posts_words() -> list[tuple[str, str]]:
    return [
        (
            _("Views per hour"),
            _("Views gained in the last hour before the counters were read; of a younger post, since publication."),
        ),
        (
            _("Usual at its age"),
            _("The median of what up to 100 earlier posts had at the same age; eight of ten lie within the range."),
        ),
    ]
