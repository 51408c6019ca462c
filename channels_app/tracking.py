"""A workspace takes up a channel, or lets go of it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from billing.limits import limits_for, refuse_beyond
from channels_app.collect.proof import has_member
from channels_app.collect.ring import ring_now
from channels_app.collect.schedule import restart_channel, schedule_channel
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Hold, SyncState, TrackedChannel
from mtproto.references import PeerReference


@transaction.atomic
def track_channel(
    *, workspace: Workspace, reference: PeerReference, actor: Actor, user: User | None, now: datetime
) -> tuple[TrackedChannel, bool]:
    """Let `workspace` follow the channel; True if it did not yet. Its collecting is due now.

    1. Find the channel by what the reference names, or make a row that the collector will resolve.
    2. Tie it to the workspace; doing it twice changes nothing.
    3. Make its history due if it is new here or has failed (adding again is asking to try again).
    4. Write the audit row; ring the collector on commit.

    Raises InvalidInput (`ref`) for a channel that is blocked, or that is private and named by id by a workspace that
    cannot read it, and PlanLimitReached when the plan allows no further channel.
    """
    channel = _find_or_make(reference, workspace=workspace, now=now)
    require_room(workspace, channel=channel)
    tracked, created = TrackedChannel.objects.get_or_create(
        workspace=workspace,
        channel=channel,
        defaults={"added_by": user, "created_at": now, "invite_hash": reference.invite_hash},
    )
    if not created and reference.invite_hash:
        TrackedChannel.objects.filter(pk=tracked.pk).update(invite_hash=reference.invite_hash)
    due = _make_due(channel, again=created, now=now)
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
    """Let go of a channel. What was observed stays; the collector works for channels that somebody follows."""
    channel = tracked.channel
    record_audit(
        AuditAction.CHANNEL_UNTRACKED,
        tracked,
        actor=actor,
        now=now,
        workspace_id=tracked.workspace_id,
        before={"channel": channel.pk, "name": str(channel), "relation": tracked.relation},
    )
    tracked.delete()


def require_room(workspace: Workspace, *, channel: Channel) -> None:
    """Raise PlanLimitReached if the plan does not allow `workspace` one channel more and it has this one not yet.

    Also InvalidInput (`ref`) for a channel that the operator has blocked. To be called in the transaction that ties
    the channel to the workspace, which is locked until then.
    """
    if channel.hold == Hold.BLOCKED:
        raise InvalidInput(_("This channel is not available here."), code="channel_blocked", field="ref")
    most = limits_for(workspace).tracked_channels
    if most is None:
        return
    # Locked, so that two channels cannot both be the last that is allowed.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    others = TrackedChannel.objects.for_workspace(workspace)
    if others.count() >= most and not others.filter(channel=channel).exists():
        text = ngettext("Your plan allows %(most)s channel.", "Your plan allows %(most)s channels.", most)
        refuse_beyond(text % {"most": most})


def ring_collector() -> None:
    """Tell the collector that something is due. Never fails: without a broker the sweep finds the row."""
    ring_now("sync")


def _find_or_make(reference: PeerReference, *, workspace: Workspace, now: datetime) -> Channel:
    if reference.username:
        naming: dict[str, str | int] = {"username": reference.username}
    elif reference.tg_id:
        naming = {"tg_id": reference.tg_id}
    else:
        naming = {"invite_hash": str(reference.invite_hash)}
    channel, created = Channel.objects.get_or_create(**naming, defaults={"created_at": now})
    if not created and reference.tg_id:
        # Locked, so that a channel that is being read for the first time just now counts as read.
        channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    if not created and reference.tg_id and not _may_name_by_id(channel, workspace=workspace):
        raise InvalidInput(
            _("This id leads to a private channel. Add it by its invite link, or sign in an account that is in it."),
            code="channel_private",
            field="ref",
        )
    return channel


def _may_name_by_id(channel: Channel, *, workspace: Workspace) -> bool:
    """An id is no secret: for a private channel that somebody else has read, the workspace must reach it itself."""
    is_unread = not channel.title
    if channel.tg_id is None or channel.username or is_unread or channel.trackings.filter(workspace=workspace).exists():
        return True
    return has_member(workspace.pk, channel.tg_id)


def _make_due(channel: Channel, *, again: bool, now: datetime) -> bool:
    """True if collecting was made due (not when the workspace has the channel already and nothing is wrong)."""
    schedule_channel(channel, now=now)
    failed = ChannelSync.objects.filter(channel=channel, state=SyncState.FAILED)
    revived = failed.update(state=SyncState.PENDING, error_code="", error="")
    is_parked = CollectTask.objects.filter(channel=channel, kind=CollectKind.HISTORY, parked_at__isnull=False).exists()
    if revived or is_parked or again:
        restart_channel(channel, now=now)
        return True
    return False
