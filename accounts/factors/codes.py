"""Codes that are sent: by Telegram, in place of an SMS, or by mail to who has nothing else to confirm with."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from allauth.account.adapter import get_adapter
from allauth.core.internal.cryptokit import normalize_user_code
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.factors.models import SentCode, TelegramFactor
from accounts.models import TelegramIdentity, User
from analyticbot.core.errors import Conflict, LimitReached, SwitchedOff
from analyticbot.core.ratelimit import Limit, LimiterAway, take
from integrations.messages import Message, Refused, SendingFailed, Unsure
from integrations.telegram import TelegramSender, bot_is_set_up

LIFETIME = timedelta(minutes=5)
SENT_TO_PERSON = Limit("code-sent", 5, 900)
_MOST_WRONG = 5


class Carrier(StrEnum):
    """What brings a code."""

    TELEGRAM = "telegram"
    MAIL = "mail"


def telegram_of(user: User) -> TelegramIdentity | None:
    """The Telegram account that codes can be sent to; None without one, or where there is no bot."""
    return TelegramIdentity.objects.filter(user=user).first() if bot_is_set_up() else None


def has_telegram_factor(user: User) -> bool:
    """Whether the person is asked for a code by Telegram at sign-in."""
    return TelegramFactor.objects.filter(user=user).exists()


def send_code(user: User, *, carrier: Carrier, now: datetime) -> None:
    """Send the person a new code; the one before it is worth nothing any more.

    Raises LimitReached, Conflict (no way to them, or they have not begun to talk to the bot) and SwitchedOff.
    """
    try:
        verdict = take([SENT_TO_PERSON], key=str(user.pk))
    except LimiterAway:
        raise SwitchedOff(_("Codes cannot be sent at the moment. Try again in a minute.")) from None
    if not verdict.allowed:
        raise LimitReached(_("Enough codes for now. Wait a few minutes."), retry_after=verdict.retry_after)
    code = f"{secrets.randbelow(1_000_000):06}"
    SentCode.objects.update_or_create(
        user=user, defaults={"digest": _digest(user, code), "sent_at": now, "expires_at": now + LIFETIME, "wrong": 0}
    )
    with translation.override(user.language):
        if carrier is Carrier.TELEGRAM:
            _send_by_telegram(user, code)
        else:
            get_adapter().send_mail("factors/code", user.email, {"code": code, "user": user})


@transaction.atomic
def accept_sent_code(user: User, code: str, *, now: datetime) -> bool:
    """Whether this is the code that was sent last, in time; it works once, and not after several wrong ones."""
    kept = SentCode.objects.select_for_update().filter(user=user, expires_at__gt=now, wrong__lt=_MOST_WRONG).first()
    if kept is None:
        return False
    if constant_time_compare(kept.digest, _digest(user, normalize_user_code(code))):
        kept.delete()
        return True
    SentCode.objects.filter(pk=kept.pk).update(wrong=F("wrong") + 1)
    return False


def _digest(user: User, code: str) -> str:
    """What is kept of a code. It has a million values, so only the key keeps it from being guessed back."""
    return salted_hmac("accounts.factors.codes", f"{user.pk}:{code}", algorithm="sha256").hexdigest()


def _send_by_telegram(user: User, code: str) -> None:
    identity = telegram_of(user)
    if identity is None:
        raise Conflict(_("No Telegram account is connected."))
    text = _("%(code)s is your code for AnalyticBot. It works for 5 minutes. Nobody from us will ever ask for it.")
    message = Message(
        key=f"code-{user.pk}",
        to=str(identity.telegram_id),
        subject="",
        text=text % {"code": code},
        html="",
        language=user.language,
    )
    try:
        TelegramSender().send(message, before_handover=lambda: None)
    except Unsure:
        pass  # it may well have arrived
    except Refused as error:
        raise Conflict(_("Open our bot in Telegram and press Start, so that it may write to you.")) from error
    except SendingFailed as error:
        raise SwitchedOff(_("Telegram does not take messages at the moment. Try again in a minute.")) from error
