"""From where and with what a request comes, as far as a person may be shown it: a network and a kind of browser."""

import ipaddress
import re

from django.http import HttpRequest

from analyticbot.core.address import client_address

# What is kept of an address: enough to recognise one's own provider, not enough to point at a household.
_IPV4_KEPT = 24
_IPV6_KEPT = 48
_LONGEST = 60
# In this order: browsers name those that they descend from.
_BROWSERS = (
    ("Telegram", r"Telegram"),
    ("Edge", r"\bEdg(A|e)?/|\bEdgiOS/"),
    ("Opera", r"\bOPR/|\bOPiOS/"),
    ("Yandex Browser", r"\bYaBrowser/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
    ("curl", r"^curl/"),
    ("Python", r"^python-|^Python"),
)
_SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iOS", r"\biPhone\b|\biPad\b|\biPod\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


def place_of(request: HttpRequest) -> str:
    """The network a request comes from (`203.0.113.0/24`, `2001:db8:7::/48`); empty when unknown."""
    return shortened(client_address(request))


def shortened(address: str, *, ipv4: int = _IPV4_KEPT, ipv6: int = _IPV6_KEPT) -> str:
    """The network of so many bits around an address; empty for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    kept = ipv4 if found.version == 4 else ipv6  # noqa: PLR2004 - versions of IP
    return str(ipaddress.ip_network((found, kept), strict=False))


def device_of(request: HttpRequest) -> str:
    """The kind of browser and system of a request: `Firefox, Windows`; empty when it does not say."""
    return device_named(request.META.get("HTTP_USER_AGENT", ""))


def device_named(agent: str) -> str:
    """The kind of browser and system that a User-Agent claims: `Firefox, Windows`; empty for none we know."""
    agent = agent[:500]
    browser = next((name for name, sign in _BROWSERS if re.search(sign, agent)), "")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), "")
    return ", ".join(part for part in (browser, system) if part)[:_LONGEST]
