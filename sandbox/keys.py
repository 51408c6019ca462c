"""Cryptographic constants of the sandbox.

PUBLIC TEST KEY. The RSA key below is published on purpose and protects nothing: a client that trusts it
trusts anybody. It is fixed so that the sandbox starts at once (generating a key takes seconds) and so that
sessions survive a restart. Never add it to a client that talks to the real Telegram.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import rsa

_TEST_P = int(
    "f7ba61f43a642d878ed171f805f11cc2a9f03dcc0d3b7c08a271b247b94f094a"
    "b9b4d1c47bb72b464d6d37ce344dd4f8f8cbca3f9604b4da3de3235e28d5f8ea"
    "c5d535258e12198681c74484e5ca444dbb1391391f5f338053bf471d552c3e49"
    "e5cbdb406ec74eea0d822d3718525a452b3f7cfb623a9109e21bbd6b16a7caf9",
    16,
)
_TEST_Q = int(
    "e2d17731c49decfa36ed4bdffebe96b3b2a8a190f9960bca01a469b3411f8aae"
    "5fe96fa6b47568046fe188a0816d7bb3755e5296bc3765772fc4ddf40bd7f9e2"
    "b27306a113408db0a3e19225923d6244ec19feec1a5a887e81f222f7c8476e10"
    "687ae1da03974bc7d366a12831503005ed866694709da47a86b4253d72e486ab",
    16,
)
_TEST_E = 65537

# Telegram's own 2048-bit safe prime (published in its documentation); clients know it and skip the slow check.
DH_PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f"
    "48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754"
    "fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)
DH_G = 3
# Two small primes whose product factorises at once; its highest bit must be clear (Telethon reads it as signed).
PQ_P, PQ_Q = 65_537, 65_539


@dataclass(frozen=True, slots=True)
class ServerKey:
    """An RSA key pair as the handshake needs it: textbook decryption of one 2048-bit block."""

    n: int
    e: int
    d: int
    fingerprint: int

    def decrypt(self, block: bytes) -> bytes:
        """Return the 256-byte plain block for a 256-byte cipher block."""
        return pow(int.from_bytes(block, "big"), self.d, self.n).to_bytes(256, "big")

    def public_pem(self) -> bytes:
        """The public key in PEM, PKCS#1 (``-----BEGIN RSA PUBLIC KEY-----``)."""
        pem: bytes = rsa.PublicKey(self.n, self.e).save_pkcs1()
        return pem


@lru_cache(maxsize=1)
def test_key() -> ServerKey:
    """The published test key with its Telegram fingerprint (last 8 bytes of SHA-1, little endian, signed)."""
    from telethon.crypto import rsa as telethon_rsa

    n, e = _TEST_P * _TEST_Q, _TEST_E
    d = pow(e, -1, (_TEST_P - 1) * (_TEST_Q - 1))
    fingerprint: int = telethon_rsa._compute_fingerprint(rsa.PublicKey(n, e))
    return ServerKey(n=n, e=e, d=d, fingerprint=fingerprint)


def write_public_key(folder: Path) -> Path:
    """Write the public key file a client needs into *folder* (made if missing) and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sandbox-public-key.pem"
    path.write_bytes(test_key().public_pem())
    return path
