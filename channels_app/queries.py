"""Channels of a workspace with the progress of their collecting: what the API and the pages show."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core import runtime
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Post, SyncState, TrackedChannel
from mtproto.models import TelegramAccount

# A channel that is not resolved yet has no id; an invite link then names it by "+hash".
_INVITE_MARK = "+"
# Telegram's and our own codes of expected failures; the names of Python's exceptions look different.
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the history is collected. Counts are of stored posts, albums once; None is unknown."""

    state: SyncState
    posts: int
    oldest: datetime | None
    newest: datetime | None
    # Messages that Telegram says the channel has, service messages and album items included.
    total: int | None
    error_code: str | None
    error: str | None
    # Why nothing happens right now, as "CODE: sentence" (a flood wait, no account); None while work goes on.
    waiting: str | None


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """One channel as a workspace sees it."""

    tracked_id: int
    channel_id: int
    id: int | None
    username: str | None
    invite_hash: str | None
    title: str
    subscribers: int | None
    subscribers_at: datetime | None
    subscribers_approximate: bool
    relation: str
    added_at: datetime
    # How addresses name the channel: ``@username``, else the bare id, else ``+invite``.
    name: str
    sync: Progress


def channel_name(channel: Channel) -> str:
    """How addresses name the channel: ``@username``, else the bare id, else ``+invite``."""
    if channel.username:
        return f"@{channel.username}"
    return str(channel.tg_id) if channel.tg_id else f"{_INVITE_MARK}{channel.invite_hash}"


def channels_for_workspace(workspace: Workspace) -> "QuerySet[TrackedChannel]":
    """Trackings of a workspace with all that `status_of` needs, in one statement however many they are."""
    posts = Post.objects.filter(channel=OuterRef("channel")).order_by()
    history = CollectTask.objects.filter(channel=OuterRef("channel"), kind=CollectKind.HISTORY)
    accounts = TelegramAccount.objects.usable().filter(Q(workspace_id__isnull=True) | Q(workspace_id=workspace.pk))
    return (
        TrackedChannel.objects.for_workspace(workspace)
        .select_related("channel", "channel__sync")
        .annotate(
            posts=Subquery(posts.values("channel").annotate(n=Count("pk")).values("n")),
            oldest=Subquery(posts.order_by("published_at").values("published_at")[:1]),
            newest=Subquery(posts.order_by("-published_at").values("published_at")[:1]),
            can_collect=Exists(accounts),
            waiting=Subquery(history.filter(leased_until__isnull=True).values("last_error")[:1]),
        )
    )


def find_tracked(workspace: Workspace, name: str) -> TrackedChannel | None:
    """The tracking that `name` means: ``@username``, bare id, or ``+invite`` hash. None if there is none here."""
    rows = channels_for_workspace(workspace)
    if name.startswith(_INVITE_MARK):
        return rows.filter(channel__invite_hash=name.removeprefix(_INVITE_MARK)).first()
    return rows.named(name).first()  # type: ignore[attr-defined, no-any-return]  # annotate hides the queryset's class


def tracked_by_id(workspace: Workspace, pk: int) -> TrackedChannel | None:
    """The tracking with this primary key, if it is this workspace's."""
    return channels_for_workspace(workspace).filter(pk=pk).first()


def status_of(tracked: Any) -> ChannelStatus:
    """The value of a row of `channels_for_workspace`."""
    channel = tracked.channel
    return ChannelStatus(
        tracked_id=tracked.pk,
        channel_id=channel.pk,
        id=channel.tg_id,
        username=channel.username,
        invite_hash=channel.invite_hash,
        title=channel.title,
        subscribers=channel.subscribers,
        subscribers_at=channel.subscribers_at,
        subscribers_approximate=channel.subscribers_approximate,
        relation=tracked.relation,
        added_at=tracked.created_at,
        name=channel_name(channel),
        sync=_progress(tracked),
    )


def _progress(tracked: Any) -> Progress:
    sync: ChannelSync | None = getattr(tracked.channel, "sync", None)
    state = SyncState(sync.state) if sync else SyncState.PENDING
    failed = sync if state == SyncState.FAILED else None
    return Progress(
        state=state,
        posts=tracked.posts or 0,
        oldest=tracked.oldest,
        newest=tracked.newest,
        total=sync.total_messages if sync else None,
        error_code=failed.error_code or "failed" if failed else None,
        error=failed.error if failed else None,
        waiting=_waiting(tracked, sync) if state in {SyncState.PENDING, SyncState.RUNNING} else None,
    )


def _waiting(tracked: Any, sync: ChannelSync | None) -> str | None:
    """``CODE: sentence``: what the collector left on the channel, else on the task, else what is missing."""
    if tracked.channel.hold:
        return "PAUSED: " + _("The operator has paused the collecting of this channel.")
    if sync and sync.error_code:
        return f"{sync.error_code}: {sync.error}"
    if tracked.waiting:
        return _for_people(str(tracked.waiting))
    if not runtime.HISTORY.now():
        return "SWITCHED_OFF: " + _("Collecting is switched off by the operator.")
    if not tracked.can_collect:
        return "NO_ACCOUNT: " + _("No Telegram account is signed in yet, so nothing can be collected.")
    return None


def _for_people(note: str) -> str:
    """The note on a task; what broke in our own code is for the log, and may tell what is nobody's business."""
    code, colon, _sentence = note.partition(": ")
    if colon and _CODE.fullmatch(code):
        return note
    return "INTERNAL: " + _("Something went wrong on our side; it is tried again by itself.")
