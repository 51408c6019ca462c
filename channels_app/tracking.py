"""A workspace takes up a channel, or lets go of it."""

import logging
from datetime import datetime

from celery import current_app
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, SyncState, TrackedChannel
from mtproto.models import PeerAccess
from mtproto.references import PeerReference

logger = logging.getLogger(__name__)

# Named, not imported: tasks are doors, above services.
RING_TASK = "channels_app.collect"
RING_QUEUE = "sync"


@transaction.atomic
def track_channel(
    *, workspace: Workspace, reference: PeerReference, actor: Actor, user: User | None, now: datetime
) -> tuple[TrackedChannel, bool]:
    """Let `workspace` follow the channel; True if it did not yet. Its collecting is due now.

    1. Find the channel by what the reference names, or make a row that the collector will resolve.
    2. Tie it to the workspace; doing it twice changes nothing.
    3. Make its history due if it is new here or has failed (adding again is asking to try again).
    4. Write the audit row; ring the collector on commit.

    Raises InvalidInput (`ref`) for a private channel named by id by a workspace that cannot read it.
    """
    channel = _find_or_make(reference, workspace=workspace, now=now)
    tracked, created = TrackedChannel.objects.get_or_create(
        workspace=workspace, channel=channel, defaults={"added_by": user, "created_at": now}
    )
    due = _make_history_due(channel, again=created, now=now)
    if created:
        record_audit(
            AuditAction.CHANNEL_TRACKED,
            tracked,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            after={"channel": channel.pk, "reference": str(reference)},
        )
    if due:
        transaction.on_commit(ring_collector)
    return tracked, created


@transaction.atomic
def untrack_channel(tracked: TrackedChannel, *, actor: Actor, now: datetime) -> None:
    """Let go of a channel. What was observed stays; if nobody follows it any more, collecting stops."""
    # The row of the channel is the lock: another workspace may be taking it up right now.
    channel = Channel.objects.select_for_update().get(pk=tracked.channel_id)
    record_audit(
        AuditAction.CHANNEL_UNTRACKED,
        tracked,
        actor=actor,
        now=now,
        workspace_id=tracked.workspace_id,
        before={"channel": channel.pk, "name": str(channel), "relation": tracked.relation},
    )
    tracked.delete()
    if not channel.trackings.exists():
        CollectTask.objects.filter(channel=channel).update(due_at=None)


def ring_collector() -> None:
    """Tell the collector that something is due. Only a bell: the sweep finds the row anyway."""
    try:
        current_app.send_task(RING_TASK, queue=RING_QUEUE, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the sweep will find the work: %s", error)


def _find_or_make(reference: PeerReference, *, workspace: Workspace, now: datetime) -> Channel:
    if reference.username:
        naming: dict[str, str | int] = {"username": reference.username}
    elif reference.tg_id:
        naming = {"tg_id": reference.tg_id}
    else:
        naming = {"invite_hash": str(reference.invite_hash)}
    channel, created = Channel.objects.get_or_create(**naming, defaults={"created_at": now})
    if not created and reference.tg_id and not _may_name_by_id(channel, workspace=workspace):
        raise InvalidInput(
            _("This id leads to a private channel. Add it by its invite link, or sign in an account that is in it."),
            code="channel_private",
            field="ref",
        )
    # Serialises with `untrack_channel`, which stops the work of a channel that nobody follows.
    return Channel.objects.select_for_update().get(pk=channel.pk)


def _may_name_by_id(channel: Channel, *, workspace: Workspace) -> bool:
    """An id is no secret: for a private channel that somebody else has read, the workspace must reach it itself."""
    is_unread = not channel.title
    if channel.username or is_unread or channel.trackings.filter(workspace=workspace).exists():
        return True
    return PeerAccess.objects.filter(
        channel_tg_id=channel.tg_id, account__workspace_id=workspace.pk, is_member=True
    ).exists()


def _make_history_due(channel: Channel, *, again: bool, now: datetime) -> bool:
    """True if the history was made due (not when it is already waiting or being worked on)."""
    sync, _made = ChannelSync.objects.get_or_create(channel=channel)
    task, made = CollectTask.objects.get_or_create(
        channel=channel, kind=CollectKind.HISTORY, defaults={"due_at": now}
    )
    has_failed = sync.state == SyncState.FAILED or task.parked_at is not None
    if has_failed:
        ChannelSync.objects.filter(pk=sync.pk).update(state=SyncState.PENDING, error_code="", error="")
        CollectTask.objects.filter(channel=channel).update(due_at=now, parked_at=None, attempts=0, last_error="")
    elif again:
        # Nobody may have followed the channel for a while: then nothing of it was due.
        CollectTask.objects.filter(channel=channel, parked_at__isnull=True).update(due_at=now)
    return made or has_failed or again
