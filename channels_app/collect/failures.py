"""What a refusal or failure of Telegram means for a channel, in words, and when to try again."""

from datetime import datetime, timedelta

from django.db import transaction

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from analyticbot.core.work import MAX_ATTEMPTS
from channels_app.collect.schedule import REFUSED_EVERY
from channels_app.ingest.store import lock_channel
from channels_app.models import ChannelSync, CollectKind, CollectTask, SyncState
from mtproto.errors import (
    AccountUnusable,
    FloodWait,
    GatewayError,
    PeerNotChannel,
    PeerNotFound,
    PeerPrivate,
    PeerRefused,
    PeerUnaddressed,
    ServerTrouble,
    StatsRefused,
    Unreachable,
)

# The account itself backs off while its connection is down; the work just waits for it.
UNREACHABLE_WAIT = timedelta(seconds=15)


_WORDS: tuple[tuple[type[GatewayError], str], ...] = (
    (PeerNotFound, "Telegram knows no channel by this name or link. Check the spelling and add it again."),
    (PeerPrivate, "The channel is private, or our account was removed from it. We try again every day."),
    (Unreachable, "Telegram does not answer at the moment; collecting goes on by itself."),
    (AccountUnusable, "The Telegram account that collected this channel is signed out. Sign it in again."),
    (ServerTrouble, "Telegram's server is in trouble at the moment; collecting goes on by itself."),
    (StatsRefused, "Telegram shows official statistics only to admins, and not of small channels."),
)


def explain(error: GatewayError) -> str:
    """One sentence for the person who added the channel."""
    if isinstance(error, PeerNotChannel):
        return f"This is a {error.kind.value}, not a channel. Only channels are collected."
    if isinstance(error, FloodWait):
        return f"Telegram asks us to wait {error.seconds} s; collecting goes on by itself after that."
    return next((words for kind, words in _WORDS if isinstance(error, kind)), error.message)


def settle_failure(task: CollectTask, error: GatewayError, *, now: datetime) -> None:
    """Write what the failure means: the next due time of the task, and the state of the channel.

    Nothing is written when the claim was lost: whoever holds it now knows better.
    """
    with transaction.atomic():
        # Before any task, as everywhere: other tasks of the channel may be touched.
        lock_channel(task.channel_id)
        _settle(task, error, now=now)


def settle_broken(task: CollectTask, error: Exception, *, now: datetime) -> None:
    """The work itself broke (our fault): tried again, at last once a day; the channel's state says so then."""
    told = GatewayError(f"{type(error).__name__}: {error}"[:500], code="BROKEN")
    settle_failure(task, told, now=now)


def _settle(task: CollectTask, error: GatewayError, *, now: datetime) -> None:
    reason = f"{error.code}: {explain(error)}"
    match error:
        case FloodWait():
            held = task.postpone(until=now + timedelta(seconds=error.seconds), reason=reason)
        case Unreachable():
            held = task.postpone(until=now + UNREACHABLE_WAIT, reason=reason)
        case AccountUnusable():
            # Another account may take it over at once.
            held = task.postpone(until=now, reason=reason)
        case StatsRefused():
            held = task.postpone(until=now + REFUSED_EVERY, reason=reason)
        case PeerRefused() if not isinstance(error, PeerUnaddressed):
            _refuse_channel(task, error, reason=reason, now=now)
            return
        case _:
            held = task.fail(now=now, error=reason, again_after=REFUSED_EVERY)
    if held and task.kind == CollectKind.HISTORY:
        _note_on_sync(task, error)


def _refuse_channel(task: CollectTask, error: GatewayError, *, reason: str, now: datetime) -> None:
    """The channel itself cannot be read: every task of it waits for the same reason."""
    if error.permanent:
        held = task.fail(now=now, error=reason, permanent=True)
    else:
        held = task.postpone(until=now + REFUSED_EVERY, reason=reason)
    if not held:
        return
    if error.permanent:
        after = {"channel": task.channel_id, "kind": task.kind, "error": reason}
        record_audit(AuditAction.WORK_PARKED, task, actor=SYSTEM, now=now, after=after)
    others = CollectTask.objects.filter(channel_id=task.channel_id, due_at__isnull=False).exclude(pk=task.pk)
    others.update(due_at=None if error.permanent else now + REFUSED_EVERY, last_error=reason)
    ChannelSync.objects.filter(channel_id=task.channel_id).update(
        state=SyncState.FAILED, error_code=error.code, error=explain(error), checked_at=now
    )


def _note_on_sync(task: CollectTask, error: GatewayError) -> None:
    """Say on the channel why it does not move; only what went wrong again and again makes it *failed*."""
    failed = {"state": SyncState.FAILED} if task.attempts >= MAX_ATTEMPTS else {}
    ChannelSync.objects.filter(channel_id=task.channel_id).update(error_code=error.code, error=explain(error), **failed)
