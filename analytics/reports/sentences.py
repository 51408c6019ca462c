"""What a report says in words: each sentence stands on one number, which is named beside it with its source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from analyticbot.core.charts import words
from analytics import wording
from analytics.comparison import change_of
from analytics.metrics import METRICS
from analytics.queries import Provenance
from analytics.questions.answering import Answer
from analytics.sections.words import hour_words

_LONGEST_TITLE = 80
# Which day brought most can only be said of days that were watched; how many posts, only of a history that is whole.
_WATCHED, _WHOLE = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the row behind it: what was measured, its value, and whose word it is."""

    text: str
    metric: str
    value: str
    source: str | None
    observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Told:
    """What sentences are made of."""

    answers: Mapping[str, Answer]
    language: str
    zone: ZoneInfo

    @property
    def numbers(self) -> Answer:
        """The totals of the period beside those of the one before."""
        return self.answers["statistics"]

    def total(self, name: str) -> float | int | None:
        """A total; None is unknown."""
        value: float | int | None = self.numbers.data["totals"][name]
        return value

    def before(self, name: str) -> float | int | None:
        """The same of the period before."""
        value: float | int | None = self.numbers.data["comparison"]["totals"][name]
        return value

    def coverage(self, name: str) -> float | None:
        """Share 0..1 of the period behind a total; None is unknown."""
        return self.numbers.provenance[name].coverage

    def row(self, text: str, metric: str, value: str) -> "Sentence":
        """A sentence that stands on a total."""
        return _sentence(text, metric, value, self.numbers.provenance[metric])


def sentences_of(answers: Mapping[str, Answer], *, language: str, zone: ZoneInfo) -> tuple[Sentence, ...]:
    """The sentences that have a row to stand on, in reading order; what is unknown is said to be."""
    told = _Told(answers, language, zone)
    makers: tuple[Callable[[_Told], Sentence | None], ...] = (
        _subscribers,
        _published,
        _reach,
        _best_post,
        _busiest_day,
        _best_time,
        _pointed_at,
    )
    return tuple(sentence for make in makers if (sentence := make(told)) is not None)


def _subscribers(told: _Told) -> Sentence:
    change, rate = told.total("followers_change"), told.total("growth_rate")
    if change is None:
        text = _("How the number of subscribers changed is unknown: it was not counted at both ends of the period.")
        return told.row(text, "followers_change", words.UNKNOWN)
    named = {
        "number": words.full_number(abs(change), told.language),
        "percent": f" ({words.signed_percent(rate, told.language)})" if rate is not None else "",
        "total": words.full_number(told.total("followers"), told.language),
    }
    if change > 0:
        text = _("Subscribers grew by %(number)s%(percent)s to %(total)s.") % named
    elif change < 0:
        text = _("Subscribers fell by %(number)s%(percent)s to %(total)s.") % named
    else:
        text = _("The number of subscribers stayed at %(total)s.") % named
    return told.row(text, "followers_change", words.signed_number(change, told.language))


def _published(told: _Told) -> Sentence | None:
    posts, before = told.total("posts"), told.before("posts")
    if posts is None or (told.coverage("posts") or 0.0) < _WHOLE:
        return None
    number = words.full_number(posts, told.language)
    text = ngettext("%(number)s post was published", "%(number)s posts were published", int(posts)) % {"number": number}
    if before is not None and change_of("posts", told.numbers) is not None:
        text += " " + _("(%(number)s in the period before)") % {"number": words.full_number(before, told.language)}
    return told.row(text + ".", "posts", number)


def _reach(told: _Told) -> Sentence | None:
    reach = told.total("avg_reach")
    if reach is None:
        return None
    number, change = words.full_number(reach, told.language), change_of("avg_reach", told.numbers)
    named = {"number": number}
    if change is None or change.relative is None:
        text = _("A post was seen %(number)s times on average.") % named
    else:
        named["percent"] = words.signed_percent(change.relative, told.language)
        text = _("A post was seen %(number)s times on average, %(percent)s against the period before.") % named
    return told.row(text, "avg_reach", number)


