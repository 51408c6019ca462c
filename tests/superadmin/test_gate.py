"""The gate of the panel."""

import pytest
from django.test import Client

from accounts.models import Tier
from tests.factories import make_user
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db


def test_panel_asks_strangers_to_sign_in_at_the_accounts(client: Client) -> None:
    answer = client.get("/superadmin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/login/")


def test_panel_is_nowhere_for_people_who_are_no_staff(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/superadmin/").status_code == 404


def test_panel_asks_staff_for_a_second_factor() -> None:
    client = enter(make_staff(), verified=False)
    answer = client.get("/superadmin/", follow=True)
    assert "/superadmin/" not in answer.redirect_chain[-1][0].split("?")[0]


@pytest.mark.parametrize("tier", [tier for tier in Tier if tier])
def test_panel_opens_for_verified_staff(tier: Tier) -> None:
    answer = enter(make_staff(tier)).get("/superadmin/")
    assert answer.status_code == 200
    assert str(tier.label) in answer.content.decode()


@pytest.mark.parametrize("path", ["login/", "password_change/", "password_change/done/", "r/1/1/", "autocomplete/"])
def test_doors_of_the_stock_admin_are_closed(client: Client, path: str) -> None:
    user = make_user(password="pass-word-1234")
    answer = client.post(f"/superadmin/{path}", {"username": user.email, "password": "pass-word-1234"})
    assert answer.status_code in {302, 404}
    assert "_auth_user_id" not in client.session


def test_policy_of_the_panel_refuses_inline_scripts() -> None:
    policy = enter(make_staff()).get("/superadmin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
