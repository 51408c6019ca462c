"""The gate of the panel."""

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_panel_asks_strangers_to_sign_in_at_the_accounts(client: Client) -> None:
    answer = client.get("/superadmin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/account/login/")


def test_panel_is_nowhere_for_people_who_are_no_staff(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/superadmin/").status_code == 404
