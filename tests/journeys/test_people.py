"""Somebody is invited, makes an account by the link, and is given another role."""

import re

import pytest
from django.core import mail

from accounts.models import Membership, Role, User
from accounts.people.letters import mail_due_invitations
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.django_db(transaction=True)


def test_invited_person_joins_and_gets_another_role(travel: Travel) -> None:
    owner = make_user("owner@example.org")
    workspace = make_workspace(owner=owner, name="Bazaar")
    link = _invite(travel, owner)
    guest = travel(viewport={"width": 320, "height": 700})
    page = guest.page
    guest.go(link)
    assert not guest.has_sideways_scroll()
    page.get_by_role("button", name="Create an account").click()
    playwright.expect(page.get_by_label("Email")).to_have_value("bek@example.org")
    page.get_by_label("Password").fill("a long way to Samarkand")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/app/")
    playwright.expect(page.get_by_text("You are a member of “Bazaar” now.")).to_be_visible()
    _promote(travel, owner)
    assert Membership.objects.get(workspace=workspace, user__email="bek@example.org").role == Role.ANALYST
    guest.go("/account/people/")
    assert not guest.has_sideways_scroll()
    assert guest.complaints == []


def _invite(travel: Travel, owner: User) -> str:
    traveller = travel()
    traveller.come_back(owner)
    traveller.go("/account/people/")
    page = traveller.page
    page.get_by_label("E-mail address").fill("bek@example.org")
    page.get_by_role("button", name="Send the invitation").click()
    playwright.expect(page.get_by_text("An invitation goes to bek@example.org.")).to_be_visible()
    mail_due_invitations()
    found = re.search(r"/account/invitation/\S+", str(mail.outbox[-1].body))
    assert found
    return found[0]


def _promote(travel: Travel, owner: User) -> None:
    traveller = travel()
    traveller.come_back(owner)
    traveller.go("/account/people/")
    page = traveller.page
    page.get_by_label("Role of bek").select_option("analyst")
    page.get_by_role("button", name="Change").click()
    playwright.expect(page.get_by_text("bek@example.org: Analyst.")).to_be_visible()
    assert traveller.complaints == []
