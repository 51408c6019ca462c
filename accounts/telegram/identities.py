"""Telegram accounts of people: found at sign-in, connected and disconnected by their owners."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import TelegramIdentity, User
from accounts.telegram.signed import MAX_AGE, MAX_AHEAD, TelegramPerson, Untrusted
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict
from analyticbot.core.ratelimit import Limit, LimiterAway, take

# What Telegram signed is taken once; longer than this it is too old anyway.
_ONCE = Limit("telegram-once", 1, int((MAX_AGE + MAX_AHEAD).total_seconds()))


def widget_is_offered() -> bool:
    """Whether people can sign in with Telegram on our pages: the bot and its name are set up."""
    return bool(settings.TELEGRAM_BOT_TOKEN and settings.TELEGRAM_BOT_USERNAME)


def use_once(person: TelegramPerson) -> None:
    """Take this very sign-in; raises Untrusted the second time, and while nobody can know (Redis is away)."""
    try:
        fresh = take([_ONCE], key=person.once).allowed
    except LimiterAway:
        fresh = False
    if not fresh:
        raise Untrusted("replayed")


def identity_of(person: TelegramPerson, *, now: datetime) -> TelegramIdentity | None:
    """The identity of who signed in, with what Telegram says of them now; None when nobody has connected it."""
    identity = TelegramIdentity.objects.select_related("user").filter(telegram_id=person.telegram_id).first()
    if identity is not None:
        _refresh(identity, person, now=now)
    return identity


@transaction.atomic
def connect_telegram(
    user: User, *, person: TelegramPerson, actor: Actor, now: datetime, request: HttpRequest | None = None
) -> TelegramIdentity:
    """Let this Telegram account sign `user` in. Doing it again changes nothing.

    Raises Conflict when it signs somebody else in, or when another Telegram account signs this person in.
    """
    mine = TelegramIdentity.objects.filter(user=user).first()
    if mine is not None and mine.telegram_id == person.telegram_id:
        return mine
    if mine is not None:
        raise Conflict(_("Another Telegram account is connected already. Disconnect it first."), code="has_telegram")
    try:
        with transaction.atomic():
            identity = TelegramIdentity.objects.create(
                user=user,
                telegram_id=person.telegram_id,
                username=person.username,
                name=person.name,
                may_write=person.may_write,
                connected_at=now,
            )
    except IntegrityError:
        raise Conflict(_("This Telegram account is connected to another account here."), code="taken") from None
    after = {"telegram_id": identity.telegram_id}
    record_audit(AuditAction.TELEGRAM_CONNECTED, identity, actor=actor, now=now, after=after)
    _tell(EventKind.TELEGRAM_CONNECTED, identity, now=now, request=request)
    return identity


@transaction.atomic
def disconnect_telegram(
    user: User, *, actor: Actor, now: datetime, request: HttpRequest | None = None
) -> TelegramIdentity | None:
    """Telegram signs `user` in no longer. Returns what was connected; None when nothing was."""
    identity = TelegramIdentity.objects.select_for_update().filter(user=user).first()
    if identity is None:
        return None
    before = {"telegram_id": identity.telegram_id}
    record_audit(AuditAction.TELEGRAM_DISCONNECTED, identity, actor=actor, now=now, before=before)
    _tell(EventKind.TELEGRAM_DISCONNECTED, identity, now=now, request=request)
    TelegramIdentity.objects.filter(pk=identity.pk).delete()
    return identity


def _tell(kind: EventKind, identity: TelegramIdentity, *, now: datetime, request: HttpRequest | None) -> None:
    name = f"@{identity.username}" if identity.username else identity.name
    record_event(kind, user=identity.user, now=now, request=request, detail={"name": name})


def _refresh(identity: TelegramIdentity, person: TelegramPerson, *, now: datetime) -> None:
    identity.username, identity.name, identity.used_at = person.username, person.name, now
    # The widget does not say; only a Mini App does, and it says so when it may.
    identity.may_write = identity.may_write or person.may_write
    identity.save(update_fields=["username", "name", "used_at", "may_write"])
