"""Answers of passkeys and keys: what a browser sends is anybody's text, and only some of it is an answer."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as ConfirmForm
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms

# What the parsers of CBOR, keys and certificates raise beyond ValueError, which is all that allauth expects of them.
_MALFORMED = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


@contextmanager
def _refusing() -> Iterator[None]:
    """Take what cannot be read, or is not signed by the key, for a wrong answer."""
    try:
        yield
    except _MALFORMED as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AnswerField(forms.JSONField):
    """What a browser answers for a key, hidden in a form."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The JSON; ValidationError also for what is nested beyond all reading."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise get_adapter().validation_error("incorrect_code") from None


class SignInKeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """The answer of a key in the second step of signing in."""

    credential = AnswerField()

    def clean_credential(self) -> Authenticator:
        """The key that has answered."""
        with _refusing():
            return super().clean_credential()


class LoginKeyForm(LoginWebAuthnForm):  # type: ignore[misc]
    """The answer of a passkey in place of a password."""

    credential = AnswerField()

    def clean_credential(self) -> Authenticator:
        """The passkey that has answered."""
        with _refusing():
            return super().clean_credential()


class ConfirmKeyForm(ConfirmForm):  # type: ignore[misc]
    """The answer of a key from somebody who is signed in."""

    credential = AnswerField()

    def clean_credential(self) -> Authenticator:
        """The key that has answered."""
        with _refusing():
            return super().clean_credential()


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or key."""

    credential = AnswerField()

    def clean(self) -> dict[str, Any]:
        """What was typed, and the key if it was made for us."""
        with _refusing():
            cleaned: dict[str, Any] = super().clean()
        return cleaned
