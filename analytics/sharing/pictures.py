"""Pictures of a link for other sites: the badge (SVG), and the preview of messengers (PNG, 1200 × 630).

The numbers are those of the page. A link with a password has pictures without any, and without the channel's name.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils.html import escape
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.files import chart_png
from analytics.metrics import METRICS
from analytics.picker import Picked
from analytics.questions import CHANNEL_QUESTIONS
from analytics.questions.answering import Answer
from analytics.questions.asking import AskedOfChannel, Parameters
from analytics.sharing.models import SharedLink
from analytics.sharing.previews import Story, preview_document, text_width
from analytics.sharing.visiting import head_of, label_of, picked_of, reader_of, sections_of
from channels_app.models import TrackedChannel
from channels_app.queries import tracked_by_id

# Rendered pictures are kept this long, by what they show; whoever asks has passed the link before.
_KEPT = 600  # seconds
# What a badge can tell, and the sections that tell it as well.
BADGES = {"subscribers": ("followers", {"overview", "growth"}), "reach": ("avg_reach", {"overview"})}
_INKS = {"light": ("#f1efea", "#575b66", "#2350c9", "#ffffff"), "dark": ("#20242c", "#a4abb8", "#8fb0ff", "#0d1526")}
_SIZE, _HEIGHT, _PAD = 11, 22, 8
_QUESTIONS = {question.name: question for question in CHANNEL_QUESTIONS}


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture is made of. `tracked` None: the link tells nothing of its channel to who asks for pictures."""

    link: SharedLink
    tracked: TrackedChannel | None
    picked: Picked | None
    language: str
    now: datetime

    def tag(self, *what: str) -> str:
        """An ETag of all that the picture depends on."""
        link, period = self.link, self.picked.period if self.picked else None
        parts = [link.digest, link.name, link.sections, link.owner_facts, bool(link.password), self.language, *what]
        if self.tracked and period:
            channel = self.tracked.channel
            parts += [channel.version, channel.title, channel.username, period.start, period.end]
        return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Picture:
    """An answer that is drawn only if the asker has not got it yet."""

    etag: str
    content_type: str
    make: Callable[[], bytes]

    def draw(self) -> bytes:
        """The picture, kept for a while."""
        kept: bytes | None = cache.get(f"share-picture:{self.etag}")
        if kept is None:
            kept = self.make()
            cache.set(f"share-picture:{self.etag}", kept, _KEPT)
        return kept


def picture_facts(link: SharedLink, *, language: str, now: datetime) -> PictureFacts:
    """Two small reads at most."""
    if link.password:
        return PictureFacts(link, None, None, language, now)
    if link.preset == "all":
        tracked = tracked_by_id(link.workspace, link.tracked_id)
        oldest = getattr(tracked, "oldest", None)
    else:
        tracked, oldest = TrackedChannel.objects.select_related("channel").filter(pk=link.tracked_id).first(), None
    return PictureFacts(link, tracked, picked_of(link, oldest=oldest, now=now), language, now)


def badge(facts: PictureFacts, *, of: str, theme: str) -> Picture:
    """The badge of a number: `of` subscribers or reach, `theme` light or dark."""
    of = of if of in BADGES else "subscribers"
    colours = theme if theme in _INKS else "light"
    return Picture(
        facts.tag("badge", of, colours),
        "image/svg+xml; charset=utf-8",
        lambda: _badge(facts, of=of, colours=colours).encode(),
    )


def card_picture(facts: PictureFacts) -> Picture:
    """The preview of the link."""
    return Picture(facts.tag("preview"), "image/png", lambda: chart_png(preview_document(_story(facts)), zoom=1))


def _badge(facts: PictureFacts, *, of: str, colours: str) -> str:
    name, sections = BADGES[of]
    label = str(METRICS[name].label)
    if facts.tracked is None or not sections & set(facts.link.sections):
        label, value = _("Statistics"), _("shared")
    else:
        value = words.compact_number(_headline(facts).get(name), facts.language)
    ground, ink, accent, on_accent = _INKS[colours]
    first, second = _width(label) + 2 * _PAD, _width(value) + 2 * _PAD
    line = _HEIGHT - 7
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}: {escape(value)}" lang="{facts.language}">'
        f"<title>{escape(label)}: {escape(value)}</title>"
        f'<clipPath id="r"><rect width="{first + second}" height="{_HEIGHT}" rx="5"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{first}" height="{_HEIGHT}" fill="{ground}"/>'
        f'<rect x="{first}" width="{second}" height="{_HEIGHT}" fill="{accent}"/></g>'
        f'<g font-family="\'DejaVu Sans\',Verdana,Geneva,sans-serif" font-size="{_SIZE}">'
        f'<text x="{_PAD}" y="{line}" fill="{ink}" textLength="{first - 2 * _PAD}">{escape(label)}</text>'
        f'<text x="{first + _PAD}" y="{line}" fill="{on_accent}" textLength="{second - 2 * _PAD}">'
        f"{escape(value)}</text>"
        "</g></svg>\n"
    )


def _story(facts: PictureFacts) -> Story:
    if facts.tracked is None or facts.picked is None:
        return Story(title=_("Shared statistics"), line=_("Protected by a password"), language=facts.language)
    channel = facts.tracked.channel
    title = channel.title or (f"@{channel.username}" if channel.username else _("Telegram channel"))
    told = [f"@{channel.username}"] if channel.username and channel.title else []
    line = " · ".join([*told, facts.picked.words])
    if "overview" not in facts.link.sections:
        sections = ", ".join(str(label_of(name)) for name in sections_of(facts.link))
        return Story(title=title, line=line, more=sections, language=facts.language)
    data = _headline(facts)
    return Story(
        title=title,
        line=line,
        figures=tuple(_figure(name, data, facts.language) for name in ("followers", "avg_reach", "err")),
        curve=_curve(facts),
        language=facts.language,
    )


def _figure(name: str, data: dict[str, Any], language: str) -> tuple[str, str]:
    value, metric = data.get(name), METRICS[name]
    told = words.percent(value, language) if metric.unit == "percent" else words.compact_number(value, language)
    return str(metric.label), told


def _headline(facts: PictureFacts) -> dict[str, Any]:
    """The headline numbers, by the question that the page and the API ask."""
    return dict(_ask(facts, "overview").data)


def _curve(facts: PictureFacts) -> tuple[float | int | None, ...]:
    """Subscribers day by day; average reach where they are not known."""
    for question in ("growth", "reach"):
        points = _ask(facts, question).data["points"]
        values = tuple(point["y"] for point in points if point["t"] <= facts.now.isoformat())
        if sum(value is not None for value in values) > 1:
            return values
    return ()


def _ask(facts: PictureFacts, question: str) -> Answer:
    """Ask of the period of the link, without all that a page has around its numbers."""
    if facts.tracked is None or facts.picked is None:
        raise LookupError("a link with a password tells nothing to its pictures")
    reader, head = reader_of(facts.link, facts.language), head_of(facts.link, facts.tracked)
    asked = AskedOfChannel(reader, facts.picked.period, facts.now, Parameters(), channel=head)
    return _QUESTIONS[question].answer(asked)


def _width(text: str) -> int:
    """Pixels of a text of the badge."""
    return round(text_width(text, _SIZE))
