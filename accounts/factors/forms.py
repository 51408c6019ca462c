"""What people type or tap to show that it is them."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.factors.codes import accept_sent_code
from accounts.factors.guessing import may_guess
from accounts.factors.stage import came_by_telegram
from accounts.factors.totp import accept_totp


class CodeForm(BaseAuthenticateForm):  # type: ignore[misc]  # allauth is untyped
    """A code of an app, a recovery code, or a code that was sent; which of them, nobody has to say."""

    # Said beside a record of the session: whether it confirms who was signed in already.
    reauthenticated = False
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_code(self) -> str:
        """Accept the code, which uses it up. Guesses are counted before anything is looked at."""
        if not may_guess(context.request, self.user):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code, now = str(self.cleaned_data["code"]), timezone.now()
        self.authenticator = self._accepting(code, now=now)
        if self.authenticator is None and not (self._may_be_sent() and accept_sent_code(self.user, code, now=now)):
            self._tell_refusal()
            raise get_adapter().validation_error("incorrect_code")
        return code

    def save(self) -> None:
        """Record in the session what was shown."""
        if self.authenticator is not None:
            post_authentication(context.request, self.authenticator, reauthenticated=self.reauthenticated)
        else:
            told: dict[str, Any] = {"reauthenticated": True} if self.reauthenticated else {}
            record_authentication(context.request, self.user, "mfa", type="sent", **told)

    def _may_be_sent(self) -> bool:
        return self.reauthenticated or not came_by_telegram(context.request, self.user)

    def _accepting(self, code: str, *, now: datetime) -> Authenticator | None:
        """The app or the set of recovery codes that this code is of."""
        for one in Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN):
            is_app = one.type == Authenticator.Type.TOTP
            if accept_totp(one, code, now=now) if is_app else one.wrap().validate_code(code):
                one.refresh_from_db()
                return one
        return None

    def _tell_refusal(self) -> None:
        refused = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN).first()
        self._emit_authentication_failed(refused)


class ConfirmCodeForm(CodeForm):
    """The same from somebody who is signed in."""

    reauthenticated = True


class ActivateAppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth is untyped
    """The first code of an app that is being added."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """Guesses are counted as everywhere, though here one would guess one's own secret."""
        if not may_guess(context.request, self.user):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        return code
