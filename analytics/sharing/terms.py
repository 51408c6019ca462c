"""What a link shows, over which time, until when and to whom: one value, checked at one place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.period import zone_named
from analytics.picker import LABELS
from analytics.sharing.models import OWNERS_SECTIONS, SHAREABLE, SharedLink, ShareTheme
from channels_app.models import Relation, TrackedChannel

LONGEST_LIFETIME = timedelta(days=730)
LONGEST_NAME = 80
MOST_ORIGINS = 10
# Telegram is not older.
EARLIEST_DAY = date(2013, 8, 1)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
# Scheme, name (a star may stand for what is below a domain) and port; nothing that could end a directive of CSP.
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?")
_LONGEST_ORIGIN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that can be changed of a link but its address and its password.

    The period is `preset` (a name of the picker, which moves with the days) or `first_day` to `last_day`, included.
    """

    name: str
    expires_at: datetime
    sections: tuple[str, ...]
    preset: str = ""
    first_day: date | None = None
    last_day: date | None = None
    owner_facts: bool = False
    compares: bool = False
    exports: bool = False
    theme: str = ShareTheme.SYSTEM
    frame_ancestors: tuple[str, ...] = ()


def terms_of(link: SharedLink) -> Terms:
    """The terms of a link."""
    return Terms(
        name=link.name,
        expires_at=link.expires_at,
        sections=tuple(link.sections),
        preset=link.preset,
        first_day=link.first_day,
        last_day=link.last_day,
        owner_facts=link.owner_facts,
        compares=link.compares,
        exports=link.exports,
        theme=link.theme,
        frame_ancestors=tuple(link.frame_ancestors),
    )


def check_terms(terms: Terms, *, tracked: TrackedChannel, now: datetime, before: Terms | None = None) -> None:
    """Raise InvalidInput (with its field) for what a link cannot be. `before`: what may stay although it is past."""
    if not terms.name.strip() or len(terms.name) > LONGEST_NAME:
        raise InvalidInput(
            _("Give the link a name of at most %(most)s characters.") % {"most": LONGEST_NAME}, field="name"
        )
    if before is None or terms.expires_at != before.expires_at:
        _check_end(terms.expires_at, now=now)
    _check_sections(terms, tracked=tracked)
    _check_period(terms, today=now.astimezone(zone_named(tracked.workspace.time_zone)).date())
    if terms.theme not in ShareTheme.values:
        raise InvalidInput(_("The theme is system, light or dark."), field="theme")
    _check_origins(terms.frame_ancestors)


def _check_end(moment: datetime, *, now: datetime) -> None:
    if not now < moment <= now + LONGEST_LIFETIME:
        raise InvalidInput(_("A link ends in the future, within two years."), field="expires_at")


def _check_sections(terms: Terms, *, tracked: TrackedChannel) -> None:
    if not terms.sections or not set(terms.sections) <= set(SHAREABLE):
        raise InvalidInput(
            _("Choose at least one section of: %(names)s.") % {"names": ", ".join(SHAREABLE)}, field="sections"
        )
    if terms.owner_facts and tracked.relation != Relation.OWNED:
        raise InvalidInput(
            _("Only a workspace that proved to own the channel can show what is for owners."), field="owner_facts"
        )
    if set(terms.sections) & set(OWNERS_SECTIONS) and not terms.owner_facts:
        raise InvalidInput(
            _("The audience is known to owners only: say that visitors may see what is for owners."),
            field="owner_facts",
        )


def _check_period(terms: Terms, *, today: date) -> None:
    if terms.preset:
        if terms.first_day or terms.last_day:
            raise InvalidInput(_("Give either a preset or a first and a last day."), field="preset")
        if terms.preset not in LABELS:
            raise InvalidInput(_("The period is one of: %(names)s.") % {"names": ", ".join(LABELS)}, field="preset")
        return
    if terms.first_day is None or terms.last_day is None:
        raise InvalidInput(_("Give the first and the last day."), field="first_day")
    if terms.first_day > terms.last_day:
        raise InvalidInput(_("The first day is after the last one."), field="first_day")
    if terms.first_day > today:
        raise InvalidInput(_("The first day is still to come."), field="first_day")
    if terms.last_day > today + LONGEST_LIFETIME:
        raise InvalidInput(_("This is too far from today."), field="last_day")
    if terms.first_day < EARLIEST_DAY:
        raise InvalidInput(_("There was no Telegram channel before August 2013."), field="first_day")


def _check_origins(origins: Iterable[str]) -> None:
    given = tuple(origins)
    if len(given) > MOST_ORIGINS:
        raise InvalidInput(
            _("At most %(most)s sites can embed a link.") % {"most": MOST_ORIGINS}, field="frame_ancestors"
        )
    for origin in given:
        if len(origin) > _LONGEST_ORIGIN or not _ORIGIN.fullmatch(origin):
            raise InvalidInput(
                _("“%(origin)s” is not the address of a site. Write it like https://example.org.")
                % {"origin": origin[:_LONGEST_ORIGIN]},
                field="frame_ancestors",
            )


def origin_of(text: str) -> str:
    """The origin that a person means: lower case, without the path, with a scheme, names in ASCII (IDNA)."""
    words = text.strip().lower()
    if "://" not in words:
        words = f"https://{words}"
    scheme, _colon, rest = words.partition("://")
    host, colon, port = rest.partition("/")[0].partition(":")
    star = "*." if host.startswith("*.") else ""
    try:
        named = host.removeprefix("*.").encode("idna").decode("ascii")
    except UnicodeError:
        named = host  # the check refuses it by name
    return f"{scheme}://{star}{named}{colon}{port}"


def check_password(password: str) -> None:
    """Raise InvalidInput for what is no password."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            _("A password has %(least)s to %(most)s characters.")
            % {"least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD},
            field="password",
        )
