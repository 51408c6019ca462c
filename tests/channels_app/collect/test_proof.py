"""Who reads a private channel: workspaces that hold its invite link or have an account in it, and no other."""

import itertools
from typing import Any

import pytest

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import InvalidInput
from analyticbot.core.models import AuditEntry
from channels_app.collect.address import adopt
from channels_app.collect.proof import refuse_shared
from channels_app.importers.findings import FileFacts, Format
from channels_app.importing.destination import find_or_make_channel, follow, name_channel
from channels_app.models import Channel, TrackedChannel
from channels_app.tracking import track_channel
from mtproto.errors import PeerPrivate
from mtproto.models import TelegramAccount
from mtproto.records import ChannelRecord, PeerKind
from mtproto.references import parse_reference
from tests.factories import WHEN, make_workspace

TG_ID, LINK = 1234567890, "https://t.me/+TheirInvite01"
_numbers = itertools.count(1)


def make_account(workspace: Workspace | None) -> TelegramAccount:
    account = TelegramAccount(
        tg_id=next(_numbers), label="one", workspace_id=workspace.pk if workspace else None, created_at=WHEN
    )
    account.session = "session"
    account.save()
    return account


def record(**values: Any) -> ChannelRecord:
    values = {"tg_id": TG_ID, "kind": PeerKind.CHANNEL, "title": "Board room", "access_hash": 5, **values}
    return ChannelRecord(**values)


def name(workspace: Workspace, reference: str) -> Channel:
    tracked, _ = track_channel(
        workspace=workspace, reference=parse_reference(reference), actor=SYSTEM, user=None, now=WHEN
    )
    return tracked.channel


def read(account: TelegramAccount, channel: Channel, **values: Any) -> Channel:
    return Channel.objects.get(pk=adopt(account, channel, record(**values), now=WHEN))


def followers() -> set[int]:
    return set(TrackedChannel.objects.values_list("workspace_id", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("ref", [str(TG_ID), f"https://t.me/c/{TG_ID}/7"])
def test_id_named_before_others_invite_is_dropped_at_the_merge(ref: str) -> None:
    ours, theirs = make_workspace(), make_workspace()
    name(theirs, ref)
    pending = name(ours, LINK)

    channel = read(make_account(ours), pending, is_member=True)

    assert (channel.title, channel.invite_hash) == ("Board room", "TheirInvite01")
    assert followers() == {ours.pk}
    entry = AuditEntry.objects.get(action="channels:channel:untracked")
    assert (entry.workspace_id, entry.actor_kind, entry.after) == (theirs.pk, "system", {"reason": "channel_private"})
    assert "Board room" not in str(entry.before)


@pytest.mark.django_db
def test_id_that_an_account_proves_is_kept_for_its_workspace_only() -> None:
    ours, theirs = make_workspace(), make_workspace()
    channel = name(theirs, str(TG_ID))
    assert name(ours, str(TG_ID)) == channel

    read(make_account(ours), channel, is_member=True)

    assert followers() == {ours.pk}
    with pytest.raises(InvalidInput):
        name(theirs, str(TG_ID))


@pytest.mark.django_db
def test_invite_holders_stay_whoever_reads() -> None:
    ours, shared, late = make_workspace(), make_workspace(), make_workspace()
    channel = name(ours, LINK)
    name(shared, LINK)

    channel = read(make_account(None), channel, is_member=True)
    assert followers() == {ours.pk, shared.pk}

    second = name(late, "https://t.me/+SecondInvite")
    channel = read(make_account(late), second, is_member=False)
    read(make_account(ours), channel, is_member=True)
    assert followers() == {ours.pk, shared.pk, late.pk}


@pytest.mark.django_db
def test_invite_named_after_the_id_is_a_proof_that_survives_the_merge() -> None:
    ours = make_workspace()
    name(ours, str(TG_ID))
    pending = name(ours, LINK)

    read(make_account(None), pending)

    assert TrackedChannel.objects.get().invite_hash == "TheirInvite01"


@pytest.mark.django_db
def test_public_channel_stays_with_all_who_named_its_id() -> None:
    ours, theirs = make_workspace(), make_workspace()
    channel = name(ours, str(TG_ID))
    name(theirs, str(TG_ID))

    channel = read(make_account(None), channel, username="shop")

    assert followers() == {ours.pk, theirs.pk}
    name(make_workspace(), str(TG_ID))


@pytest.mark.django_db
def test_shared_account_proves_nothing_for_an_id() -> None:
    channel, shared, own = name(make_workspace(), str(TG_ID)), make_account(None), make_account(make_workspace())

    with pytest.raises(PeerPrivate):
        refuse_shared(shared, channel, record(is_member=True))

    refuse_shared(shared, channel, record(username="shop"))
    refuse_shared(shared, name(make_workspace(), LINK), record())
    refuse_shared(own, channel, record())


@pytest.mark.django_db
def test_username_that_only_a_file_told_makes_nothing_public() -> None:
    ours, theirs = make_workspace(), make_workspace()
    naming = name_channel(FileFacts(Format.CSV, tg_id=TG_ID), given="@made_up")
    made_up = find_or_make_channel(naming, title="Mine", workspace=theirs, trusted=False, now=WHEN)
    follow(made_up, workspace=theirs, actor=SYSTEM, now=WHEN)

    channel = read(make_account(ours), name(ours, LINK), is_member=True)

    assert (channel.pk, channel.username, followers()) == (made_up.pk, None, {ours.pk})


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["file", "link"])
def test_link_that_only_a_file_ties_to_the_id_is_no_proof(first: str) -> None:
    ours, theirs, own_link = make_workspace(), make_workspace(), "https://t.me/+OwnInvite001"
    if first == "link":
        name(theirs, own_link)
    naming = name_channel(FileFacts(Format.CSV, tg_id=TG_ID), given=own_link)
    find_or_make_channel(naming, title="Mine", workspace=theirs, trusted=False, now=WHEN)
    name(theirs, own_link)

    channel = read(make_account(ours), name(ours, LINK), is_member=True)

    assert set(channel.trackings.values_list("workspace_id", flat=True)) == {ours.pk}
