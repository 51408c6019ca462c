"""Whose request it is: only what trusted proxies wrote is believed."""

from typing import Any

import pytest
from django.test import RequestFactory

from analyticbot.core.address import client_address, client_network, is_loopback


def make(remote: Any, forwarded: Any = None) -> Any:
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}
    return RequestFactory().get("/", REMOTE_ADDR=remote, **extra)


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (0, "192.0.2.1", None, "192.0.2.1"),
        (0, "192.0.2.1", "203.0.113.5", "192.0.2.1"),
        (1, "10.0.0.1", "203.0.113.5", "203.0.113.5"),
        (1, "10.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (2, "10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "10.0.0.1", "203.0.113.5", "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "rubbish", ""),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "2001:DB8::1", None, "2001:db8::1"),
        (0, "", None, ""),
    ],
)
def test_client_address(settings: Any, proxies: Any, remote: Any, forwarded: Any, expected: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies

    assert client_address(make(remote, forwarded)) == expected


def test_ipv6_is_counted_by_network() -> None:
    assert client_network(make("2001:db8:1:2:3::4")) == "2001:db8:1:2::/64"
    assert client_network(make("192.0.2.1")) == "192.0.2.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [("127.0.0.1", None, True), ("::1", None, True), ("::ffff:127.0.0.1", None, True), ("192.0.2.1", None, False),
     ("127.0.0.1", "203.0.113.5", False), ("", None, False), ("192.0.2.1", "127.0.0.1", False)],
)  # fmt: skip
def test_loopback_is_only_what_was_not_passed_on(remote: Any, forwarded: Any, expected: Any) -> None:
    assert is_loopback(make(remote, forwarded)) is expected
