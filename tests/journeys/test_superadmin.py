"""Pages of the panel in a real browser: nothing breaks its policy, and nothing is wider than a telephone."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Tier
from superadmin.navigation import PLACES
from tests.browser import wait_until
from tests.factories import make_token, make_user, make_workspace, owner_of
from tests.journeys.conftest import Options, Traveller
from tests.superadmin.staff import enter, make_staff

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Where pictures of the pages go, for people who want to look at them; nowhere unless asked for.
PICTURES = os.environ.get("PANEL_PICTURES")


def test_panel_in_a_browser(chromium: "Browser", live_server: "LiveServer") -> None:
    workspace = make_workspace(owner=make_user("somebody@example.org"), name="Quiet waters")
    make_token(workspace)
    person, staff = workspace.memberships.get().user, make_staff(email="staff@example.org")
    enter(make_staff(email="second@example.org")).post(
        f"/superadmin/people/{person.pk}/delete/", {"reason": "asked by letter"}
    )
    key = enter(staff).cookies[settings.SESSION_COOKIE_NAME].value
    pages = {str(place.title): reverse(place.url) for _title, places in PLACES for place in places}
    pages |= {
        name: f"/superadmin/{path}"
        for name, path in {
            "found": "accounts/user/?q=somebody",
            "person": f"accounts/user/{person.pk}/change/",
            "suspend": f"people/{person.pk}/suspend/",
            "tier": f"people/{person.pk}/tier/",
            "new": "people/new/",
            "workspace": f"accounts/workspace/{workspace.pk}/change/",
            "plan": f"workspaces/{workspace.pk}/plan/",
            "network": "networks/new/",
        }.items()
    }
    for width, scheme in ((1280, "light"), (320, "dark")):
        options: Options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}  # type: ignore[typeddict-item]
        guest = Traveller(chromium, live_server, **options)
        guest.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        for name, path in pages.items():
            answer = guest.go(path)
            assert answer and answer.status == 200, name
            wait_until(guest.page, "() => !document.documentElement.hasAttribute('x-cloak')")
            if PICTURES:
                guest.page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png")
            wide = guest.page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide"
        assert guest.complaints == []
        guest.context.close()


def test_looking_as_somebody_else_is_told_on_each_page(chromium: "Browser", live_server: "LiveServer") -> None:
    person = owner_of(make_workspace(owner=make_user("somebody@example.org"), name="Quiet waters"))
    client = enter(make_staff(Tier.ADMIN, "staff@example.org"))
    client.post(f"/superadmin/people/{person.pk}/impersonate/", {"reason": "cannot see a chart", "ticket": "T-1"})
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    guest = Traveller(chromium, live_server, viewport={"width": 320, "height": 900}, color_scheme="dark")
    guest.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
    guest.go("/app/")
    assert guest.page.get_by_text("You look as somebody@example.org").is_visible()
    assert not guest.has_sideways_scroll()
    if PICTURES:
        guest.page.screenshot(path=Path(PICTURES) / "seeing-320-dark.png")
    guest.page.get_by_role("button", name="Look as yourself again").click()
    guest.page.wait_for_url("**/superadmin/accounts/user/**")
    assert guest.complaints == []
    guest.context.close()
