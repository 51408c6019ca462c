"""People with workspaces, and compiled catalogues. Models are imported late: pytest reads this before Django is up."""

import fcntl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from channels_app.models import Channel

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """What translators wrote, as Django reads it; what it has read before is forgotten."""
    from django.utils.translation import trans_real

    from analyticbot.local.catalogues import compile_catalogues

    with (LOCALE / "ru" / "LC_MESSAGES" / "django.po").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of pytest-xdist come at the same time
        compile_catalogues(LOCALE)
    trans_real._translations.clear()  # type: ignore[attr-defined]  # Django has no public way to forget them
    trans_real._default = None  # type: ignore[attr-defined]  # as above


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """What a page spoke last is not what the next test speaks."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def now() -> datetime:
    """The present, once per test."""
    from django.utils import timezone

    return timezone.now()


@pytest.fixture
def person(db: None) -> "User":
    """Somebody with a workspace."""
    from tests.factories import make_user

    return make_user("anna@example.org")


@pytest.fixture
def workspace(person: "User") -> "Workspace":
    """Their workspace, in Tashkent."""
    from tests.factories import make_workspace

    workspace = make_workspace(owner=person, name="Anna")
    workspace.time_zone = "Asia/Tashkent"
    workspace.save()
    return workspace


@pytest.fixture
def page(client: Client, person: "User", workspace: "Workspace") -> Client:
    """A browser of theirs, signed in."""
    client.force_login(person)
    return client


@pytest.fixture
def full(workspace: "Workspace", now: datetime) -> "Channel":
    """A channel of theirs with sixty days behind it."""
    from tests.face.world import full_channel, track

    channel = full_channel(now=now, days=60)
    track(workspace, channel, now=now, owned=True)
    return channel
