"""Tenants in one database: every table is known to belong to a workspace, to a person, or to nobody."""

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.test import Client

from accounts.models import User, Workspace
from channels_app.models import Channel, Relation
from tests.factories import bearer, make_channel, make_token, make_tracked, make_workspace

# How rows without a column of their own come to their workspace.
BY_WAY = {
    "analytics.ReportRecipient": "schedule",
    "analytics.ReportDelivery": "schedule",
    "analytics.ReportSchedule_channels": "reportschedule",
    "analytics.SharedLinkViews": "link",
    "analytics.ChannelTag": "tracked",
}
# Public facts of Telegram: one row however many workspaces follow a channel; read through TrackedChannel only.
# What only an admin of the channel may see (official figures) is read through a tracking that is owned.
FACTS = {
    "Channel", "ChannelSync", "CollectTask", "CollectionGap", "ChannelFactChange", "SubscriberSample", "DailyFact",
    "OfficialGraph", "OfficialSummary", "PostOfficialGraph", "PublicForwardSeen", "Post", "AlbumItem", "PostSnapshot",
    "PostRevision", "PostReference", "PostReach", "ReachMark", "PackedCurve", "SnapshotMonth", "CurveKeeping",
    "CellCheck", "ChannelHour", "ChannelDay", "EarlyDeletion",
}  # fmt: skip
# Made of public facts, or of the machine itself; no page of a workspace reads rows of them by an id.
MACHINE = {
    "analytics.NetworkRun", "analytics.CitationRank", "analytics.ChannelStanding", "analytics.PostWords",
    "analytics.WordsMark", "core.Heartbeat", "accounts.Workspace", "accounts.User",
    # Written by the trail itself, and read by staff: `superadmin` and `audit_verify`.
    "core.AuditWords", "core.AuditAnchor", "core.ConfigurationVersion",
    # About people who are gone: a number and days.
    "accounts.Erasure",
}  # fmt: skip
# Apps whose rows are the staff's, the framework's or the machine's. Their pages are refused to everybody else by
# `test_matrix.py`.
APART = {
    "mtproto", "superadmin", "admin", "auth", "contenttypes", "sessions", "django_celery_beat", "mfa", "account",
    "socialaccount", "usersessions", "sites",
}  # fmt: skip


def test_every_table_is_known_to_belong_to_somebody() -> None:
    unknown = []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        known = label in MACHINE or label in BY_WAY or model._meta.app_label in APART
        known = known or (model._meta.app_label == "channels_app" and model.__name__ in FACTS)
        if not known and not _owners(model):
            unknown.append(label)

    assert not unknown, f"Give these a workspace or a person, or place them in this file: {unknown}"


def test_the_ways_to_a_workspace_lead_there() -> None:
    for label, way in BY_WAY.items():
        field = apps.get_model(label)._meta.get_field(way)
        assert isinstance(field, ForeignKey)
        related = field.related_model
        assert isinstance(related, type)
        assert Workspace in _owners(related) and not field.null, label


def _owners(model: type) -> set[type]:
    """Workspace or User, where a row hangs on one."""
    fields = model._meta.get_fields()  # type: ignore[attr-defined]  # of models
    related = {getattr(field, "related_model", None) for field in fields if isinstance(field, ForeignKey)}
    numbered = {Workspace for field in fields if field.name in {"workspace_id", "workspace"}}
    return {one for one in related if one in {Workspace, User}} | numbered


def test_following_a_public_channel_gives_its_public_facts_only(db: None, client: Client) -> None:
    home, stranger = make_workspace(), make_workspace()
    make_tracked(home, make_channel("home_news"), relation=Relation.OWNED)
    token = bearer(make_token(stranger))

    added = client.post("/api/v2/channels", {"ref": "@home_news"}, "application/json", headers=token)

    assert (added.status_code, added.json()["relation"]) == (201, "watched")
    official = client.get("/api/v2/analytics/channels/@home_news/official-graphs", headers=token)
    assert official.status_code in {200, 404} and not (official.status_code == 200 and official.json()["data"])
    assert client.delete("/api/v2/channels/@home_news", headers=token).status_code == 204
    assert home.tracked_channels.filter(relation=Relation.OWNED).exists()
    assert Channel.objects.filter(username="home_news").exists()


@pytest.mark.django_db
def test_the_key_of_a_workspace_opens_no_other(client: Client) -> None:
    home, other = make_workspace(name="Home"), make_workspace(name="Other")
    make_tracked(other, make_channel("other_news"))

    listed = client.get("/api/v2/channels", headers=bearer(make_token(home)))

    assert listed.json()["data"] == []
