"""Views of shared links: when, and roughly by whom; nothing that tells a person.

Of a request the hour, the host of the page before, the family of the browser, its kind and first language are added
up. The same visitor counts once in half an hour: a hash of what the browser sends, salted anew each day with a secret
that is forgotten with the day, is kept in the cache for that time and nowhere else.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest

from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import Limit, LimiterAway, take
from analytics.sharing.models import SharedLink, SharedLinkViews

logger = logging.getLogger(__name__)

SAME_VISITOR = timedelta(minutes=30)
# Whoever invents visitors, invents no rows without end.
_INVENTED = Limit("share-views", 60, 3_600)
_SALT_SECONDS = 25 * 3_600  # a day, and what clocks may differ
_LONGEST_HOST = 100
_HOST = re.compile(r"[a-z0-9.-]{1,100}", re.ASCII)
_LANGUAGE = re.compile(r"([a-z]{2,3})\b", re.ASCII)
_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|preview|slurp|facebookexternalhit|whatsapp|embedly|curl|wget|python|httpx|java/|okhttp"
    r"|go-http|libwww|headless|lighthouse|monitor|scan|fetch|feed",
    re.IGNORECASE,
)
# The first that is found: Edge and Opera call themselves Chrome too, and everybody calls themselves Safari.
_FAMILIES = (
    ("Yandex", "YaBrowser/"),
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Samsung", "SamsungBrowser/"),
    ("Firefox", "Firefox/"),
    ("Firefox", "FxiOS/"),
    ("Chrome", "CriOS/"),
    ("Chrome", "Chrome/"),
    ("Safari", "Safari/"),
)
_OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Sight:
    """What is kept of a view."""

    referrer: str
    browser: str
    device: str
    language: str


def count_view(link: SharedLink, request: HttpRequest, *, embedded: bool, now: datetime) -> bool:
    """Count a look at a link, with one upsert; False for machines, prefetching and who was here just now."""
    agent = request.headers.get("User-Agent", "")
    if request.method != "GET" or not agent or _BOT.search(agent) or _is_ahead(request):
        return False
    if not _is_new(link, request, agent, now=now):
        return False
    _add(link, sight_of(request), embedded=embedded, now=now)
    return True


def _is_ahead(request: HttpRequest) -> bool:
    """Whether the browser fetches what nobody looks at yet."""
    return "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", ""))


def _is_new(link: SharedLink, request: HttpRequest, agent: str, *, now: datetime) -> bool:
    salt = cache.get_or_set(f"share-salt:{now:%Y-%m-%d}", lambda: secrets.token_hex(16), _SALT_SECONDS) or ""
    network = client_network(request)
    told = f"{link.pk}|{network}|{agent}|{request.headers.get('Accept-Language', '')}"
    visitor = hmac.new(str(salt).encode(), told.encode(), hashlib.sha256).hexdigest()[:32]
    if not cache.add(f"share-seen:{visitor}", 1, int(SAME_VISITOR.total_seconds())):
        return False
    try:
        return take([_INVENTED], key=f"s{link.pk}:{network}").allowed
    except LimiterAway:
        return True


def sight_of(request: HttpRequest) -> Sight:
    """What a request tells roughly."""
    agent = request.headers.get("User-Agent", "")
    language = _LANGUAGE.match(request.headers.get("Accept-Language", "").strip().lower())
    return Sight(
        referrer=_referrer(request),
        browser=next((family for family, mark in _FAMILIES if mark in agent), _OTHER),
        device=_device(agent),
        language=language.group(1) if language else "",
    )


def _referrer(request: HttpRequest) -> str:
    """The host of the page before, unless that is ours; never its path."""
    try:
        host = (urlsplit(request.headers.get("Referer", "")).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if not _HOST.fullmatch(host) or host == request.get_host().partition(":")[0]:
        return ""
    return host[:_LONGEST_HOST]


def _device(agent: str) -> str:
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent or "iPhone" in agent else "desktop"


_UPSERT = """
INSERT INTO analytics_sharedlinkviews (link_id, hour, referrer, browser, device, language, embedded, count)
VALUES (%s, %s, %s, %s, %s, %s, %s, 1)
ON CONFLICT ON CONSTRAINT share_views_once DO UPDATE SET count = analytics_sharedlinkviews.count + 1
"""


def _add(link: SharedLink, sight: Sight, *, embedded: bool, now: datetime) -> None:
    hour = now.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [link.pk, hour, sight.referrer, sight.browser, sight.device, sight.language, embedded])


def views_of(link: SharedLink, *, most: int) -> Iterator[SharedLinkViews]:
    """The last views, newest hour first."""
    yield from SharedLinkViews.objects.filter(link=link).order_by("-hour", "-count")[:most]
