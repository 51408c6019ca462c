"""Lists of networks from where something may be done: CIDR of IPv4 and IPv6."""

import ipaddress
from collections.abc import Iterable

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput


def network_from(text: str, *, field: str) -> str:
    """A network (CIDR, or a single address) as `ipaddress` writes it; raises InvalidInput for `field`.

    ``::ffff:…`` is refused: addresses are compared as IPv4 then (`analyticbot.core.address`).
    """
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        raise InvalidInput(
            _("Write a network like 203.0.113.0/24 or 2001:db8::/32, with no bits set behind its length."),
            field=field,
        ) from None
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        raise InvalidInput(_("Write IPv4 networks as IPv4."), field=field)
    return str(network)


def lies_in(address: str, networks: Iterable[str]) -> bool:
    """Whether the address is of one of these networks; never for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in networks)
