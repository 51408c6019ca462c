"""Two workspaces that have one of everything, the people of one of them, and whoever else may come to the door."""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import Invitation, Role, Tier, User, Workspace
from accounts.personal.models import PersonalArchive
from accounts.roles import SCOPES
from analytics.models import (
    ExportFile,
    Note,
    ReportDelivery,
    ReportFile,
    ReportRecipient,
    ReportSchedule,
    SavedSegment,
    SharedLink,
)
from analytics.sharing.tokens import digest_of
from channels_app.ingest.official import ingest_official
from channels_app.models import Channel, TrackedChannel
from mtproto.records import Graph
from tests.accounts.factors import add_app
from tests.face.world import full_channel, track
from tests.factories import bearer, make_member, make_token, make_user, make_workspace, owner_of
from tests.security.doors import Of
from tests.security.keys import made_up_credential

_NUMBERED = {Of.TRACKING, Of.TOKEN, Of.KEY, Of.SESSION, Of.MEMBER}
EVERYTHING = ["*"]
READING = [scope.value for scope in SCOPES if scope.endswith(":read")]
# One of its posts, and what else may stand in an address without naming a row.
PARTS = {
    "provider_id": "nobody",
    "state": "made-up",
    "msg_id": "10",
    "section": "overview",
    "what": "headline",
    "form": "csv",
    "act": "pause",
    "secret": "x" * 43,
    "graph": "growth_graph",
}


@dataclass
class World:
    """A workspace and the ids of its rows. Its name is in the text of each: a canary for everybody else."""

    workspace: Workspace
    name: str
    ids: dict[Of, str]
    # Other ways to spell the channel.
    spellings: tuple[str, ...]
    token: str

    @property
    def canary(self) -> str:
        """Stands in every text of this workspace."""
        return f"Canary of {self.name}"


def make_world(name: str, *, now: datetime) -> World:
    """A workspace with an owned channel, a private one, and one row of all that people make."""
    canary = f"Canary of {name}"
    workspace = make_workspace(name=canary, owner=make_user(f"owner@{name}.example"))
    channel = full_channel(now=now, username=f"{name}_news", days=3, title=canary)
    owned = track(workspace, channel, now=now, owned=True)
    invite = f"{name.title()}Invite42"
    track(workspace, Channel.objects.create(invite_hash=invite, title=canary, created_at=now), now=now)
    graph = Graph(json='{"columns": [["x", 1760000000000], ["y0", 5]], "types": {"x": "x", "y0": "line"}}')
    ingest_official(channel.pk, graphs={"growth_graph": graph}, daily={}, observed_at=now)
    token = f"{name}-".ljust(27, "x")
    ids = _rows(workspace, owned, canary, share_token=token, now=now)
    spellings = (str(channel.tg_id), f"+{invite}")
    return World(workspace, name, ids | {Of.CHANNEL: f"@{channel.username}"}, spellings, token)


def _rows(
    workspace: Workspace, owned: TrackedChannel, canary: str, *, share_token: str, now: datetime
) -> dict[Of, str]:
    place = {"workspace": workspace, "created_at": now}
    channel = f"@{owned.channel.username}"
    made = {"actor": ["user", 1, canary], "channel": channel, "language": "en", "finished_at": now, **place}
    schedule = ReportSchedule.objects.create(name=canary, language="en", every="week", day=1, at="09:00", **place)
    schedule.channels.add(owned.channel)
    make_token(workspace)
    public: dict[Of, Any] = {
        Of.NOTE: Note.objects.create(channel=owned.channel, text=canary, at=now, changed_at=now, **place),
        Of.EXPORT: ExportFile.objects.create(what="overview", format="csv", **made),
        Of.REPORT: ReportFile.objects.create(
            form="pdf", first_day=now.date(), last_day=now.date(), time_zone="UTC", **made
        ),
        Of.SCHEDULE: schedule,
        Of.DELIVERY: _refused(schedule, now=now),
        Of.SEGMENT: SavedSegment.objects.create(name=canary, filters={"media": "video"}, **place),
        Of.SHARE: SharedLink.objects.create(
            tracked=owned, name=canary, digest=digest_of(share_token), prefix=share_token[:5], preset="28d",
            expires_at=now + timedelta(days=9), sections=["overview", "growth"], exports=True, **place,
        ),
        Of.WORKSPACE: workspace,
        Of.INVITATION: Invitation.objects.create(
            email=f"invited{workspace.pk}@example.org", role=Role.VIEWER, language="en",
            expires_at=now + timedelta(days=7), **place,
        ),
    }  # fmt: skip
    owner = owner_of(workspace)
    key = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": canary, "credential": made_up_credential()}
    )
    public[Of.ARCHIVE] = PersonalArchive.objects.create(
        user=owner, language="en", actor=["user", owner.pk, canary], created_at=now
    )
    session = UserSession.objects.create(
        user=owner, session_key=share_token.ljust(32, "0"), ip="203.0.113.9", user_agent=canary
    )
    return {
        Of.SESSION: str(session.pk),
        Of.MEMBER: str(make_member(workspace).pk),
        Of.KEY: str(key.pk),
        Of.TRACKING: str(owned.pk),
        Of.TOKEN: str(workspace.tokens.latest("pk").pk),
        **{kind: str(row.public_id) for kind, row in public.items()},
    }


