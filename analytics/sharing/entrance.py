"""Who may pass a link that asks for a password: whoever gave it, on this browser, until it changes."""

import hmac
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from analyticbot.core.address import client_network
from analyticbot.core.errors import LimitReached, SwitchedOff
from analyticbot.core.ratelimit import Limit, LimiterAway, take_each
from analytics.sharing.models import SharedLink

_COOKIE = "share"
_SALT = "analytics.sharing.entrance"
_STAYS = timedelta(hours=12)
# Of one address; and of all together, so that guessing from many addresses is slow as well.
_BY_ADDRESS = (Limit("share-guess", 6, 60), Limit("share-guess-hour", 30, 3_600))
_BY_LINK = Limit("share-guess-link", 600, 3_600)


def may_enter(request: HttpRequest, link: SharedLink) -> bool:
    """Whether the visitor may see the link: it asks for no password, or the present one was given."""
    if not link.password:
        return True
    try:
        kept = request.get_signed_cookie(_COOKIE, "", salt=_SALT, max_age=int(_STAYS.total_seconds()))
    except BadSignature:
        return False
    return hmac.compare_digest(str(kept), _pass_of(link))


def try_password(request: HttpRequest, link: SharedLink, password: str) -> bool:
    """Whether it is the password. Raises LimitReached after too many tries, SwitchedOff while nobody counts them."""
    network = client_network(request)
    try:
        verdict = take_each([*((limit, f"{link.pk}:{network}") for limit in _BY_ADDRESS), (_BY_LINK, f"{link.pk}")])
    except LimiterAway:
        raise SwitchedOff(_("Passwords cannot be checked right now. Try again in a minute.")) from None
    if not verdict.allowed:
        raise LimitReached(_("Too many tries. Wait a little, then try again."), retry_after=verdict.retry_after)
    return check_password(password, link.password)


def let_in(request: HttpRequest, response: HttpResponse, link: SharedLink, *, root: str) -> None:
    """Remember on this browser, for this link alone, that the password was given."""
    response.set_signed_cookie(
        _COOKIE,
        _pass_of(link),
        salt=_SALT,
        max_age=int(_STAYS.total_seconds()),
        path=root,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _pass_of(link: SharedLink) -> str:
    """Changes with the address and with the password, so that an old pass opens nothing."""
    return salted_hmac(_SALT, f"{link.digest}|{link.password}", algorithm="sha256").hexdigest()
