"""Security events: one door through which everything that touches an account's safety is told.

Each is a line of the log and counted for `/metrics`; one that concerns a person we know is a row that they can read,
and those that they would want to hear of at once are mailed to them.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from prometheus_client.core import CounterMetricFamily, Metric

from accounts.event_models import EventKind, SecurityEvent
from accounts.models import User
from accounts.places import device_of, place_of
from analyticbot.core.bell import ring
from analyticbot.core.ratelimit import Limit, LimiterAway, take
from analyticbot.core.tally import add, counts

logger = logging.getLogger("analyticbot.security")

MAILED = frozenset(
    {
        EventKind.NEW_PLACE,
        EventKind.SIGN_IN_SLOWED,
        EventKind.ADMITTED,
        EventKind.PASSWORD_CHANGED,
        EventKind.PASSWORD_RESET,
        EventKind.EMAIL_ADDED,
        EventKind.EMAIL_CHANGED,
        EventKind.EMAIL_REMOVED,
        EventKind.FACTOR_ADDED,
        EventKind.FACTOR_REMOVED,
        EventKind.RECOVERY_CODES_MADE,
        EventKind.RECOVERY_CODE_USED,
        EventKind.TELEGRAM_CONNECTED,
        EventKind.TELEGRAM_DISCONNECTED,
        EventKind.PROVIDER_CONNECTED,
        EventKind.PROVIDER_DISCONNECTED,
        EventKind.TOKEN_CREATED,
        EventKind.OWNERSHIP_OFFERED,
        EventKind.OWNERSHIP_CHANGED,
        EventKind.WORKSPACE_DELETED,
        EventKind.DATA_EXPORTED,
        EventKind.IMPERSONATED,
    }
)
# A stranger can cause these as often as they like: beyond this many an hour they are counted and logged, not kept.
_BY_STRANGERS = {
    EventKind.SIGN_IN_REFUSED: Limit("event-refused", 20, 3_600),
    EventKind.SIGN_IN_SLOWED: Limit("event-slowed", 1, 86_400),
    EventKind.ADMITTED: Limit("event-admitted", 5, 3_600),
    EventKind.SIGN_IN_FORGED: Limit("event-forged", 5, 3_600),
    EventKind.RESET_ASKED: Limit("event-reset", 5, 3_600),
    EventKind.TOKEN_REFUSED: Limit("event-token", 5, 3_600),
    EventKind.FACTOR_REFUSED: Limit("event-factor", 20, 3_600),
    EventKind.CONFIRM_REFUSED: Limit("event-confirm", 20, 3_600),
}
# A program that runs into a wall does so at every request.
_COUNTED_ONLY = frozenset({EventKind.ACCESS_DENIED})
# Details that people have worded: the log, which nobody can take words out of, does without them.
_NAMES = frozenset({"name", "token", "ticket"})
_TALLY = "analyticbot:security-events"


def record_event(
    kind: EventKind,
    *,
    user: User | None,
    now: datetime,
    request: HttpRequest | None = None,
    detail: Mapping[str, str | int] | None = None,
    mail_to: str = "",
) -> SecurityEvent | None:
    """Tell that something happened to the account of `user` (None: an account that we do not know).

    Call it inside the transaction of the change. `request` says from where; leave it out for what nobody's request
    caused. `detail` holds small facts and never a secret. The mail of a kind in MAILED goes to `mail_to`, or to the
    person's address. Returns the row, or None where none is kept: nobody is known, or strangers caused too many.
    """
    network, device = (place_of(request), device_of(request)) if request else ("", "")
    add(_TALLY, {kind.value: 1})
    who = user.pk if user else "-"
    facts = {name: value for name, value in (detail or {}).items() if name not in _NAMES}
    logger.info("%s user=%s network=%s device=%s %s", kind.value, who, network or "-", device or "-", facts)
    if user is None or not _is_kept(kind, user):
        return None
    event = SecurityEvent.objects.create(
        user=user,
        kind=kind,
        at=now,
        network=network,
        device=device,
        detail=dict(detail or {}),
        mail_to=mail_to,
        due_at=now if kind in MAILED else None,
    )
    if event.due_at:
        transaction.on_commit(lambda: ring("accounts.mail_events"))
    return event


def event_counters() -> Iterator[Metric]:
    """Events by kind, of all processes."""
    kinds = CounterMetricFamily("analyticbot_security_events", "Security events, by kind", labels=["kind"])
    kept = counts(_TALLY)
    for kind in EventKind:
        kinds.add_metric([kind.value], kept.get(kind.value, 0))
    yield kinds


def _is_kept(kind: EventKind, user: User) -> bool:
    """Whether this one is written down: nobody may fill a person's list, or mailbox, from outside."""
    if kind in _COUNTED_ONLY:
        return False
    limit = _BY_STRANGERS.get(kind)
    if limit is None:
        return True
    try:
        return take([limit], key=str(user.pk)).allowed
    except LimiterAway:
        return False
