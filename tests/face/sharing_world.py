"""A channel that is shared: the links, and strangers who open them."""

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
PUBLIC = SHAREABLE[:-1]
Share = Callable[..., tuple[SharedLink, str]]


def sharing(person: User, workspace: Workspace, channel: Channel, *, now: datetime) -> Share:
    """Makes links to a channel of the workspace; each with the address of its page."""
    tracked = TrackedChannel.objects.get(workspace=workspace, channel=channel)

    def make(*, password: str = "", **changes: Any) -> tuple[SharedLink, str]:
        terms: dict[str, Any] = {
            "name": "For advertisers",
            "expires_at": now + timedelta(days=30),
            "sections": PUBLIC,
            "preset": "28d",
            **changes,
        }
        link, token = create_link(
            tracked, terms=Terms(**terms), password=password, creator=person, actor=user_actor(person), now=now
        )
        return link, f"/s/{token}/"

    return make


@pytest.fixture
def share(person: User, workspace: Workspace, full: Channel, now: datetime) -> Share:
    """Shares the full channel of the workspace."""
    return sharing(person, workspace, full, now=now)


@pytest.fixture
def rich(full: Channel, now: datetime) -> Channel:
    """The full channel with one of everything that sections tell of."""
    enrich(full, now=now)
    return full


@pytest.fixture
def stranger() -> Client:
    """A browser that is signed in nowhere."""
    return Client(HTTP_USER_AGENT=BROWSER)
