"""The operator's word on a channel: collect it no more for now, let nobody see it, begin anew."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput
from channels_app.collect.schedule import restart_channel
from channels_app.models import Channel, ChannelSync, Hold, SyncState
from channels_app.tracking import ring_collector

MOST_REASON = 300
_ACTIONS = {
    ("", Hold.PAUSED): AuditAction.CHANNEL_PAUSED,
    (Hold.PAUSED, ""): AuditAction.CHANNEL_RESUMED,
    ("", Hold.BLOCKED): AuditAction.CHANNEL_BLOCKED,
    (Hold.PAUSED, Hold.BLOCKED): AuditAction.CHANNEL_BLOCKED,
    (Hold.BLOCKED, ""): AuditAction.CHANNEL_UNBLOCKED,
}


@transaction.atomic
def hold_channel(channel: Channel, *, hold: str, reason: str, actor: Actor, now: datetime) -> Channel:
    """Pause a channel, block it, or with the empty word let it go on; within seconds for the collector.

    What is stored stays. Raises InvalidInput (`reason`) and Conflict where the channel is that already, or blocked.
    """
    row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    action = _ACTIONS.get((row.hold, hold))
    if action is None:
        raise Conflict(_("The channel is not in a state for this. Look at it again."))
    if not reason.strip() or len(reason) > MOST_REASON:
        raise InvalidInput(_("Say why, in 1 to %(most)s characters.") % {"most": MOST_REASON}, field="reason")
    before = {"hold": row.hold, "reason": row.held_for}
    row.hold, row.held_for, row.held_at = hold, reason.strip() if hold else "", now if hold else None
    # What readers keep of the channel is of the version before.
    row.version += 1
    row.save(update_fields=["hold", "held_for", "held_at", "version"])
    record_audit(action, row, actor=actor, now=now, before=before, after={"hold": hold, "reason": reason.strip()})
    if not hold:
        transaction.on_commit(ring_collector)
    return row


@transaction.atomic
def resync_channel(channel: Channel, *, actor: Actor, now: datetime) -> None:
    """Look at the channel anew at once, also where collecting had been given up. Conflict for one that is held."""
    row = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if row.hold:
        raise Conflict(_("The channel is paused or blocked. Let it go on first."))
    ChannelSync.objects.filter(channel=row, state=SyncState.FAILED).update(
        state=SyncState.PENDING, error_code="", error=""
    )
    restart_channel(row, now=now)
    record_audit(AuditAction.CHANNEL_RESYNCED, row, actor=actor, now=now)
    transaction.on_commit(ring_collector)
