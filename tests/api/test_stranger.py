"""A stranger walks every address with the ids of another workspace: they learn nothing and change nothing.

Every route of the URLconf stands in exactly one of the three tables below; a new one fails the first test until it
is placed.
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
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
from channels_app.models import Channel, Relation, TrackedChannel
from tests.api.routes import all_routes
from tests.factories import bearer, make_channel, make_token, make_tracked, make_workspace, owner_of

CANARY = "Canary of the victim"
THEIR_NOTE = uuid.UUID("11111111-2222-4333-8444-555555555555")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

# No row of any workspace is behind these.
OPEN = {
    "health/live", "health/ready", "metrics", "i18n/setlang/", "api/schema/", "api/docs/", "api/^(?P<rest>.*)$",
    "", "preferences/theme/", "demo/", "demo/leave/",
    "account/login/", "account/logout/", "account/inactive/", "account/signup/", "account/reauthenticate/",
    "account/email/", "account/confirm-email/", "account/password/change/", "account/password/set/",
    "account/password/reset/", "account/login/code/confirm/", "account/password/reset/key/done/",
    "account/password/reset/done/",
    # Opened by a key that is mailed to the person and cannot be guessed.
    r"account/^confirm-email/(?P<key>[-:\w]+)/$",
    r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    # Opened by an address that cannot be guessed (tests/face/test_sharing.py).
    "s/embed.js", "s/<str:token>/", "s/<str:token>/badge.svg", "s/<str:token>/embed/", "s/<str:token>/og.png",
    "s/<str:token>/<str:section>/", "s/<str:token>/<str:section>/files/<str:name>.<str:form>",
    # Opened by a signed link out of a mail; what it shows is its own.
    "reports/stop/<str:token>/", "reports/confirm/<str:token>/",
}  # fmt: skip

# What they show is of the workspace that asks.
OWN = {
    "api/v2/analytics/benchmarks",
    "api/v2/analytics/citation-index",
    "api/v2/analytics/compare",
    "api/v2/analytics/mention-graph",
    "api/v2/channels",
    "api/v2/exports",
    "api/v2/metrics",
    "api/v2/shared-links",
    "app/",
    "app/add/",
    "app/compare/",
    "app/exports/",
    "app/first-steps/hide/",
    "app/exports/progress/",
    "app/import/",
    "app/import/progress/",
    "app/palette/",
    "app/palette/posts/",
    "app/search/",
    "app/tags/",
    "app/tags/change/",
    "app/tags/put/",
    "app/segments/",
    "account/",
    "account/security/",
    "account/data/",
    "account/workspace/",
    "account/people/",
    "account/tokens/",
    "account/plan/",
    "app/shared/",
    "app/shared/new/",
    "api/v2/reports",
    "app/reports/",
    "app/reports/branding/",
    "app/reports/new/",
    "app/reports/progress/",
}

# Named by an id of the workspace's: how the address is filled.
BY_CHANNEL = "channel"
BY_TRACKING = "tracking"
BY_WORKSPACE = "workspace"
BY_TOKEN = "token"
BY_EXPORT = "export"
BY_REPORT = "report"
BY_SCHEDULE = "schedule"
BY_DELIVERY = "delivery"
BY_SHARE = "share"
BY_SEGMENT = "segment"
OBJECTS = {
    "account/workspace/<uuid:public_id>/": ("public_id", BY_WORKSPACE),
    "api/v2/channels/<str:channel>": ("channel", BY_CHANNEL),
    "api/v2/channels/<str:channel>/notes": ("channel", BY_CHANNEL),
    "api/v2/channels/<str:channel>/notes/<uuid:public_id>": ("channel", BY_CHANNEL),
    "api/v2/exports/channels/<str:channel>/all-posts": ("channel", BY_CHANNEL),
    "api/v2/exports/channels/<str:channel>/all-snapshots": ("channel", BY_CHANNEL),
    "api/v2/exports/<uuid:public_id>": ("public_id", BY_EXPORT),
    "api/v2/exports/<uuid:public_id>/file": ("public_id", BY_EXPORT),
    "api/v2/analytics/channels/<str:channel>/overview": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/growth": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/reach": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/official-graphs": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/official-graphs/<str:graph>": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/reconciliation": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/statistics": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/top-posts": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/posts": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/posts/<int:msg_id>": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/posts/<int:msg_id>/curve": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/ledger": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/trending": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/anomalies": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/best-time": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/calendar": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/content-effects": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/sources": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/events": ("channel", BY_CHANNEL),
    "api/v2/analytics/channels/<str:channel>/now": ("channel", BY_CHANNEL),
    "app/channels/<str:name>/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/<str:section>/files/<str:what>.<str:form>": ("name", BY_CHANNEL),
    "app/channels/<str:name>/audience/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/changes/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/content/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/growth/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/notes/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/now/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/notes/add/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/notes/<uuid:public_id>/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/notes/<uuid:public_id>/remove/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/posts/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/sources/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/timing/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/trending/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/posts/<int:msg_id>/": ("name", BY_CHANNEL),
    "app/exports/<uuid:public_id>/remove/": ("public_id", BY_EXPORT),
    "api/v2/shared-links/<uuid:public_id>": ("public_id", BY_SHARE),
    "app/shared/<uuid:public_id>/": ("public_id", BY_SHARE),
    "app/shared/<uuid:public_id>/password/": ("public_id", BY_SHARE),
    "app/shared/<uuid:public_id>/rotate/": ("public_id", BY_SHARE),
    "app/shared/<uuid:public_id>/revoke/": ("public_id", BY_SHARE),
    "app/tracked/<int:pk>/": ("pk", BY_TRACKING),
    "app/tracked/<int:pk>/collecting/": ("pk", BY_TRACKING),
    "app/tracked/<int:pk>/remove/": ("pk", BY_TRACKING),
    "account/tokens/<int:pk>/end/": ("pk", BY_TOKEN),
    "api/v2/reports/<uuid:public_id>": ("public_id", BY_REPORT),
    "api/v2/reports/<uuid:public_id>/file": ("public_id", BY_REPORT),
    "app/reports/files/<uuid:public_id>/remove/": ("public_id", BY_REPORT),
    "app/reports/saved/<uuid:public_id>/": ("public_id", BY_SCHEDULE),
    "app/reports/saved/<uuid:public_id>/preview/": ("public_id", BY_SCHEDULE),
    "app/reports/saved/<uuid:public_id>/preview/mail/": ("public_id", BY_SCHEDULE),
    "app/reports/saved/<uuid:public_id>/<str:act>/": ("public_id", BY_SCHEDULE),
    "app/channels/<str:name>/report/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/media-kit/": ("name", BY_CHANNEL),
    "app/channels/<str:name>/media-kit/file/": ("name", BY_CHANNEL),
    "app/segments/<uuid:public_id>/": ("public_id", BY_SEGMENT),
    "app/segments/<uuid:public_id>/remove/": ("public_id", BY_SEGMENT),
    "app/reports/mails/<uuid:public_id>/repeat/": ("public_id", BY_DELIVERY),
}
# Written by every request, and of the stranger's own doing.
VOLATILE = {"sessions.Session", "core.AuditEntry", "core.AuditWords", "account.EmailAddress"}


def test_every_route_is_placed() -> None:
    assert sorted(all_routes()) == sorted([*OPEN, *OWN, *OBJECTS])


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    """A walk of every address is more than the limits of one minute."""
    settings.API_LIMIT_FACTOR = 1_000


@pytest.fixture
def victim(db: None) -> Workspace:
    """A workspace with an owned public channel and one that is known by its invite link only."""
    workspace = make_workspace(name=CANARY)
    owned = make_tracked(workspace, make_channel("victim_news", tg_id=4_040, title=CANARY), relation=Relation.OWNED)
    private = Channel.objects.create(invite_hash="VictimInvite42", title=CANARY, created_at=owned.created_at)
    make_tracked(workspace, private)
    make_token(workspace)
    Note.objects.create(
        public_id=THEIR_NOTE, workspace=workspace, channel=owned.channel, text=CANARY, at=owned.created_at,
        created_at=owned.created_at, changed_at=owned.created_at,
    )  # fmt: skip
    ExportFile.objects.create(
        workspace=workspace, actor=["user", 1, CANARY], what="overview", channel="@victim_news", format="csv",
        language="en", created_at=owned.created_at, finished_at=owned.created_at,
    )  # fmt: skip
    SharedLink.objects.create(
        workspace=workspace, tracked=owned, name=CANARY, digest="d" * 64, prefix="vicTi", created_at=owned.created_at,
        expires_at=timezone.now() + timedelta(days=9), preset="28d", sections=["overview"],
    )  # fmt: skip
    SavedSegment.objects.create(
        workspace=workspace, name=CANARY, filters={"media": "video"}, created_at=owned.created_at
    )
    report_rows(workspace, owned)
    return workspace


def report_rows(workspace: Workspace, owned: TrackedChannel) -> None:
    """A report that was made, a saved one, and a mail of it that was refused."""
    now = owned.created_at
    ReportFile.objects.create(
        workspace=workspace, actor=["user", 1, CANARY], channel="@victim_news", form="pdf", language="en",
        first_day=now.date(), last_day=now.date(), time_zone="UTC", created_at=now, finished_at=now,
    )  # fmt: skip
    schedule = ReportSchedule.objects.create(
        workspace=workspace, name=CANARY, language="en", every="week", day=1, at="09:00", created_at=now
    )
    schedule.channels.add(owned.channel)
    recipient = ReportRecipient.objects.create(schedule=schedule, email="victim@example.org", created_at=now)
    ReportDelivery.objects.create(
        schedule=schedule, recipient=recipient, period="2026-10-26/2026-11-01", planned_at=now, outcome="refused"
    )


@pytest.fixture
def stranger(db: None) -> Workspace:
    """Another workspace that follows a channel of its own."""
    workspace = make_workspace(name="Stranger")
    make_tracked(workspace, make_channel("stranger_news"))
    return workspace


@pytest.fixture(params=["session", "token"])
def browser(request: Any, stranger: Workspace) -> Client:
    """The stranger's client."""
    client = Client(raise_request_exception=False)
    if request.param == "session":
        client.force_login(owner_of(stranger))
    else:
        client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(stranger))["Authorization"]
    return client


