"""People with second factors, and what their apps show."""

import re
import secrets
import time
from datetime import datetime

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.factors.totp import PERIOD_SECONDS
from accounts.models import User

PASSWORD = "pass-word-1234"


def stranger() -> Client:
    """A browser at an address of its own, so that limits of other tests do not count."""
    client = Client()
    client.defaults["REMOTE_ADDR"] = "10." + ".".join(str(secrets.randbelow(256)) for _part in range(3))
    return client


def add_app(user: User) -> str:
    """Give a person an app with codes and recovery codes; returns the secret that the app holds."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def shown_code(secret: str, *, at: datetime | None = None, steps: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    step = int((at or timezone.now()).timestamp()) // PERIOD_SECONDS + steps
    return format_hotp_value(hotp_value(secret, step))


def recovery_codes(user: User) -> list[str]:
    """The person's unused recovery codes."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


def sign_in(client: Client, user: User, *, code: str | None = None) -> Client:
    """Sign in by the real pages: the password, then the code where one is asked for."""
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    if code is not None:
        assert answer["Location"] == reverse("mfa_authenticate")
        answer = client.post(reverse("mfa_authenticate"), {"code": code})
        assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[-2000:]
    return client


def confirmed(client: Client, user: User) -> Client:
    """The browser of somebody who is signed in and has just confirmed that it is them."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time(), "type": "totp"} for method in ("password", "mfa")
    ]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def is_signed_in(client: Client) -> bool:
    """Whether the browser's session is believed."""
    return client.get(reverse("settings:you")).status_code == 200


def add_key(user: User, name: str) -> Authenticator:
    """Give a person a passkey, as a browser tells of one that it has made."""
    private = ec.generate_private_key(ec.SECP256R1())
    identifier = secrets.token_bytes(16)
    credential = AttestedCredentialData.create(
        Aaguid.NONE, identifier, ES256.from_cryptography_key(private.public_key())
    )
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(sha256(b"localhost"), flags, 0, credential)
    client_data = CollectedClientData.create("webauthn.create", secrets.token_bytes(32), "http://localhost")
    told = {
        "id": websafe_encode(identifier),
        "rawId": websafe_encode(identifier),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return WebAuthn.add(user, name, told).instance
