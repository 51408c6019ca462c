"""Sessions and codes of long ago leave the tables; none of them was believed any more."""

from datetime import datetime
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from accounts.factors.models import SentCode
from accounts.sessions.limits import MEMBERS

_AT_ONCE = 10_000


def forget_sessions(*, now: datetime) -> int:
    """Delete what is over at `now`: sessions in the store and in the lists of people, and codes. Returns how many."""
    SentCode.objects.filter(expires_at__lte=now).delete()
    return _expired(Session.objects.filter(expire_date__lte=now)) + _idle(now=now)


def _idle(*, now: datetime) -> int:
    """Delete sessions that were idle for too long, from the store first: the list is all that knows that they were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows, deleted = UserSession.objects.filter(last_seen_at__lte=now - MEMBERS.idle), 0
    while keys := list(rows.values_list("session_key", flat=True)[:_AT_ONCE]):
        for key in keys:
            store.delete(key)
        deleted += UserSession.objects.filter(session_key__in=keys).delete()[0]
    return deleted


def _expired(rows: "QuerySet[Session]") -> int:
    """Delete some at a time, so that nobody waits for locks of a long statement."""
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        deleted += Session.objects.filter(pk__in=keys).delete()[0]
    return deleted