def names_of(workspace: Workspace, kind: str) -> Any:
    """Pairs: an id of the victim's, and one of the same form that nobody has."""
    if kind == BY_CHANNEL:
        return [("4040", "4041"), ("@victim_news", "@nobody_news"), ("+VictimInvite42", "+NobodyInvite42")]
    numbered = {BY_TRACKING: workspace.tracked_channels, BY_TOKEN: workspace.tokens}
    if kind in numbered:
        return [(str(row.pk), "999999999") for row in numbered[kind].all()]
    rows = {
        BY_EXPORT: ExportFile.objects.filter(workspace=workspace),
        BY_REPORT: ReportFile.objects.filter(workspace=workspace),
        BY_SCHEDULE: ReportSchedule.objects.filter(workspace=workspace),
        BY_DELIVERY: ReportDelivery.objects.filter(schedule__workspace=workspace),
        BY_SEGMENT: SavedSegment.objects.filter(workspace=workspace),
        BY_SHARE: SharedLink.objects.filter(workspace=workspace),
        BY_WORKSPACE: [workspace],
    }
    return [(str(row.public_id), str(uuid.uuid4())) for row in rows[kind]]


def all_rows(but: Any) -> Any:
    """Every row of every table that is not the stranger's doing, as text."""
    rows = {}
    for model in apps.get_models():
        if model._meta.label in VOLATILE or not model._meta.managed:
            continue
        for row in model._default_manager.values():
            row.pop("last_used_at", None)
            row.pop("last_login", None)
            rows[model._meta.label, row.get("pk") or row.get("id") or str(row)] = str(row)
    return rows


