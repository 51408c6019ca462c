"""From where the panel may be opened."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Tier
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import Conflict, InvalidInput
from superadmin.models import AllowedNetwork
from superadmin.networks import allow_network, remove_network
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db


def allow(network: str, *, seen_from: str | None = None) -> AllowedNetwork:
    return allow_network(network, note="", seen_from=seen_from, added_by=None, actor=SYSTEM, now=timezone.now())


def opens(client: Client, **meta: Any) -> bool:
    return client.get("/superadmin/", **meta).status_code == 200


@pytest.mark.parametrize(
    ("network", "address", "lets_in"),
    [
        ("203.0.113.0/24", "203.0.113.9", True),
        ("203.0.113.0/24", "203.0.114.9", False),
        ("203.0.113.9", "203.0.113.9", True),
        ("2001:db8::/32", "2001:db8:7::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("203.0.113.0/24", "::ffff:203.0.113.9", True),
        ("203.0.113.0/24", "2001:db8::1", False),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("203.0.113.0/24", "", False),
    ],
)
def test_only_allowed_networks_open_the_panel(network: str, address: str, lets_in: bool) -> None:
    client = enter(make_staff())
    assert opens(client, REMOTE_ADDR=address)
    allow(network)
    assert opens(client, REMOTE_ADDR=address) is lets_in


def test_headers_that_clients_write_open_nothing(settings: LazySettings) -> None:
    client = enter(make_staff())
    allow("203.0.113.0/24")
    for header in ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP"):
        value = "for=203.0.113.9" if header == "HTTP_FORWARDED" else "203.0.113.9"
        assert not opens(client, REMOTE_ADDR="198.51.100.1", **{header: value})
    settings.TRUSTED_PROXY_COUNT = 1
    assert opens(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9")
    assert not opens(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1")


def test_strangers_elsewhere_do_not_learn_that_there_is_a_panel(client: Client) -> None:
    allow("203.0.113.0/24")
    assert client.get("/superadmin/").status_code == 404
    assert client.get("/superadmin/login/").status_code == 404
    assert enter(make_staff()).get("/superadmin/").status_code == 403


def test_nobody_locks_themselves_out() -> None:
    client = enter(make_staff())
    refused = client.post("/superadmin/networks/new/", {"network": "203.0.113.0/24"})
    assert (refused.status_code, AllowedNetwork.objects.count()) == (422, 0)
    client.post("/superadmin/networks/new/", {"network": "127.0.0.0/8", "note": "here"})
    client.post("/superadmin/networks/new/", {"network": "203.0.113.0/24"})
    own, other = AllowedNetwork.objects.order_by("pk")
    assert client.post(f"/superadmin/networks/{own.pk}/remove/").status_code == 422
    assert client.post(f"/superadmin/networks/{other.pk}/remove/").status_code == 302
    # The last one may go: then everywhere is allowed.
    assert client.post(f"/superadmin/networks/{own.pk}/remove/").status_code == 302
    assert opens(client)


def test_only_super_admins_change_networks() -> None:
    assert enter(make_staff(Tier.ADMIN)).get("/superadmin/networks/new/").status_code == 403


@pytest.mark.parametrize(
    "text", ["", "x", "203.0.113.9/24", "::ffff:203.0.113.0/120", "203.0.113.0/33", "1.2.3", "0", "\x00"]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        allow(text)


def test_same_network_is_kept_once_however_it_is_written() -> None:
    row = allow("2001:0DB8:0::/32")
    assert row.network == "2001:db8::/32"
    with pytest.raises(Conflict):
        allow("2001:db8::/32")
    remove_network(row, seen_from="127.0.0.1", actor=SYSTEM, now=timezone.now())


def test_glass_can_be_broken_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    client = enter(make_staff())
    allow("203.0.113.0/24")
    assert not opens(client)
    call_command("open_superadmin", network="127.0.0.1")
    assert opens(client)
    call_command("open_superadmin")
    assert not AllowedNetwork.objects.exists()
    with pytest.raises(CommandError):
        call_command("open_superadmin", network="nonsense")
    assert "from everywhere" in capsys.readouterr().out


def test_first_super_admin_is_made_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.factories import make_user

    person = make_user()
    call_command("make_super_admin", person.email)
    person.refresh_from_db()
    assert (person.tier, person.is_staff) == (Tier.SUPER_ADMIN, True)
    assert "second factor" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("make_super_admin", "nobody@example.org")
