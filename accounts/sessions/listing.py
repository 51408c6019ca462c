"""A person's sessions, as they may see them: device, network, times."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession

from accounts.models import User
from accounts.places import device_named, shortened
from accounts.sessions.limits import lifetime_of


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `device` and `network` are empty when unknown."""

    pk: int
    device: str
    network: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(user: User, *, this: str | None, now: datetime) -> list[Session]:
    """Sessions that still work at `now`: the one with the key `this` first, then those seen last."""
    lifetime = lifetime_of(user)
    rows = UserSession.objects.filter(
        user=user, last_seen_at__gt=now - lifetime.idle, created_at__gt=now - lifetime.whole
    ).order_by("-last_seen_at")
    sessions = [_session(row, this=this) for row in rows]
    return sorted(sessions, key=lambda one: not one.is_this)


def _session(row: UserSession, *, this: str | None) -> Session:
    return Session(
        pk=row.pk,
        device=device_named(row.user_agent),
        network=shortened(row.ip) if row.ip != "0.0.0.0" else "",  # noqa: S104 - what stands for an unknown one
        began_at=row.created_at,
        seen_at=row.last_seen_at,
        is_this=row.session_key == this,
    )
