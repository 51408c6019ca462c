"""A Telegram account that has shown itself and belongs to nobody here yet: kept in the session until it is connected.

It is never connected by itself. Whoever could put theirs into another's session would otherwise sign in as them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from accounts.telegram.signed import TelegramPerson

# Long enough to make an account and to confirm an address on the way.
WAITS_FOR = timedelta(minutes=30)
_KEY = "telegram_waiting"


def keep_waiting(request: HttpRequest, person: TelegramPerson) -> None:
    """Keep who has shown themselves in this session."""
    request.session[_KEY] = {
        "id": person.telegram_id,
        "name": person.name,
        "username": person.username,
        "may_write": person.may_write,
        "at": person.signed_at.timestamp(),
    }


def who_waits(request: HttpRequest, *, now: datetime) -> TelegramPerson | None:
    """Who waits in this session to be connected."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None:
        return None
    signed_at = datetime.fromtimestamp(kept["at"], UTC)
    if now - signed_at > WAITS_FOR:
        return None
    return TelegramPerson(
        telegram_id=kept["id"],
        name=kept["name"],
        username=kept["username"],
        may_write=kept["may_write"],
        signed_at=signed_at,
        once="",
    )


def stop_waiting(request: HttpRequest) -> None:
    """Nobody waits any more."""
    request.session.pop(_KEY, None)
