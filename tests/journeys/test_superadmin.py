"""Pages of the panel in a real browser: nothing breaks its policy, and nothing is wider than a telephone."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from tests.browser import wait_until
from tests.factories import make_token, make_user, make_workspace
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
    pages = {
        "start": "",
        "people": "accounts/user/",
        "found": "accounts/user/?q=somebody",
        "person": f"accounts/user/{person.pk}/change/",
        "suspend": f"people/{person.pk}/suspend/",
        "tier": f"people/{person.pk}/tier/",
        "impersonate": f"people/{person.pk}/impersonate/",
        "new": "people/new/",
        "workspaces": "accounts/workspace/",
        "workspace": f"accounts/workspace/{workspace.pk}/change/",
        "plan": f"workspaces/{workspace.pk}/plan/",
        "tokens": "accounts/apitoken/",
        "links": "analytics/sharedlink/",
        "approvals": "superadmin/approvalrequest/",
        "impersonations": "superadmin/impersonation/",
        "networks": "superadmin/allowednetwork/",
        "network": "networks/new/",
    }
    for width, scheme in ((1280, "light"), (320, "dark")):
        options: Options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}  # type: ignore[typeddict-item]
        guest = Traveller(chromium, live_server, **options)
        guest.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        for name, path in pages.items():
            answer = guest.go(f"/superadmin/{path}")
            assert answer and answer.status == 200, name
            wait_until(guest.page, "() => !document.documentElement.hasAttribute('x-cloak')")
            if PICTURES:
                guest.page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png")
            wide = guest.page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide"
        assert guest.complaints == []
        guest.context.close()
