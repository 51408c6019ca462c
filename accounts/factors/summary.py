"""The second factors of a person, as their page of security shows them."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from accounts.factors.codes import telegram_of
from accounts.factors.models import TelegramFactor
from accounts.factors.rules import is_required
from accounts.models import TelegramIdentity, User

_TYPE = Authenticator.Type


@dataclass(frozen=True, slots=True)
class Key:
    """A passkey or security key. `is_passkey`: it signs in alone; None where it does not say."""

    pk: int
    name: str
    is_passkey: bool | None
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has. `codes_left`: unused recovery codes, None without any set."""

    app: Authenticator | None
    keys: list[Key]
    codes_left: int | None
    telegram: TelegramIdentity | None
    by_telegram: bool
    required: bool

    @property
    def any(self) -> bool:
        """Whether signing in needs more than a password."""
        return bool(self.app or self.keys or self.by_telegram)


def factors_of(user: User) -> Factors:
    """All second factors of a person."""
    rows = {one.pk: one for one in Authenticator.objects.filter(user=user).order_by("pk")}
    by_type = {one.type: one for one in rows.values()}
    codes = by_type.get(_TYPE.RECOVERY_CODES)
    return Factors(
        app=by_type.get(_TYPE.TOTP),
        keys=[_key(one) for one in rows.values() if one.type == _TYPE.WEBAUTHN],
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
        telegram=telegram_of(user),
        by_telegram=TelegramFactor.objects.filter(user=user).exists(),
        required=is_required(user),
    )


def _key(row: Authenticator) -> Key:
    wrapped = row.wrap()
    return Key(
        pk=row.pk,
        name=wrapped.name,
        is_passkey=wrapped.is_passwordless,
        added_at=row.created_at,
        used_at=row.last_used_at,
    )
