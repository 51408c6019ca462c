"""Rows for tests: small, valid and without surprises. Every argument that matters is given by the test."""

import itertools
from datetime import UTC, datetime

from django.utils import timezone

from accounts.models import Membership, Role, User, Workspace
from accounts.roles import SCOPES
from accounts.tokens import create_token
from analyticbot.core.audit import SYSTEM
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Relation, TrackedChannel

_numbers = itertools.count(1)
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def make_user(email: str | None = None, *, password: str = "pass-word-1234") -> User:
    """A person who can sign in."""
    return User.objects.create_user(email or f"person{next(_numbers)}@example.org", password)


def make_workspace(*, owner: User | None = None, name: str = "Workspace") -> Workspace:
    """A workspace with its owner."""
    workspace = Workspace.objects.create(name=name, created_at=WHEN)
    make_member(workspace, owner or make_user(), Role.OWNER)
    return workspace


def make_member(workspace: Workspace, user: User | None = None, role: Role = Role.VIEWER) -> Membership:
    """A person in a workspace."""
    return Membership.objects.create(workspace=workspace, user=user or make_user(), role=role, created_at=WHEN)


def owner_of(workspace: Workspace) -> User:
    """The owner of a workspace."""
    return workspace.memberships.select_related("user").get(role=Role.OWNER).user


def make_token(workspace: Workspace, *, creator: User | None = None, scopes: list[str] | None = None) -> str:
    """The text of a token that is valid now."""
    _token, text = create_token(
        workspace,
        creator=creator or owner_of(workspace),
        name="tests",
        scopes=scopes or [scope.value for scope in SCOPES],
        now=timezone.now(),
        actor=SYSTEM,
    )
    return text


def bearer(text: str) -> dict[str, str]:
    """Headers of a request with a token."""
    return {"Authorization": f"Bearer {text}"}


def make_channel(username: str | None = "", *, tg_id: int | None = None, title: str = "A channel") -> Channel:
    """A resolved channel with its sync and history rows; its username is unique unless given."""
    number = next(_numbers)
    channel = Channel.objects.create(
        tg_id=tg_id or 1_000_000_000 + number,
        username=f"channel_{number}" if username == "" else username,
        title=title,
        created_at=WHEN,
    )
    ChannelSync.objects.create(channel=channel)
    CollectTask.objects.create(channel=channel, kind=CollectKind.HISTORY)
    return channel


def make_tracked(
    workspace: Workspace, channel: Channel | None = None, *, relation: Relation = Relation.WATCHED
) -> TrackedChannel:
    """A channel that a workspace follows."""
    return TrackedChannel.objects.create(
        workspace=workspace, channel=channel or make_channel(), relation=relation, created_at=WHEN
    )
