"""Our choices where allauth's second factors ask: secrets are sealed, and codes by Telegram count as a factor."""

from collections.abc import Sequence
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from accounts.factors.models import TelegramFactor
from analyticbot.core.secrets import seal, unseal

# allauth seals before it knows the row, so what is sealed is bound to the column alone.
PURPOSE = "mfa.Authenticator.data"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's default behaviour with ours put in."""

    def get_totp_issuer(self) -> str:
        """What an app shows above the code."""
        return "AnalyticBot"

    def encrypt(self, text: str) -> str:
        """Seal a secret of an app or the seed of recovery codes."""
        return seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` has sealed; raises SecretUnreadable."""
        return unseal(encrypted_text, purpose=PURPOSE)

    def is_mfa_enabled(self, user: Any, types: Sequence[str] | None = None) -> bool:
        """Whether the person has a second factor; of `types`, where only these are meant.

        allauth asks at sign-in for "an app or a key": codes by Telegram do as well there.
        """
        if super().is_mfa_enabled(user, types):
            return True
        meant = types is None or {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN} <= set(types)
        return meant and user.pk is not None and TelegramFactor.objects.filter(user_id=user.pk).exists()

    def _get_site_name(self) -> str:
        return "AnalyticBot"
