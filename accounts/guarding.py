"""How many guesses at passwords anybody has, from one place and from many.

Two things are wanted at once: guessing from very many addresses must come to nothing, and nobody may be locked out of
their own account by it. So every guess is counted by the network it comes from and by the account it is aimed at, and
what strangers use up is theirs alone: browsers and networks that have signed in to the account before have guesses of
their own. Once the strangers' are used up, a network that is new to this has two more, as long as there are not too
many such networks. After that the password is still looked at, but it opens nothing: when it was right, a link goes to
the person's mailbox that makes their browser a known one. Whoever guesses sees the same answer either way.

Without Redis nothing can be counted, and nobody signs in (LimiterAway).
"""

from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache

from django.http import HttpRequest

from accounts.devices import blurred, device_from
from accounts.event_models import EventKind, SecurityEvent
from accounts.models import User
from accounts.places import place_of, shortened
from analyticbot.core.address import client_address, client_network
from analyticbot.core.ratelimit import SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_ADDRESS, Limit, forget, take, take_each

# By account, however many addresses the guesses come from.
STRANGERS = Limit("sign-in-strangers", 100, 3_600)
# By account and range of addresses, and by account: those who come when the strangers' guesses are used up.
NEWCOMER = Limit("sign-in-newcomer", 2, 3_600)
NEWCOMERS = Limit("sign-in-newcomers", 400, 3_600)
# By account and browser, or network, that has signed in to it before.
KNOWN = Limit("sign-in-known", 30, 3_600)
# Signatures are not guessed; this keeps a script from wasting our time.
SIGNED_BY_ADDRESS = Limit("signed-address", 20, 60)

# A network counts as known for as long after a sign-in from it.
_KNOWN_FOR = timedelta(days=90)
# Whoever rents addresses gets them from a few ranges of about this size.
_RANGE_IPV4 = 16
_RANGE_IPV6 = 32


class Standing(Enum):
    """What a guess may lead to."""

    REFUSED = "refused"  # not even looked at
    BY_MAIL = "by mail"  # looked at; when it is right, the way in leads through the mailbox
    FREE = "free"


def weigh_password(request: HttpRequest, email: str, *, now: datetime) -> Standing:
    """Count a guess at the password of the account with this address (there may be none). Raises LimiterAway."""
    account, network = blurred(email), client_network(request)
    here = [(SIGN_IN_BY_ADDRESS, network), (SIGN_IN_BY_ACCOUNT, f"{account}:{network}")]
    if not take_each(here).allowed:
        return Standing.REFUSED
    if (device := _known_device(request, account)) is not None:
        return _free_if(take([KNOWN], key=f"{account}:{device}").allowed)
    if take([STRANGERS], key=account).allowed:
        return Standing.FREE
    if _is_known_place(request, email, now=now):
        return _free_if(take([KNOWN], key=f"{account}:{place_of(request)}").allowed)
    newcomer = [(NEWCOMER, f"{account}:{_range_of(request)}"), (NEWCOMERS, account)]
    return Standing.FREE if take_each(newcomer).allowed else Standing.BY_MAIL


def forgive(user: User) -> None:
    """Give strangers their guesses at this account anew: after a reset of the password, or by the staff.

    Raises LimiterAway.
    """
    account = blurred(user.email)
    forget([(STRANGERS, account), (NEWCOMERS, account)])


def _free_if(allowed: bool) -> Standing:  # noqa: FBT001 - a verdict
    return Standing.FREE if allowed else Standing.REFUSED


def _known_device(request: HttpRequest, account: str) -> str | None:
    """A name for the browser if the account knows it: by our cookie, or because it is signed in to it right now."""
    user = getattr(request, "user", None)
    if isinstance(user, User) and blurred(user.email) == account:
        return f"session-{user.pk}"
    device = device_from(request)
    return device.name if device is not None and device.knows(account) else None


def _is_known_place(request: HttpRequest, email: str, *, now: datetime) -> bool:
    return place_of(request) in _known_places(email.strip().lower(), now.replace(second=0, microsecond=0))


@lru_cache(maxsize=256)
def _known_places(email: str, minute: datetime) -> frozenset[str]:
    """Read once a minute: whoever guesses very often must not make the database work as often."""
    if "\x00" in email:
        return frozenset()
    sign_ins = SecurityEvent.objects.filter(
        user__email=email, kind__in=(EventKind.SIGNED_IN, EventKind.NEW_PLACE), at__gt=minute - _KNOWN_FOR
    )
    return frozenset(sign_ins.exclude(network="").values_list("network", flat=True))


def _range_of(request: HttpRequest) -> str:
    return shortened(client_address(request), ipv4=_RANGE_IPV4, ipv6=_RANGE_IPV6)