def _best_post(told: _Told) -> Sentence | None:
    answer = told.answers["top-posts"]
    best: Mapping[str, Any] | None = next((row for row in answer.data if row["views"] is not None), None)
    if best is None:
        return None
    views = words.full_number(best["views"], told.language)
    moment = words.moment_words(_moment(best["date"]), told.language, told.zone, year=False)
    title = shortened(best["title"]) if best["title"] else ""
    if title:
        text = _("The best post was “%(title)s” of %(when)s with %(views)s views.")
    else:
        text = _("The best post was the one of %(when)s, without text, with %(views)s views.")
    provenance = Provenance(best["source"], _moment(best["observed_at"]) if best["observed_at"] else None, None)
    return _sentence(text % {"title": title, "when": moment, "views": views}, "views", views, provenance)


def _busiest_day(told: _Told) -> Sentence | None:
    answer = told.numbers
    known = [point for point in answer.data["points"] if point["views_gained"] is not None]
    # The best of one or two days says nothing, and a day that nobody watched may have been better.
    if len(known) < 3 or (told.coverage("views_gained") or 0.0) < _WATCHED:  # noqa: PLR2004
        return None
    best = max(known, key=lambda point: point["views_gained"])
    if not best["views_gained"]:
        return None
    number = words.full_number(best["views_gained"], told.language)
    moment = _moment(best["t"])
    text = _("Most views came on %(weekday)s, %(day)s: %(views)s.") % {
        "weekday": _ON_WEEKDAYS[moment.astimezone(told.zone).isoweekday()],
        "day": words.day(moment, told.language, told.zone, year=False),
        "views": number,
    }
    return _sentence(text, "views_gained", number, answer.provenance["views_gained"])


def _best_time(told: _Told) -> Sentence | None:
    answer = told.answers["best-time"]
    best = next((cell for cell in answer.data["best"] if cell["enough"] and cell["effect"] is not None), None)
    if best is None or best["effect"] <= 0:
        return None
    count, effect = best["posts"], words.signed_percent(best["effect"], told.language)
    posts = ngettext("%(number)s post", "%(number)s posts", count) % {"number": words.full_number(count, told.language)}
    span = words.span(*_span(answer), told.language, told.zone)
    text = _("Most read on %(weekday)s, %(hours)s: %(effect)s against the usual (%(posts)s, %(span)s).") % {
        "weekday": _ON_WEEKDAYS[best["weekday"]],
        "hours": hour_words(best["hour"]),
        "effect": effect,
        "posts": posts,
        "span": span,
    }
    return _sentence(text, "effect", effect, answer.provenance["effect"])


def _pointed_at(told: _Told) -> Sentence | None:
    answer = told.answers["sources"]
    if not answer.data:
        return None
    first, total = answer.data[0], answer.more["total_posts"]
    number = words.full_number(total, told.language)
    text = ngettext(
        "%(number)s post elsewhere pointed at the channel, most often in %(title)s.",
        "%(number)s posts elsewhere pointed at the channel, most often in %(title)s.",
        total,
    ) % {"number": number, "title": shortened(first["src_title"] or first["src"])}
    return _sentence(text, "count", number, answer.provenance["count"])


def _sentence(text: str, metric: str, value: str, provenance: Provenance) -> Sentence:
    source = wording.SOURCES.get(provenance.source or "")
    return Sentence(text, str(METRICS[metric].label), value, str(source) if source else None, provenance.observed_at)


def shortened(title: str) -> str:
    """A title of one line that leaves room for a sentence around it."""
    line = " ".join(title.split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1].rstrip() + "…"


# Languages bend the names of days by what stands before them.
_ON_WEEKDAYS = {
    1: pgettext_lazy("on", "Monday"),
    2: pgettext_lazy("on", "Tuesday"),
    3: pgettext_lazy("on", "Wednesday"),
    4: pgettext_lazy("on", "Thursday"),
    5: pgettext_lazy("on", "Friday"),
    6: pgettext_lazy("on", "Saturday"),
    7: pgettext_lazy("on", "Sunday"),
}


def _span(answer: Answer) -> tuple[datetime, datetime]:
    period = answer.more["period"]
    return _moment(period["from"]), _moment(period["to"]) - timedelta(microseconds=1)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