def _refused(schedule: ReportSchedule, *, now: datetime) -> ReportDelivery:
    recipient = ReportRecipient.objects.create(
        schedule=schedule, email=f"reader{schedule.pk}@example.org", created_at=now
    )
    return ReportDelivery.objects.create(
        schedule=schedule, recipient=recipient, period="2026-10-26/2026-11-01", planned_at=now, outcome="refused"
    )


@dataclass
class Somebody:
    """Who comes to the door. `role`: in the home workspace. `scopes`: of a token. `tier`: of staff."""

    name: str
    client: Client
    role: Role | None = None
    scopes: list[str] | None = None
    signed_in: bool = False
    tier: Tier = Tier.NONE

    @property
    def by_token(self) -> bool:
        """Whether a program asks, which has no session."""
        return self.scopes is not None


@dataclass
class House:
    """Everything the matrix needs, made once."""

    home: World
    other: World
    people: dict[str, Somebody] = field(default_factory=dict)


def make_house(*, now: datetime) -> House:
    """Two worlds and everybody."""
    house = House(make_world("home", now=now), make_world("other", now=now))
    addresses = (f"198.51.100.{number}" for number in range(1, 250))
    for somebody in _everybody(house, addresses):
        house.people[somebody.name] = somebody
    return house


def _everybody(house: House, addresses: Iterator[str]) -> Iterator[Somebody]:
    home = house.home.workspace
    yield Somebody("anonymous", _client(addresses))
    yield Somebody("share link", _client(addresses))
    for role in (Role.VIEWER, Role.ANALYST, Role.ADMIN):
        user = make_member(home, make_user(f"{role}@home.example"), role).user
        yield Somebody(role.value, _client(addresses, user), role=role, signed_in=True)
    owner = owner_of(home)
    yield Somebody("owner", _client(addresses, owner), role=Role.OWNER, signed_in=True)
    reading = _client(addresses, token=make_token(home, scopes=READING))
    yield Somebody("read-only token", reading, role=Role.OWNER, scopes=READING)
    yield Somebody("stranger", _client(addresses, owner_of(house.other.workspace)), signed_in=True)
    for tier in (Tier.SUPPORT, Tier.MODERATOR, Tier.ADMIN, Tier.SUPER_ADMIN):
        user = owner_of(make_workspace(owner=make_user(f"{tier.name.lower()}@staff.example")))
        User.objects.filter(pk=user.pk).update(tier=tier, is_staff=True)
        yield Somebody(f"staff: {tier.label}", _client(addresses, user), signed_in=True, tier=tier)
    every = make_token(house.other.workspace)
    yield Somebody("stranger's token", _client(addresses, token=every), scopes=EVERYTHING)


def _client(addresses: Iterator[str], user: User | None = None, token: str = "") -> Client:
    client = Client(raise_request_exception=False, REMOTE_ADDR=next(addresses))
    if user:
        add_app(user)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        # Has given a password and a second factor just now.
        session["account_authentication_methods"] = [
            {"method": method, "at": time.time(), "type": "totp"} for method in ("password", "mfa")
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    if token:
        client.defaults["HTTP_AUTHORIZATION"] = bearer(token)["Authorization"]
    return client


def nobodys(of: Of) -> str:
    """An id of the form that this kind has, which no row has."""
    if of is Of.CHANNEL:
        return "@nobody_news"
    return "999999999" if of in _NUMBERED else str(uuid.UUID(int=7))


def parts_of(of: Of | None, value: str, beside: Mapping[Of, str], token: str) -> dict[str, str]:
    """What stands in an address: `value` for the row it is about, `beside` for what that row hangs on."""
    parts = {**PARTS, "token": token, "name": beside[Of.CHANNEL], "channel": beside[Of.CHANNEL]}
    if of is Of.CHANNEL:
        return parts | {"name": value, "channel": value, "public_id": beside[Of.NOTE]}
    return parts if of is None else parts | {"public_id": value, "pk": value}
