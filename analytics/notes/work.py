"""Write, change and remove notes. One verb, one transaction, one audit row each."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput
from analytics.notes.models import MOST_LETTERS, Note
from analytics.period import EARLIEST
from channels_app.models import Channel

# More would cover any chart; whoever reaches it keeps a diary.
MOST_NOTES = 1_000
# A plan for next year is a note, too.
FARTHEST = timedelta(days=2 * 366)
_SPACES = re.compile(r"\s+")
_HIDDEN = {"Cc", "Cs", "Co", "Cn"}
# They turn what follows them around: a note must not dress up the page around it.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def notes_in(
    workspace: Workspace | int, channel_id: int, *, start: datetime, end: datetime, limit: int = MOST_NOTES
) -> list[Note]:
    """The workspace's notes that touch [start, end), in order of time, with their authors: one statement."""
    found = _of(workspace, channel_id).filter(at__lt=end).exclude(at__lt=start, until__isnull=True)
    found = found.exclude(until__isnull=False, until__lte=start)
    return list(found.select_related("author", "workspace").order_by("at", "pk")[:limit])


def find_note(workspace: Workspace | int, channel_id: int, *, public_id: UUID) -> Note | None:
    """That note of the channel, if it is this workspace's."""
    return _of(workspace, channel_id).filter(public_id=public_id).select_related("author", "workspace").first()


def author_of(note: Note) -> str:
    """Who wrote a note, as others read it; empty when they have left. The demo tells everybody no address."""
    if note.author is None:
        return ""
    return note.author.name or (_("Member") if note.workspace.is_demo else note.author.email)


def _of(workspace: Workspace | int, channel_id: int) -> "QuerySet[Note]":
    workspace_id = workspace if isinstance(workspace, int) else workspace.pk
    return Note.objects.filter(workspace_id=workspace_id, channel_id=channel_id)


@transaction.atomic
def add_note(
    workspace: Workspace,
    channel: Channel,
    *,
    text: str,
    at: datetime,
    until: datetime | None,
    author: User | None,
    actor: Actor,
    now: datetime,
) -> Note:
    """Write a note at a moment or over [at, until). InvalidInput (text, at, until); Conflict beyond `MOST_NOTES`."""
    text = clean_text(text)
    _check_span(at, until, now=now)
    # Two at once must not both be the last that fits.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    if _of(workspace, channel.pk).count() >= MOST_NOTES:
        raise Conflict(_("There are %(most)s notes on this channel already.") % {"most": MOST_NOTES})
    note = Note.objects.create(
        workspace=workspace,
        channel=channel,
        text=text,
        at=at,
        until=until,
        author=author,
        created_at=now,
        changed_at=now,
    )
    record_audit(AuditAction.NOTE_ADDED, note, actor=actor, now=now, workspace_id=workspace.pk, after=_told(note))
    return note


@transaction.atomic
def change_note(note: Note, *, text: str, at: datetime, until: datetime | None, actor: Actor, now: datetime) -> Note:
    """Change a note; nothing is written where nothing is different. InvalidInput (text, at, until)."""
    text = clean_text(text)
    _check_span(at, until, now=now)
    note = Note.objects.select_for_update().get(pk=note.pk)
    before = _told(note)
    note.text, note.at, note.until = text, at, until
    after = _told(note)
    if after != before:
        note.changed_at = now
        note.save(update_fields=["text", "at", "until", "changed_at"])
        record_audit(
            AuditAction.NOTE_CHANGED,
            note,
            actor=actor,
            now=now,
            workspace_id=note.workspace_id,
            before=before,
            after=after,
        )
    return note


@transaction.atomic
def remove_note(note: Note, *, actor: Actor, now: datetime) -> None:
    """Remove a note."""
    record_audit(
        AuditAction.NOTE_REMOVED, note, actor=actor, now=now, workspace_id=note.workspace_id, before=_told(note)
    )
    note.delete()


def clean_text(text: str) -> str:
    """One line of 1 to 200 visible characters; InvalidInput otherwise."""
    line = _SPACES.sub(" ", text).strip()
    if not line or len(line) > MOST_LETTERS:
        raise InvalidInput(_("Write 1 to %(most)s characters.") % {"most": MOST_LETTERS}, field="text")
    if any(unicodedata.category(letter) in _HIDDEN or letter in _TURNING for letter in line):
        raise InvalidInput(_("The text holds signs that cannot be shown."), field="text")
    return line


def _check_span(at: datetime, until: datetime | None, *, now: datetime) -> None:
    last = now + FARTHEST
    if not EARLIEST <= at <= last:
        raise InvalidInput(_("This is too far from today."), field="at")
    if until is not None and until <= at:
        raise InvalidInput(_("The end must be after the beginning."), field="until")
    if until is not None and until > last:
        raise InvalidInput(_("This is too far from today."), field="until")


def _told(note: Note) -> dict[str, Any]:
    return {
        "channel": note.channel_id,
        "text": note.text,
        "at": note.at.astimezone(UTC).isoformat(),
        "until": note.until.astimezone(UTC).isoformat() if note.until else None,
    }


def move_notes(pending_id: int, *, into_id: int) -> None:
    """Two rows turned out to be one channel: its notes stand on the one that stays."""
    Note.objects.filter(channel_id=pending_id).update(channel_id=into_id)
