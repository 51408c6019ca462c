"""Over which time a question that chooses its own really told, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics.questions.answering import Answer
from analytics.sections.visit import Visit


@dataclass(frozen=True, slots=True)
class Stretch:
    """From day to day, how it came to be, and how many posts are behind it."""

    words: str
    ends_with: str
    own_choice: bool  # the reader chose no period
    posts: int
    compared: int
    measures: tuple[str, ...]


def stretch_of(answer: Answer, visit: Visit) -> Stretch:
    """The stretch of an answer with `period`, `ends_with`, `posts`, `compared` and `measured_by` in its meta part."""
    period, zone = answer.more["period"], visit.picked.period.zone
    start, end = datetime.fromisoformat(period["from"]), datetime.fromisoformat(period["to"])
    return Stretch(
        words=words.span(start, end, get_language() or "en", zone),
        ends_with=answer.more["ends_with"],
        own_choice=not visit.chosen,
        posts=answer.more["posts"],
        compared=answer.more["compared"],
        measures=tuple(_measure(name, count) for name, count in answer.more["measured_by"].items() if count),
    )


def _measure(name: str, count: int) -> str:
    text = {
        "24h": ngettext(
            "%(count)s post measured by its views after 24 hours.",
            "%(count)s posts measured by their views after 24 hours.",
            count,
        ),
    }.get(
        name,
        ngettext(
            "%(count)s post measured by its latest counter (older than three days).",
            "%(count)s posts measured by their latest counters (older than three days).",
            count,
        ),
    )
    return text % {"count": count} if "%(count)s" in text else _("Not measured.")
