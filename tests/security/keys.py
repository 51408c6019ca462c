"""A passkey that nobody holds, in the form that browsers send when one is registered (WebAuthn Level 3, §6.5)."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData


def made_up_credential() -> dict[str, Any]:
    """The answer to a registration, without attestation."""
    number, key = secrets.token_bytes(16), ec.generate_private_key(ec.SECP256R1()).public_key()
    held = AttestedCredentialData.create(Aaguid.NONE, number, ES256.from_cryptography_key(key))
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, bytes(held))
    client = {"type": "webauthn.create", "challenge": "eA", "origin": "http://localhost", "crossOrigin": False}
    return {
        "type": "public-key",
        "id": websafe_encode(number),
        "rawId": websafe_encode(number),
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(client).encode()),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        },
    }