def ask(client: Client, method: str, route: Any, parameter: Any, value: Any) -> Any:
    url = "/" + route.replace(f"<str:{parameter}>", value).replace(f"<int:{parameter}>", value)
    url = url.replace(f"<uuid:{parameter}>", value).replace("<int:msg_id>", "1").replace("<str:act>", "pause")
    url = url.replace("<uuid:public_id>", str(THEIR_NOTE))
    return client.generic(method, url, "{}", "application/json")


@pytest.mark.parametrize("route", sorted(OBJECTS))
def test_stranger_finds_nothing_at_ids_of_others(
    victim: Workspace, browser: Client, stranger: Workspace, route: Any
) -> None:
    parameter, kind = OBJECTS[route]
    before = all_rows(but=stranger)

    for theirs, nobodys in names_of(victim, kind):
        for method in METHODS:
            answer = ask(browser, method, route, parameter, theirs)
            same = ask(browser, method, route, parameter, nobodys)

            assert answer.status_code in {404, 405} or is_sign_in(answer), (method, theirs, answer.status_code)
            assert answer.status_code == same.status_code, (method, theirs)
            assert CANARY not in answer.content.decode()

    assert all_rows(but=stranger) == before


def is_sign_in(response: Any) -> Any:
    """Pages know sessions only; a token is sent to sign in."""
    return response.status_code == 302 and response["Location"].startswith("/account/login/")


@pytest.mark.parametrize("route", sorted(OWN))
def test_stranger_sees_only_their_own(victim: Workspace, browser: Client, stranger: Workspace, route: Any) -> None:
    before = all_rows(but=stranger)

    response = browser.get(f"/{route}")

    assert response.status_code in {200, 302, 400, 405}
    assert CANARY not in response.content.decode()
    assert "victim_news" not in response.content.decode()
    assert all_rows(but=stranger) == before


@pytest.mark.django_db
def test_nobody_sees_anything_without_signing_in(victim: Workspace, client: Client) -> None:
    for route, (parameter, kind) in OBJECTS.items():
        for theirs, _nobodys in names_of(victim, kind):
            response = ask(client, "GET", route, parameter, theirs)

            assert response.status_code in {401, 405} or is_sign_in(response), route


def test_stranger_who_tracks_the_public_channel_too_shares_only_its_public_facts(
    victim: Workspace, stranger: Workspace, client: Client
) -> None:
    token = make_token(stranger)
    added = client.post("/api/v2/channels", {"ref": "@victim_news"}, "application/json", headers=bearer(token))

    assert added.status_code == 201
    assert added.json()["relation"] == "watched"
    removed = client.delete("/api/v2/channels/@victim_news", headers=bearer(token))
    assert removed.status_code == 204
    assert victim.tracked_channels.filter(relation=Relation.OWNED).exists()
