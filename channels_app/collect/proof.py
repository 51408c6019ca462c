"""Who may read a private channel: an id is no secret, an invite link and an account that is in it are."""

from datetime import datetime

from django.db import transaction

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from channels_app.models import Channel, TrackedChannel
from mtproto.errors import PeerPrivate
from mtproto.models import PeerAccess, TelegramAccount
from mtproto.records import ChannelRecord


def is_private(record: ChannelRecord) -> bool:
    """Telegram names no username: only who was let in may read it."""
    return record.username is None


def has_member(workspace_id: int, tg_id: int) -> bool:
    """Whether an account of the workspace is in the channel."""
    return PeerAccess.objects.filter(channel_tg_id=tg_id, account__workspace_id=workspace_id, is_member=True).exists()


def refuse_shared(account: TelegramAccount, channel: Channel, record: ChannelRecord) -> None:
    """A shared account's being in a private channel proves nothing for a workspace that knows only its id.

    Raises PeerPrivate.
    """
    if account.workspace_id is None and is_private(record) and not (channel.invite_hash or channel.username):
        raise PeerPrivate(f"{channel} is private, and was named by its id only")


@transaction.atomic
def drop_unproven(channel_id: int, *, tg_id: int, now: datetime) -> int:
    """Let go of a private channel for each workspace that has not shown that it may read it; returns how many.

    It is shown by having named the channel by an invite link, or by an account of the workspace that is in it. Call it
    in the transaction in which the channel was read, its row being locked.
    """
    dropped = 0
    unproven = TrackedChannel.objects.select_for_update(of=("self",)).select_related("channel")
    for tracked in unproven.filter(channel_id=channel_id, invite_hash__isnull=True).order_by("pk"):
        if has_member(tracked.workspace_id, tg_id):
            continue
        # Not the title: the workspace may not know it.
        record_audit(
            AuditAction.CHANNEL_UNTRACKED,
            tracked,
            actor=SYSTEM,
            now=now,
            workspace_id=tracked.workspace_id,
            before={"channel": channel_id, "name": str(tg_id), "relation": tracked.relation},
            after={"reason": "channel_private"},
        )
        tracked.delete()
        dropped += 1
    return dropped
