"""Switches of the operator reach a collector that runs."""

from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.runtime.changing import change_value
from channels_app.holds import hold_channel
from channels_app.models import CollectionGap, Hold, Post
from mtproto.models import TelegramAccount
from tests.channels_app.collect.world import running_collector, track, wait_complete, wait_for
from tests.telegram import SandboxProcess


def _switch(key: str, value: str, *, seen: int) -> None:
    change_value(key, value, seen_version=seen, reason="A test", actor=SYSTEM, now=timezone.now())


def test_running_collector_stops_and_begins_to_follow(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    with running_collector() as collector:

        def following() -> int:
            return sum(one.following for one in collector._connections.values())

        wait_complete(channel)
        wait_for(lambda: following() == 1, what="followed")
        _switch("MTPROTO_UPDATES_ENABLED", "off", seen=0)
        wait_for(lambda: following() == 0, what="no longer followed")
        assert CollectionGap.objects.get(kind="updates", ended_at=None).reason == "switched off"
        _switch("MTPROTO_UPDATES_ENABLED", "on", seen=1)
        wait_for(lambda: following() == 1, what="followed again")
        telegram.control("post", channel="beta", text="fresh")
        wait_for(lambda: Post.objects.filter(channel=channel, message_id=31).exists(), what="new post")


def test_held_channel_is_let_go_of_while_the_collector_runs(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    with running_collector() as collector:

        def following() -> int:
            return sum(one.following for one in collector._connections.values())

        wait_complete(channel)
        wait_for(lambda: following() == 1, what="followed")
        hold_channel(channel, hold=Hold.PAUSED, reason="its owner asks", actor=SYSTEM, now=timezone.now())
        wait_for(lambda: following() == 0, what="let go of")
        telegram.control("post", channel="beta", text="unseen")
        hold_channel(channel, hold="", reason="enough", actor=SYSTEM, now=timezone.now())
        wait_for(lambda: Post.objects.filter(channel=channel, message_id=31).exists(), what="what was missed")
