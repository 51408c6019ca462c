"""Our choices where allauth's second factors ask: secrets are sealed, and codes by Telegram count as a factor."""

from collections.abc import Sequence
from typing import Any, ClassVar

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.factors.models import TelegramFactor
from accounts.factors.rules import may_remove
from accounts.places import device_named
from analyticbot.core.resealing import SealedKeys
from analyticbot.core.secrets import seal, unseal

# allauth seals before it knows the row, so what is sealed is bound to the column alone.
PURPOSE = "mfa.Authenticator.data"
SEALED = SealedKeys("mfa.Authenticator", "data", keys=("secret", "seed", "migrated_codes"), purpose=PURPOSE)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's default behaviour with ours put in."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("You need a second factor. Add another one before you remove this one."),
        "unverified_email": _("Confirm your e-mail address first: follow the link that we have sent you."),
        "incorrect_code": _("This code is not right, or was used before."),
    }

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

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last factor of who must have one stays until there is another."""
        return may_remove(authenticator.user, authenticator=authenticator)

    def generate_authenticator_name(self, user: Any, type: str) -> str:  # noqa: A002, ARG002 - allauth's signature
        """What a new key is called unless its person says otherwise: after the device that it is added with."""
        agent = context.request.META.get("HTTP_USER_AGENT", "")
        return device_named(agent) or gettext("My key")

    def _get_site_name(self) -> str:
        return "AnalyticBot"
