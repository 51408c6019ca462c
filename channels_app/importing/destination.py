"""Where a file's messages go: the channel, and the workspace that follows it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Role, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from channels_app.collect.schedule import schedule_channel
from channels_app.importers.findings import FileFacts
from channels_app.importers.refusal import ImportRefused
from channels_app.models import Channel, TrackedChannel
from channels_app.querysets import MAX_ID_DIGITS
from channels_app.tracking import require_room, ring_collector
from mtproto.references import ReferenceInvalid, parse_reference


def find_workspace(given: str | None) -> Workspace | None:
    """The workspace that an operator means: by its owner's e-mail, number or public id; None: the only one there is.

    None when there is none at all. Raises InvalidInput when it is not clear which.
    """
    if given is None:
        several = list(Workspace.objects.order_by("pk")[:2])
        if len(several) > 1:
            raise InvalidInput("There are several workspaces: say which with --workspace EMAIL or ID.")
        return several[0] if several else None
    found = _workspaces_named(given.strip())
    if len(found) != 1:
        reason = "More than one workspace is" if found else "No workspace is"
        raise InvalidInput(f"{reason} known by {given[:80]}.")
    return found[0]


def _workspaces_named(given: str) -> list[Workspace]:
    if "@" in given:
        owned = Workspace.objects.filter(memberships__user__email=given.lower(), memberships__role=Role.OWNER)
        return list(owned.order_by("pk")[:2])
    if given.isascii() and given.isdigit() and len(given) <= MAX_ID_DIGITS:
        return list(Workspace.objects.filter(pk=int(given)))
    try:
        return list(Workspace.objects.filter(public_id=UUID(given)))
    except ValueError:
        return []


@dataclass(frozen=True, slots=True)
class Naming:
    """What a channel is known by: at least one of them."""

    tg_id: int | None
    username: str | None
    invite_hash: str | None

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else str(self.tg_id or f"https://t.me/+{self.invite_hash}")


def name_channel(facts: FileFacts, *, given: str | None) -> Naming:
    """The channel's names from the file and from what was given beside it. Raises ImportRefused."""
    if given is None:
        if facts.tg_id is None and facts.username is None:
            raise ImportRefused("The file does not say which channel it is of. Name it: --channel @name, link or id.")
        return Naming(facts.tg_id, facts.username, None)
    try:
        reference = parse_reference(given)
    except ReferenceInvalid as error:
        raise ImportRefused(str(error)) from None
    if reference.tg_id and facts.tg_id and reference.tg_id != facts.tg_id:
        raise ImportRefused(f"The file is of channel {facts.tg_id}, not of {reference.tg_id}.")
    return Naming(facts.tg_id or reference.tg_id, reference.username, reference.invite_hash)


@transaction.atomic
def find_or_make_channel(
    naming: Naming,
    *,
    title: str | None,
    workspace: Workspace | None,
    trusted: bool,
    admitted: int | None = None,
    now: datetime,
) -> Channel:
    """The channel's row, made if there is none. A title is taken where none is known.

    Raises ImportRefused when the names lead to different channels, or (unless `trusted`) when only other workspaces
    follow the channel: facts are shared, and a file proves nothing about who made it. `admitted`: the row that this
    import has begun to write to before.
    """
    channel = _find(naming)
    if channel is None:
        names = {"tg_id": naming.tg_id, "username": naming.username, "invite_hash": naming.invite_hash}
        if naming.tg_id:
            # That the link leads to this id is the file's word only, and a link is what opens a private channel.
            names["invite_hash"] = None
        key = next(name for name, value in names.items() if value)
        values = {**names, "title": (title or "")[:255], "created_at": now}
        return Channel.objects.get_or_create(**{key: values.pop(key)}, defaults=values)[0]
    if not trusted and channel.pk != admitted and not _may_write(channel, workspace):
        raise ImportRefused(f"Others follow {channel} already; ask the operator to import the file.")
    _complete(channel, naming, title=title)
    return channel


def _find(naming: Naming) -> Channel | None:
    channels = Channel.objects.select_for_update()
    by_id = channels.filter(tg_id=naming.tg_id).first() if naming.tg_id else None
    by_name = None
    if naming.username:
        by_name = channels.filter(username=naming.username).first()
    elif naming.invite_hash:
        by_name = channels.filter(invite_hash=naming.invite_hash).first()
    for_good = by_name is not None and by_name.tg_id is not None
    if for_good and naming.tg_id and by_name is not None and by_name.tg_id != naming.tg_id:
        raise ImportRefused(f"{naming} is channel {by_name.tg_id}, but the file is of {naming.tg_id}.")
    # A row that is known by its name only is left to the collector, which merges it once Telegram has resolved it.
    return by_id or by_name


def _may_write(channel: Channel, workspace: Workspace | None) -> bool:
    trackings = TrackedChannel.objects.filter(channel=channel)
    if workspace is not None and trackings.filter(workspace=workspace).exists():
        return True
    return not trackings.exists() and not channel.posts.exists()


def _complete(channel: Channel, naming: Naming, *, title: str | None) -> None:
    """Fill in what the row did not know; what it knows is Telegram's word or an earlier file's, and stays."""
    changed: list[str] = []
    # Where an invite link leads, only Telegram says: whoever holds the link may read what is there.
    if channel.tg_id is None and naming.tg_id and channel.invite_hash is None:
        channel.tg_id = naming.tg_id
        changed.append("tg_id")
    if channel.username is None and naming.username and not Channel.objects.filter(username=naming.username).exists():
        channel.username = naming.username
        changed.append("username")
    if not channel.title and title:
        channel.title = title[:255]
        changed.append("title")
    if changed:
        channel.save(update_fields=changed)


@transaction.atomic
def follow(channel: Channel, *, workspace: Workspace, actor: Actor, now: datetime) -> TrackedChannel:
    """Tie the channel to the workspace as watched and let the collector look for it; doing it twice changes nothing."""
    require_room(workspace, channel=channel)
    tracked, created = TrackedChannel.objects.get_or_create(
        workspace=workspace, channel=channel, defaults={"created_at": now}
    )
    schedule_channel(channel, now=now)
    if created:
        record_audit(
            AuditAction.CHANNEL_TRACKED,
            tracked,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            after={"channel": channel.pk, "reference": str(channel)},
        )
        transaction.on_commit(ring_collector)
    return tracked
