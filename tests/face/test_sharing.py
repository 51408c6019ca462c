"""Shared links: what strangers see, and for how long."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.access import user_actor
from accounts.models import User, Workspace
from analytics.sharing.links import create_link
from analytics.sharing.models import SHAREABLE, SharedLink
from analytics.sharing.terms import Terms
from channels_app.models import Channel, TrackedChannel
from tests.face.section_world import enrich

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
Share = Callable[..., tuple[SharedLink, str]]


@pytest.fixture
def share(person: User, workspace: Workspace, full: Channel, now: datetime) -> Share:
    """Shares the full channel of the workspace."""
    enrich(full, now=now)
    tracked = TrackedChannel.objects.get(workspace=workspace, channel=full)

    def make(*, password: str = "", **changes: Any) -> tuple[SharedLink, str]:
        terms = {
            "name": "For advertisers",
            "expires_at": now + timedelta(days=30),
            "sections": SHAREABLE[:-1],
            "preset": "28d",
            **changes,
        }
        link, token = create_link(
            tracked, terms=Terms(**terms), password=password, creator=person, actor=user_actor(person), now=now
        )
        return link, f"/s/{token}/"

    return make


@pytest.fixture
def stranger() -> Client:
    """A browser that is signed in nowhere."""
    return Client(HTTP_USER_AGENT=BROWSER)


def test_stranger_sees_the_sections_of_a_link_and_nothing_else(share: Share, stranger: Client) -> None:
    _link, root = share(sections=SHAREABLE, owner_facts=True)

    for name in SHAREABLE:
        response = stranger.get(f"{root}{name}/")
        text = response.content.decode()

        assert response.status_code == 200, name
        for address in re.findall(r'(?:href|action|src|hx-get|hx-post|data-\w+)="(/[^"]*|\?[^"]*)"', text):
            assert address.startswith((root, "?", "/static/")), (name, address)


def test_files_of_a_page_hold_what_it_shows(share: Share, stranger: Client) -> None:
    _link, root = share(sections=SHAREABLE, owner_facts=True, exports=True)

    for name in ("posts", "timing", "audience"):
        text = stranger.get(f"{root}{name}/").content.decode()
        files = re.findall(r'href="([^"]*/files/[^"]*)" download', text)

        assert files, name
        for file in files:
            response = stranger.get(file.replace("&amp;", "&"))
            assert response.status_code == 200, file
            assert len(response.content) > 20, file
