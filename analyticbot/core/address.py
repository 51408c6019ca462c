"""Whose request it is, as far as the network can tell."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# One household or office has a whole /64 of IPv6.
_IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The address of the client; empty when unknown.

    Behind N trusted proxies it is the Nth entry of X-Forwarded-For from the right: what stands left of it was written
    by the client. Without trusted proxies the header is not believed at all.
    """
    proxies: int = settings.TRUSTED_PROXY_COUNT
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return _normal(hops[-proxies])
    return _normal(request.META.get("REMOTE_ADDR") or "")


def client_network(request: HttpRequest) -> str:
    """What limits are counted by: the IPv4 address, or the /64 network of an IPv6 address."""
    return network_of(client_address(request))


def network_of(text: str) -> str:
    """The network of an address, as `client_network` tells it; a text that is no address as it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, _IPV6_PREFIX), strict=False))
    return text


def is_loopback(request: HttpRequest) -> bool:
    """True if the request was made on this machine and nobody passed it on."""
    if request.META.get("HTTP_X_FORWARDED_FOR") or request.META.get("HTTP_FORWARDED"):
        return False
    try:
        return ipaddress.ip_address(_normal(request.META.get("REMOTE_ADDR") or "")).is_loopback
    except ValueError:
        return False


def _normal(text: str) -> str:
    """`::ffff:1.2.3.4` is 1.2.3.4; anything that is no address is nobody's."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
