"""Access hashes, rights and places in the update stream, per account."""

from datetime import timedelta

import pytest

from mtproto.models import PeerAccess, TelegramAccount
from mtproto.peers import (
    accounts_knowing,
    forget_peer,
    peer_by_username,
    peer_for,
    pts_of,
    remember_peer,
    save_pts,
)
from mtproto.records import ChannelRecord, Peer, PeerKind
from tests.factories import WHEN
from tests.mtproto.rows import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> TelegramAccount:
    return make_account()


def seen(**values: object) -> ChannelRecord:
    return ChannelRecord(
        **{"tg_id": 5, "kind": PeerKind.CHANNEL, "title": "T", "access_hash": -9, "username": "name", **values}  # type: ignore[arg-type]
    )


def test_resolved_channel_is_remembered_per_account(account: TelegramAccount) -> None:
    remember_peer(account, seen(), now=WHEN)

    assert peer_for(account, 5) == Peer(5, -9)
    assert peer_for(make_account(), 5) is None
    found = peer_by_username(account, "NAME")
    assert found is not None
    assert found.channel_tg_id == 5


def test_later_facts_do_not_wipe_what_they_do_not_tell(account: TelegramAccount) -> None:
    full = seen(is_full=True, can_view_stats=True, stats_dc=4, pts=10, is_member=True)
    remember_peer(account, full, now=WHEN)

    remember_peer(account, seen(username=None, access_hash=7), now=WHEN + timedelta(days=1))

    row = PeerAccess.objects.get()
    assert (row.access_hash, row.username, row.stats_dc, row.pts, row.can_view_stats, row.is_member) == (
        7, "name", 4, 10, True, False,
    )  # fmt: skip


def test_place_in_the_stream_is_not_moved_by_looking(account: TelegramAccount) -> None:
    remember_peer(account, seen(is_full=True, pts=10), now=WHEN)
    assert save_pts(account, 5, pts=12)

    remember_peer(account, seen(is_full=True, pts=99), now=WHEN)

    assert pts_of(account, 5) == 12


def test_first_pts_is_taken_when_none_was_known(account: TelegramAccount) -> None:
    remember_peer(account, seen(), now=WHEN)
    remember_peer(account, seen(is_full=True, pts=10), now=WHEN)

    assert pts_of(account, 5) == 10


def test_channel_without_access_hash_is_not_kept(account: TelegramAccount) -> None:
    assert remember_peer(account, seen(access_hash=None), now=WHEN) is None
    assert not save_pts(account, 5, pts=1)


def test_accounts_with_statistics_come_first(account: TelegramAccount) -> None:
    member, admin, stranger = make_account(), make_account(), make_account(state="revoked")
    remember_peer(account, seen(), now=WHEN)
    remember_peer(member, seen(is_member=True), now=WHEN)
    remember_peer(admin, seen(is_full=True, is_admin=True, can_view_stats=True), now=WHEN)
    remember_peer(stranger, seen(is_full=True, can_view_stats=True), now=WHEN)

    assert list(accounts_knowing(5)) == [admin, member, account]
    assert list(accounts_knowing(6)) == []


def test_forgotten_peer_is_resolved_again(account: TelegramAccount) -> None:
    remember_peer(account, seen(), now=WHEN)

    forget_peer(account, 5)

    assert peer_for(account, 5) is None
