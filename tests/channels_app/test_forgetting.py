"""What goes with an erased workspace: private channels that nobody else follows, what only owners may see."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from accounts.personal.forgetting import erase_workspace
from analyticbot.core.audit import SYSTEM
from channels_app.ingest.official import ingest_official
from channels_app.models import Channel, DailyFact, OfficialGraph, PackedCurve, Post, PostReach, PostSnapshot
from channels_app.partitions import ensure_partitions, forget_partitions
from mtproto.records import Graph
from tests.face.world import full_channel, track
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def private_channel(workspace: Workspace) -> Channel:
    """One that is known by its id only, with posts and a reading."""
    channel = full_channel(now=NOW, username="was_private", days=2)
    Channel.objects.filter(pk=channel.pk).update(username=None)
    post = Post.objects.filter(channel=channel).earliest("pk")
    forget_partitions()  # those made in an earlier test were rolled back with it
    ensure_partitions(NOW)
    PostSnapshot.objects.bulk_create([PostSnapshot(post=post, observed_at=NOW, source="mtproto", views=5)])
    track(workspace, channel, now=NOW)
    return channel


def erase(workspace: Workspace) -> None:
    erase_workspace(workspace, actor=SYSTEM, now=NOW)


def test_private_channel_goes_with_its_last_follower() -> None:
    first, second = make_workspace(), make_workspace()
    channel = private_channel(first)
    track(second, channel, now=NOW)

    erase(first)
    assert (Channel.objects.filter(pk=channel.pk).exists(), PostSnapshot.objects.exists()) == (True, True)

    erase(second)
    assert (Channel.objects.exists(), Post.objects.exists(), PostSnapshot.objects.exists()) == (False, False, False)
    assert not (PackedCurve.objects.exists() or PostReach.objects.exists())


def test_public_channel_stays_without_what_only_its_owners_saw() -> None:
    first, second = make_workspace(), make_workspace()
    channel = full_channel(now=NOW, username="a_public_channel", days=2)
    for workspace in (first, second):
        track(workspace, channel, now=NOW, owned=True)
    track(make_workspace(), channel, now=NOW)
    ingest_official(channel.pk, graphs={"growth_graph": Graph(json='{"columns": []}')}, daily={}, observed_at=NOW)
    day = {"channel": channel, "day": NOW.date() - timedelta(days=1), "observed_at": NOW}
    DailyFact.objects.create(source="official", joined=3, **day)
    counted = DailyFact.objects.create(source="preview", subscribers=9, **day)

    erase(first)
    assert OfficialGraph.objects.exists()

    erase(second)
    assert not OfficialGraph.objects.exists()
    assert list(DailyFact.objects.filter(channel=channel)) == [counted]
    assert Post.objects.filter(channel=channel).exists()
