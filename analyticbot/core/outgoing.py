"""Requests to addresses that people give us: to the public internet only, whatever names and redirects try.

A name is resolved once. Every address it has must be a public one, and the connection goes to an address that was
checked, so a name that answers differently the next time changes nothing. Redirects are not followed, proxies of the
environment are not asked, answers are cut off by size and by time. Requirements: OWASP ASVS 5.0, 1.3.6.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Iterable[str]]

_PORTS = {"https": 443, "http": 80}
_LONGEST = 2_048
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)
# A last label that old resolvers read as a number: 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to them.
_NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", re.ASCII)
# Global by `ipaddress`, and yet not addresses of anybody on the internet: relays of 6to4, translation within a site,
# segment routing, and documentation.
_NOBODYS = tuple(ipaddress.ip_network(one) for one in ("192.88.99.0/24", "64:ff9b:1::/48", "5f00::/16", "3fff::/20"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade"})


class AddressRefused(InvalidInput):
    """The address is none that we would send anything to; the message tells nothing about what lies behind it."""

    code = "address_refused"


class NotReached(Exception):
    """The other side could not be reached, broke off, or took too long. Trying later makes sense."""


def resolve_name(name: str, port: int) -> list[str]:
    """The addresses of a name as the system knows them; raises OSError."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be reached. `within`: networks that are allowed although they are not public (for tests)."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = frozenset({443, 8443})
    within: tuple[Network, ...] = ()
    seconds: float = 15.0
    most_bytes: int = 65_536
    # None: certificates that this machine trusts.
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """An address that has the form of one we would send to."""

    scheme: str
    name: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. A redirect is an answer like others; `cut`: the body was longer than we read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool


def send(
    url: str,
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    resolve: Resolve = resolve_name,
) -> Answer:
    """Send one request. Raises AddressRefused before anything is sent, NotReached for what may pass."""
    chosen = policy or Policy()
    target = read_target(url, policy=chosen)
    address = checked_address(target, policy=chosen, resolve=resolve)
    own = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
    connection = http.client.HTTPConnection(target.name, target.port, timeout=chosen.seconds)
    # Whatever trickles in, byte by byte: at the end of the time the line is cut.
    lines: list[socket.socket] = []
    clock = threading.Timer(chosen.seconds, _cut, [lines])
    clock.daemon = True
    clock.start()
    try:
        connection.sock = _connected(address, target, chosen, lines)
        connection.request(method, target.path, body=body, headers={**own, "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        read = answer.read(chosen.most_bytes + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        clock.cancel()
        connection.close()
        for line in lines:
            line.close()
    return Answer(answer.status, dict(answer.headers), read[: chosen.most_bytes], cut=len(read) > chosen.most_bytes)


def read_target(url: str, *, policy: Policy) -> Target:
    """Take an address apart. Raises AddressRefused for every form that we would not send to."""
    if len(url) > _LONGEST or not url.isprintable() or any(sign in url for sign in " \\<>\"'"):
        raise _refused()
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        name = _normal_name(parts)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        path.encode("ascii")
    except ValueError:
        raise _refused() from None
    if parts.scheme not in policy.schemes:
        raise AddressRefused(_("The address must begin with https://."), field="url")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(_("A name and password cannot stand in the address."), field="url")
    if policy.ports is not None and port not in policy.ports:
        raise AddressRefused(_("Only the ports 443 and 8443 can be used."), field="url")
    return Target(parts.scheme, name, port, path)


def checked_address(target: Target, *, policy: Policy, resolve: Resolve) -> Address:
    """The address to connect to: all that the name has were looked at. Raises AddressRefused, NotReached."""
    try:
        texts = list(resolve(target.name, target.port))
        found = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
    except (OSError, UnicodeError) as error:
        raise NotReached(type(error).__name__) from error
    except ValueError:
        raise _refused() from None
    # One bad address spoils all: otherwise chance, or the other side's timing, would decide where we go.
    if not found or not all(is_public(one) or _within(one, policy.within) for one in found):
        raise _refused()
    return found[0]


def is_public(address: Address) -> bool:
    """Whether it is an address of somebody on the public internet, also behind every kind of wrapping."""
    return all(
        one.is_global and not one.is_multicast and not _within(one, _NOBODYS) for one in (address, *_wrapped(address))
    )


def _wrapped(address: Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses to which packets for this IPv6 address may go in the end."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or address in _COMPATIBLE:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inner if one is not None]


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _normal_name(parts: SplitResult) -> str:
    """The host in the one form that is resolved, sent and compared with certificates; raises ValueError."""
    name = (parts.hostname or "").removesuffix(".")
    if "%" in name:
        raise ValueError(name)  # an interface of this machine, or a name that hides in signs
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        ascii_name = name.encode("idna").decode("ascii").lower()
    if not _NAME.fullmatch(ascii_name) or _NUMERIC.fullmatch(ascii_name):
        raise ValueError(name)
    return ascii_name


def _connected(address: Address, target: Target, policy: Policy, lines: list[socket.socket]) -> socket.socket:
    """A line to the address, kept in `lines` before anything is waited for on it."""
    line = socket.create_connection((str(address), target.port), timeout=policy.seconds)
    lines.append(line)
    if target.scheme == "https":
        safe = (policy.tls or _trust()).wrap_socket(line, server_hostname=target.name, do_handshake_on_connect=False)
        lines.append(safe)
        safe.do_handshake()
        return safe
    return line


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Made once: reading all certificates takes a while."""
    return ssl.create_default_context()


def _cut(lines: list[socket.socket]) -> None:
    for line in lines:
        # One that was handed on, or closed meanwhile, is none any more.
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _refused() -> AddressRefused:
    return AddressRefused(_("Nothing is sent to this address: it is not one of the public internet."), field="url")
