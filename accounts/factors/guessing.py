"""How often codes may be guessed: by account and network, and by account over all networks.

Six digits of which three are right at a time: at 100 guesses a day, one in 3,000 accounts falls within a day, and only
to somebody who has its password already. That limit cannot shut the owner out: in a browser that has signed in before,
and from a network where they are signed in, only the limit of that network counts; passkeys cannot be guessed and are
not counted at all.
"""

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.devices import blurred, device_from
from accounts.models import User
from analyticbot.core.address import client_network, network_of
from analyticbot.core.ratelimit import Limit, LimiterAway, take_each

BY_NETWORK = Limit("factor-network", 10, 300)
BY_ACCOUNT = Limit("factor-account", 100, 86_400)


def may_guess(request: HttpRequest, user: User) -> bool:
    """Whether one more code of this person may be tried; counts it. False as well while nothing can be counted."""
    network = client_network(request)
    buckets = [(BY_NETWORK, f"{user.pk}:{network}")]
    if not (_knows_browser(request, user) or _is_at_home(user, network)):
        buckets.append((BY_ACCOUNT, str(user.pk)))
    try:
        return take_each(buckets).allowed
    except LimiterAway:
        return False


def _knows_browser(request: HttpRequest, user: User) -> bool:
    """Whether the person has signed in with this browser before."""
    device = device_from(request)
    return device is not None and device.knows(blurred(user.email))


def _is_at_home(user: User, network: str) -> bool:
    """Whether the person has a session in this network."""
    known = UserSession.objects.filter(user=user).order_by("-last_seen_at").values_list("ip", flat=True)[:50]
    return any(network_of(address) == network for address in known)
