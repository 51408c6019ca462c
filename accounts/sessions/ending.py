"""The end of sessions: one, all others, or all of a person."""

from datetime import datetime
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.http import HttpRequest

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import User
from accounts.sessions.limits import rotate
from analyticbot.core.audit import Actor, AuditAction, record_audit

# Sent when sessions have ended otherwise than by signing out: `keys` is the list of their keys.
sessions_ended = Signal()


@transaction.atomic
def end_sessions(user: User, *, actor: Actor, now: datetime, request: HttpRequest | None = None) -> int:
    """Sign a person out everywhere, at once; returns how many sessions were listed.

    Every session carries the person's epoch and none of an earlier one is believed, so one that stands in no list ends
    as well. `request`: the person's own, whose session goes on; leave it out where staff or the system ends them all.
    """
    ended = _end_all(user, keep=request, now=now)
    record_audit(AuditAction.SESSIONS_ENDED, user, actor=actor, now=now, after={"sessions": ended})
    record_event(EventKind.SESSIONS_ENDED, user=user, request=request, now=now, detail={"sessions": ended})
    return ended


@transaction.atomic
def end_other_sessions(request: HttpRequest, user: User, *, now: datetime) -> int:
    """After a change of a password or a factor: end all sessions but this one, which gets another key.

    Who is not signed in, as after a reset, keeps none. No trail of its own: the change leaves one. Returns how many
    were listed.
    """
    return _end_all(user, keep=request if request.user.is_authenticated else None, now=now)


@transaction.atomic
def end_session(user: User, *, pk: int, request: HttpRequest, now: datetime) -> bool:
    """End one session of a person; False if there is no such one of theirs."""
    found = UserSession.objects.select_for_update().filter(user=user, pk=pk).first()
    if found is None:
        return False
    found.delete()
    _forget([found.session_key])
    record_audit(AuditAction.SESSIONS_ENDED, user, actor=user_actor(user), now=now, after={"sessions": 1})
    record_event(EventKind.SESSION_ENDED, user=user, request=request, now=now)
    return True


def _end_all(user: User, *, keep: HttpRequest | None, now: datetime) -> int:
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    kept = keep.session.session_key if keep else None
    ended = list(UserSession.objects.filter(user=user).exclude(session_key=kept).values_list("session_key", flat=True))
    UserSession.objects.filter(session_key__in=ended).delete()
    _forget(ended)
    if keep is not None:
        if isinstance(keep.user, User):
            keep.user.session_epoch = user.session_epoch
        keep.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        rotate(keep, user, now=now)
    return len(ended)


def _forget(keys: list[str]) -> None:
    """They leave the store; whatever is open in their name is told after the commit."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for key in keys:
        store.delete(key)
    transaction.on_commit(lambda: sessions_ended.send(sender=UserSession, keys=keys))
