"""Archives of what is kept about a person: ask for one, make what is due, find it."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.event_models import EventKind, SecurityEvent
from accounts.events import record_event
from accounts.models import PersonalArchive, User
from accounts.personal.archive import write_archive
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.bell import ring
from analyticbot.core.errors import Conflict, LimitReached
from analyticbot.core.made_files import LEASE, Clock, run_made

# Each is the same but for the last hours; more would only load the database.
MOST_A_DAY = 3
_DAY = timedelta(days=1)


@transaction.atomic
def request_archive(
    user: User, *, language: str, actor: Actor, now: datetime, request: HttpRequest | None = None
) -> PersonalArchive:
    """Make an archive due now. Raises Conflict (one is being made) and LimitReached (enough for a day)."""
    # One at a time for each person, so that two requests cannot both be the last that is allowed.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = PersonalArchive.objects.filter(user=user)
    if mine.filter(due_at__isnull=False).exists():
        raise Conflict(_("Your data is being put together already."), code="archive_waiting")
    # Those that were removed count as well.
    asked = SecurityEvent.objects.filter(user=user, kind=EventKind.DATA_EXPORTED, at__gt=now - _DAY)
    if asked.count() >= MOST_A_DAY:
        raise LimitReached(_("That were enough archives for one day. Try again tomorrow."))
    row = PersonalArchive.objects.create(
        user=user, actor=[actor.kind, actor.id, ""], language=language, created_at=now, due_at=now
    )
    record_audit(AuditAction.ARCHIVE_REQUESTED, row, actor=actor, now=now, after={"person": user.pk})
    record_event(EventKind.DATA_EXPORTED, user=user, now=now, request=request)
    transaction.on_commit(lambda: ring("accounts.make_archives"))
    return row


def run_due_archives(*, clock: Clock = timezone.now, limit: int = 3) -> int:
    """Make up to `limit` due archives, one after the other; returns how many were touched. Safe beside others."""
    touched = 0
    for row in PersonalArchive.objects.one_by_one(lease=LEASE, limit=limit):
        touched += 1
        run_made(row, partial(_make, row, clock=clock), language=row.language, clock=clock)
    return touched


def archives_of(user: User) -> list[PersonalArchive]:
    """The archives of a person that are still remembered, newest first."""
    return list(PersonalArchive.objects.filter(user=user).order_by("-pk"))


def find_archive(user: User, *, public_id: uuid.UUID) -> PersonalArchive | None:
    """The archive of this person with that id."""
    return PersonalArchive.objects.filter(user=user, public_id=public_id).first()


def note_fetched(row: PersonalArchive, *, actor: Actor, now: datetime) -> None:
    """Leave a trace that the archive was fetched."""
    record_audit(AuditAction.ARCHIVE_FETCHED, row, actor=actor, now=now)


def remove_archive(row: PersonalArchive, *, actor: Actor, now: datetime) -> None:
    """Delete an archive before its time."""
    with transaction.atomic():
        record_audit(AuditAction.ARCHIVE_REMOVED, row, actor=actor, now=now)
        row.discard()


def _make(row: PersonalArchive, *, clock: Clock) -> None:
    def done(now: datetime) -> None:
        actor = Actor(*row.actor)
        record_audit(AuditAction.ARCHIVE_FINISHED, row, actor=actor, now=now, after={"size": row.size})

    with translation.override(row.language):
        row.make(lambda part: _write(row, part, now=clock()), clock=clock, done=done)


def _write(row: PersonalArchive, part: Path, *, now: datetime) -> None:
    write_archive(row.user, part, now=now)
