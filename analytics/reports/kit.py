"""The media kit of a channel: what an advertiser wants to know, on one page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.charts import words
from analyticbot.core.errors import NotFound
from analytics.metrics import METRICS
from analytics.period import Period, days_between, zone_named
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import ChannelHead, Reader
from analytics.reports.asking import Inquiry
from analytics.reports.brand import Brand
from analytics.reports.models import MediaKit
from analytics.reports.report import shown, title_of
from analytics.sections.figures import figure_of
from analytics.sections.words import WEEKDAYS, hour_words

# Four whole weeks: each weekday as often as the others.
DAYS = 28
NUMBERS = ("followers", "avg_reach", "err", "reach_24h")
_TOP = "3"
_MOST_LANGUAGES = 4
_LANGUAGES = "languages_graph"
_DAY = timedelta(days=1)
_GAINED = "followers_change"


@dataclass(frozen=True, slots=True)
class KitFigure:
    """A number with what it is called and whose word it is."""

    label: str
    shown: str
    hint: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Kit:
    """All that any form of a media kit shows."""

    head: ChannelHead
    period: Period
    language: str
    made_at: datetime
    brand: Brand
    figures: tuple[KitFigure, ...]
    # What was measured, and the words for it.
    facts: tuple[tuple[str, str], ...]
    posts: tuple[Mapping[str, Any], ...]
    languages: tuple[tuple[str, float], ...]
    about: str
    prices: tuple[str, ...]
    contact: str

    @property
    def title(self) -> str:
        """What the channel is called."""
        return title_of(self.head)

    @property
    def handle(self) -> str | None:
        """@username; None for a private channel."""
        return f"@{self.head.username}" if self.head.username else None

    @property
    def link(self) -> str | None:
        """The channel in Telegram; None for a private one."""
        return f"https://t.me/{self.head.username}" if self.head.username else None

    @property
    def days_words(self) -> str:
        """From day to day."""
        return words.span(self.period.start, self.period.end, self.language, self.period.zone)


def kit_of(workspace: Workspace, reader: Reader, head: ChannelHead, *, now: datetime, brand: Brand) -> Kit:
    """The media kit of a channel over the last four whole weeks."""
    zone = zone_named(reader.time_zone)
    today = now.astimezone(zone).date()
    period = days_between(today - timedelta(days=DAYS), today, zone)
    said = MediaKit.objects.filter(workspace=workspace, channel_id=head.id).first() or MediaKit()
    inquiry = Inquiry(reader, head, period, now)
    with translation.override(reader.language):
        return _build(inquiry, said, brand)


def _build(inquiry: Inquiry, said: MediaKit, brand: Brand) -> Kit:
    language = inquiry.reader.language
    metrics = ",".join((*NUMBERS, "posts", _GAINED))
    numbers = inquiry.ask("statistics", metrics=metrics, window="D", compare="previous")
    best = inquiry.ask("best-time", without_from=True)
    posts = tuple(
        {
            **post,
            "views_words": words.full_number(post["views"], language),
            "when": words.day(datetime.fromisoformat(post["date"]), language, inquiry.period.zone, year=False),
        }
        for post in inquiry.ask("top-posts", limit=_TOP).data
    )
    return Kit(
        head=inquiry.head,
        period=inquiry.period,
        language=language,
        made_at=inquiry.now,
        brand=brand,
        figures=tuple(_figure(name, numbers, language) for name in NUMBERS),
        facts=tuple(_facts(numbers, best, language)),
        posts=posts,
        languages=_languages(inquiry) if said.shows_languages else (),
        about=said.about,
        prices=tuple(line for line in said.prices.splitlines() if line.strip()),
        contact=said.contact,
    )


def _figure(name: str, answer: Answer, language: str) -> KitFigure:
    figure = figure_of(name, answer)
    hints = {
        "followers": _("people follow the channel"),
        "avg_reach": _("views of a post on average"),
        "err": _("of the subscribers see a post"),
        "reach_24h": _("views of a post within a day"),
    }
    return KitFigure(
        label=str(METRICS[name].label),
        shown=shown(figure.value, percent=figure.percent, language=language),
        hint=hints[name] if figure.value is not None else _("not known yet"),
        source=None if figure.source is None else str(figure.source),
    )


def _facts(numbers: Answer, best: Answer, language: str) -> list[tuple[str, str]]:
    facts = []
    posts, change = numbers.data["totals"]["posts"], numbers.data["totals"][_GAINED]
    if posts is not None:
        text = ngettext("%(number)s post in %(days)s days", "%(number)s posts in %(days)s days", int(posts))
        number = words.full_number(posts, language)
        facts.append((_("Posting rhythm"), text % {"number": number, "days": DAYS}))
    if change is not None:
        number = words.signed_number(change, language)
        facts.append((_("Growth"), _("%(number)s subscribers in %(days)s days") % {"number": number, "days": DAYS}))
    cell = next((one for one in best.data["best"] if one["enough"] and one["effect"] is not None), None)
    if cell is not None and cell["effect"] > 0:
        named = {
            "weekday": WEEKDAYS[str(cell["weekday"])],
            "hours": hour_words(cell["hour"]),
            "effect": words.signed_percent(cell["effect"], language),
        }
        facts.append((_("Best time"), _("%(weekday)s, %(hours)s (%(effect)s)") % named))
    return facts


def _languages(inquiry: Inquiry) -> tuple[tuple[str, float], ...]:
    """Languages of the audience on the last day that Telegram tells of, in percent, most first; empty if unknown."""
    try:
        answer = inquiry.ask("official-graph", path={"graph": _LANGUAGES})
    except NotFound:
        return ()
    # All loads reach back for years; languages of long ago are not those of the audience that is sold.
    first = iso(inquiry.period.start - _DAY)
    points = [point for point in answer.data["points"] if point["t"] and point["t"] >= first]
    if not points:
        return ()
    names = [series["name"] for series in answer.data["series"]]
    last = [(name, value) for name, value in zip(names, points[-1]["values"], strict=True) if value]
    total = sum(value for _name, value in last)
    shares = sorted(((name, value / total * 100) for name, value in last), key=lambda one: -one[1])
    return tuple(shares[:_MOST_LANGUAGES])


@transaction.atomic
def change_kit(
    workspace: Workspace,
    head: ChannelHead,
    *,
    about: str,
    prices: str,
    contact: str,
    shows_languages: bool,
    actor: Actor,
    now: datetime,
) -> MediaKit:
    """Set what an owner tells advertisers about a channel."""
    texts = {"about": about, "prices": prices, "contact": contact, "shows_languages": shows_languages}
    row, _made = MediaKit.objects.update_or_create(
        workspace=workspace, channel_id=head.id, defaults={**texts, "changed_at": now}
    )
    record_audit(
        AuditAction.MEDIA_KIT_CHANGED, row, actor=actor, now=now, workspace_id=workspace.pk, after={"channel": head.id}
    )
    return row


def said_of(workspace: Workspace, head: ChannelHead) -> MediaKit:
    """What the owner told so far; an empty one where nothing was."""
    return MediaKit.objects.filter(workspace=workspace, channel_id=head.id).first() or MediaKit()
