"""How long a session lives: until it has been idle for too long, or simply for too long."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest

from accounts.models import User
from analyticbot.core.address import client_address

_BEGAN = "began_at"
# Activity is written down at most this often: a request in between costs one word with the cache.
_STEP = timedelta(minutes=1)
_UNKNOWN = "0.0.0.0"  # noqa: S104 - no address is listened on; the column wants one
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session may be idle, and how long it lives at most."""

    idle: timedelta
    whole: timedelta


MEMBERS = Lifetime(idle=timedelta(hours=12), whole=timedelta(days=14))
# Staff can reach into every account.
STAFF = Lifetime(idle=timedelta(minutes=30), whole=timedelta(hours=8))


def lifetime_of(user: User) -> Lifetime:
    """How long a session of this person lives."""
    return STAFF if user.is_staff else MEMBERS


def begin(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Note the beginning of a session in it and in the list of the person's sessions."""
    request.session[_BEGAN] = now.timestamp()
    if request.session.session_key is None:  # another person's session went before
        request.session.create()
    _note(request, user, now=now)
    cache.set(_mark(request), 1, timeout=_STEP.total_seconds())


def is_over(request: HttpRequest, user: User, *, now: datetime) -> bool:
    """Whether the session has outlived itself; if not, that somebody uses it is noted."""
    if _BEGAN not in request.session:  # it began before limits did
        request.session[_BEGAN] = now.timestamp()
    if _is_too_old(request, user, now=now):
        return True
    if not cache.add(_mark(request), 1, timeout=_STEP.total_seconds()):
        return False
    if _is_too_idle(request, user, now=now):
        cache.delete(_mark(request))
        return True
    _note(request, user, now=now)
    return False


def has_outlived_itself(request: HttpRequest, user: User, *, now: datetime) -> bool:
    """The same for what looks at a session without using it."""
    return _is_too_old(request, user, now=now) or _is_too_idle(request, user, now=now)


def _is_too_old(request: HttpRequest, user: User, *, now: datetime) -> bool:
    began: float = request.session.get(_BEGAN, now.timestamp())
    return bool(now.timestamp() - began >= lifetime_of(user).whole.total_seconds())


def _is_too_idle(request: HttpRequest, user: User, *, now: datetime) -> bool:
    idle = UserSession.objects.filter(
        session_key=request.session.session_key, last_seen_at__lte=now - lifetime_of(user).idle
    )
    return bool(idle.exists())


def forget(request: HttpRequest) -> None:
    """Take the session out of the list."""
    if request.session.session_key:
        UserSession.objects.filter(session_key=request.session.session_key).delete()


def began_at(request: HttpRequest) -> datetime | None:
    """When the session began, however often its key has changed since; None for a stranger's."""
    began: float | None = request.session.get(_BEGAN)
    return datetime.fromtimestamp(began, UTC) if began is not None else None


def rotate(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Give the session another key, so that whoever knew the old one has nothing; its place in the list stays."""
    before = request.session.session_key
    request.session.cycle_key()
    if not UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key):
        _note(request, user, now=now)
    cache.set(_mark(request), 1, timeout=_STEP.total_seconds())


def _note(request: HttpRequest, user: User, *, now: datetime) -> None:
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "ip": client_address(request) or _UNKNOWN, "last_seen_at": now},
        create_defaults={
            "user": user,
            "ip": client_address(request) or _UNKNOWN,
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:_LONGEST_AGENT],
            "created_at": now,
            "last_seen_at": now,
        },
    )


def mark_of(session_key: str) -> str:
    """The key of the cache that says that a session was seen just now; it does not show the session's."""
    return f"session-seen:{hashlib.sha256(session_key.encode()).hexdigest()[:32]}"


def _mark(request: HttpRequest) -> str:
    return mark_of(request.session.session_key or "")
