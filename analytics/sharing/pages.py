"""What members see of shared links: the list, and the log of one link's views, put into words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics.period import days_between
from analytics.picker import LABELS
from analytics.sharing.models import LinkState, SharedLink, SharedLinkViews
from analytics.sharing.visiting import label_of, sections_of

# Hours of the log that are shown one by one, and from which the summary is made.
MOST_SHOWN = 200
_TOP = 5
DEVICES = {"desktop": gettext_lazy("Computer"), "phone": gettext_lazy("Phone"), "tablet": gettext_lazy("Tablet")}
_SHARE = 100


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A link as the list shows it."""

    link: SharedLink
    channel: str
    handle: str | None
    sections: tuple[Promise, ...]
    period: Promise | str
    state: str
    live: bool
    revoked: bool
    views: int
    last_viewed: datetime | None


def link_card(link: SharedLink, *, now: datetime) -> LinkCard:
    """The card of a row of `links_of`."""
    state = link.state(now=now)
    channel = link.tracked.channel
    handle = f"@{channel.username}" if channel.username else None
    annotated: Any = link
    return LinkCard(
        link=link,
        channel=channel.title or handle or _("Telegram channel"),
        handle=handle if channel.title else None,
        sections=tuple(label_of(name) for name in sections_of(link)),
        period=LABELS.get(link.preset) or _days(link),
        state=str(state.label),
        live=state is LinkState.LIVE,
        revoked=state is LinkState.REVOKED,
        views=annotated.viewed or 0,
        last_viewed=annotated.last_viewed,
    )


def snippets_of(link: SharedLink, *, address: str, script: str) -> Mapping[str, str]:
    """HTML for other sites: the frame with the script that gives it its height, and the badge as a link."""
    name, place = escape(link.name), escape(address)
    return {
        "frame": (
            f'<iframe src="{place}embed/?theme={link.theme}" title="{name}" width="100%" height="640" '
            f'style="border:0" loading="lazy"></iframe>\n<script async src="{escape(script)}"></script>'
        ),
        "badge": (
            f'<a href="{place}"><img src="{place}badge.svg?of=subscribers&amp;theme=light" alt="{name}" '
            'height="22"></a>'
        ),
    }


def _days(link: SharedLink) -> str:
    """From day to day, in words."""
    if link.first_day is None or link.last_day is None:
        return link.preset  # of an older version
    days = days_between(link.first_day, link.last_day + timedelta(days=1), ZoneInfo("UTC"))
    return words.span(days.start, days.end, get_language() or "en", days.zone)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the views. `percent` of all that are shown."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class ViewLog:
    """The views of a link: summed up by what is known of them, and hour by hour."""

    rows: tuple[SharedLinkViews, ...]
    groups: tuple[tuple[Promise, tuple[Part, ...]], ...]


def view_log(rows: Iterable[SharedLinkViews]) -> ViewLog:
    """The log of these rows."""
    kept = tuple(rows)
    return ViewLog(
        kept,
        (
            (gettext_lazy("Came from"), _parts(kept, lambda row: row.referrer or _("Directly, or not told"))),
            (gettext_lazy("Browser"), _parts(kept, lambda row: row.browser)),
            (gettext_lazy("Device"), _parts(kept, lambda row: str(DEVICES.get(row.device, row.device)))),
            (gettext_lazy("Language"), _parts(kept, lambda row: _language(row.language))),
        ),
    )


def _parts(rows: Iterable[SharedLinkViews], label: Any) -> tuple[Part, ...]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[label(row)] += row.count
    total = sum(counts.values())
    return tuple(Part(name, count, round(count * _SHARE / total)) for name, count in counts.most_common(_TOP))


def _language(code: str) -> str:
    if not code:
        return _("Not told")
    try:
        name = Locale.parse(get_language() or "en").languages.get(code)
    except (UnknownLocaleError, ValueError):
        name = None
    return str(name) if name else code
