"""Whose work a channel is: never nobody's, whoever has met it before."""

from django.utils import timezone

from accounts.models import Workspace
from channels_app.collect.claims import tasks_for
from channels_app.models import Channel, CollectKind, TrackedChannel
from mtproto.models import AccountState, PeerAccess, TelegramAccount
from tests.channels_app.collect.world import track
from tests.mtproto.rows import make_account


def _workspace(name: str) -> Workspace:
    return Workspace.objects.create(name=name, created_at=timezone.now())


def _met_channel(*workspaces: Workspace) -> Channel:
    channel = next(track(workspace, "@shared_news") for workspace in workspaces)
    for workspace in workspaces[1:]:
        track(workspace, "@shared_news")
    Channel.objects.filter(pk=channel.pk).update(tg_id=777)
    return channel


def _meet(account: TelegramAccount) -> None:
    PeerAccess.objects.create(account=account, channel_tg_id=777, access_hash=1, resolved_at=timezone.now())


def _serves(account: TelegramAccount) -> bool:
    return tasks_for(account).filter(kind=CollectKind.HISTORY).exists()


def test_channel_met_by_a_shared_account_goes_to_the_account_of_a_workspace_that_tracks_it(db: None) -> None:
    first, second = _workspace("A"), _workspace("B")
    shared, own = make_account(), make_account(workspace_id=first.pk)
    _met_channel(second)
    _meet(shared)
    assert _serves(shared)

    track(first, "@shared_news")

    assert (_serves(own), _serves(shared)) == (True, False)


def test_channel_met_by_the_account_of_a_workspace_that_let_go_of_it_goes_to_the_shared_one(db: None) -> None:
    first, second = _workspace("A"), _workspace("B")
    shared, own = make_account(), make_account(workspace_id=first.pk)
    channel = _met_channel(first, second)
    _meet(own)
    assert (_serves(own), _serves(shared)) == (True, False)

    TrackedChannel.objects.filter(workspace=first, channel=channel).delete()

    assert (_serves(own), _serves(shared)) == (False, True)


def test_channel_stays_with_the_account_that_met_it_while_both_may_serve(db: None) -> None:
    first, second = _workspace("A"), _workspace("B")
    one, other = make_account(workspace_id=first.pk), make_account(workspace_id=second.pk)
    _met_channel(first, second)
    _meet(one)
    assert (_serves(one), _serves(other)) == (True, False)

    TelegramAccount.objects.filter(pk=one.pk).update(state=AccountState.DISABLED)
    assert _serves(other)
