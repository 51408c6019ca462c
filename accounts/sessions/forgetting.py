"""Sessions and codes of long ago leave the tables; none of them was believed any more."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from accounts.factors.models import SentCode
from accounts.sessions.limits import MEMBERS

_AT_ONCE = 10_000


def forget_sessions(*, now: datetime) -> int:
    """Delete what is over at `now`: sessions in the store and in the lists of people, and codes. Returns how many."""
    SentCode.objects.filter(expires_at__lte=now).delete()
    listed = _some(UserSession.objects.filter(last_seen_at__lte=now - MEMBERS.idle))
    return listed + _some(Session.objects.filter(expire_date__lte=now))


def _some(rows: "QuerySet[UserSession] | QuerySet[Session]") -> int:
    """Delete some at a time, so that nobody waits for locks of a long statement."""
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        deleted += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted
