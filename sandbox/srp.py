"""The server side of Telegram's two-step verification (SRP; core.telegram.org/api/srp)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.errors import RpcFault
from sandbox.keys import DH_G, DH_PRIME
from sandbox.tl import types

_SIZE = 256
# Fixed salts: the accounts are invented, and a fixed verifier makes the exchange reproducible.
_SALT1, _SALT2 = b"sandbox-salt-one", b"sandbox-salt-two"


def _sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _pad(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _private(password: str) -> int:
    inner = _sha(_SALT2, _sha(_SALT1, password.encode(), _SALT1), _SALT2)
    stretched = hashlib.pbkdf2_hmac("sha512", inner, _SALT1, 100_000)
    return _int(_sha(_SALT2, stretched, _SALT2))


def algorithm() -> Any:
    """The key derivation the client is to use."""
    return types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        salt1=_SALT1, salt2=_SALT2, g=DH_G, p=_pad(DH_PRIME)
    )


@dataclass(slots=True)
class Challenge:
    """One password question: the server's secret and what was sent of it."""

    id: int
    verifier: int
    secret: int
    public: int

    @classmethod
    def for_password(cls, password: str) -> Challenge:
        """A fresh challenge."""
        verifier = pow(DH_G, _private(password), DH_PRIME)
        secret = secrets.randbits(2040)
        multiplier = _int(_sha(_pad(DH_PRIME), _pad(DH_G)))
        public = (multiplier * verifier + pow(DH_G, secret, DH_PRIME)) % DH_PRIME
        return cls(secrets.randbits(62), verifier, secret, public)

    def check(self, answer: Any) -> None:
        """Raise unless the client proved that it knows the password."""
        if not isinstance(answer, types.InputCheckPasswordSRP) or answer.srp_id != self.id:
            raise RpcFault("SRP_ID_INVALID")
        a = _int(answer.A)
        u = _int(_sha(_pad(a), _pad(self.public)))
        shared = pow(a * pow(self.verifier, u, DH_PRIME) % DH_PRIME, self.secret, DH_PRIME)
        p_hash, g_hash = _sha(_pad(DH_PRIME)), _sha(_pad(DH_G))
        mixed = bytes(x ^ y for x, y in zip(p_hash, g_hash, strict=True))
        expected = _sha(mixed, _sha(_SALT1), _sha(_SALT2), _pad(a), _pad(self.public), _sha(_pad(shared)))
        if not secrets.compare_digest(expected, answer.M1):
            raise RpcFault("PASSWORD_HASH_INVALID")
