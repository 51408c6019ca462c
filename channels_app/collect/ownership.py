"""A workspace owns a channel when one of its own accounts is admin there; it is shown again every hour."""

from datetime import datetime

from django.db import transaction

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from channels_app.models import Channel, Relation, TrackedChannel
from mtproto.models import PeerAccess, TelegramAccount


@transaction.atomic
def settle_ownership(account: TelegramAccount, channel: Channel, *, is_admin: bool, now: datetime) -> bool:
    """Make the tracking of the account's workspace *owned* while the right lasts, *watched* after; True if changed.

    The right of any other account of the same workspace counts as well.
    """
    if account.workspace_id is None:
        return False
    tracked = (
        TrackedChannel.objects.select_for_update().filter(workspace_id=account.workspace_id, channel=channel).first()
    )
    if tracked is None:
        return False
    owned = is_admin or _another_admin(account, channel)
    relation = Relation.OWNED if owned else Relation.WATCHED
    if tracked.relation == relation:
        return False
    before, tracked.relation = tracked.relation, relation
    tracked.save(update_fields=["relation"])
    record_audit(
        AuditAction.CHANNEL_OWNED,
        tracked,
        actor=SYSTEM,
        now=now,
        workspace_id=tracked.workspace_id,
        before={"relation": before},
        after={"relation": str(relation), "account": str(account.public_id)},
    )
    return True


def _another_admin(account: TelegramAccount, channel: Channel) -> bool:
    if channel.tg_id is None:
        return False
    others = PeerAccess.objects.filter(
        account__in=TelegramAccount.objects.usable().filter(workspace_id=account.workspace_id),
        channel_tg_id=channel.tg_id,
        is_admin=True,
    )
    return others.exclude(account=account).exists()
