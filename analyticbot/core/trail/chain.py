"""The arithmetic of the chain: HMAC-SHA256 over what a row says and the hash of the row before.

The key is not in the database: who can only write there cannot make a row that fits. Keys come from AUDIT_KEYS, else
from ENC_KEYS (``NAME:KEY``, newest first; each turned into a key of its own for this purpose). The first one signs;
every row names its key by fingerprint, so older keys of both variables go on verifying.
"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# What the first row of a chain follows.
START = bytes(32)
SALT_BYTES = 16
_FINGERPRINT = 8


class KeyUnknown(Exception):
    """A row was signed with a key that neither AUDIT_KEYS nor ENC_KEYS holds."""


class Facts(NamedTuple):
    """What a row of the chain says, in the order in which it is signed."""

    workspace_id: int | None
    seq: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    for_user_id: int | None
    action: str
    object_type: str
    object_id: str
    request_id: str


class Words(NamedTuple):
    """What may have to be forgotten of a row, in the order in which it is signed."""

    actor_label: str
    for_label: str
    address: str
    agent: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def signing_key() -> str:
    """Fingerprint of the key that signs now."""
    return next(iter(_keys(settings.AUDIT_KEYS, settings.ENC_KEYS)))


def hash_words(words: Words, *, salt: bytes, key: str) -> bytes:
    """The proof of an entry's words. Raises KeyUnknown."""
    return _hash(key, b"words", salt, _canonical(words))


def hash_entry(facts: Facts, *, words_hash: bytes, prev_hash: bytes, key: str) -> bytes:
    """The link of an entry to the one before. Raises KeyUnknown."""
    told = facts._replace(at=_moment(facts.at))  # type: ignore[arg-type]  # as text, from here on
    return _hash(key, b"entry", prev_hash, words_hash, _spelt(told))


def hash_anchor(
    number: int, *, at: datetime, heads: dict[str, Any], last_entry: int, prev_hash: bytes, key: str
) -> bytes:
    """The link of an anchor to the one before. Raises KeyUnknown."""
    return _hash(key, b"anchor", prev_hash, _canonical([number, _moment(at), heads, last_entry]))


def _hash(key: str, *parts: bytes) -> bytes:
    found = _keys(settings.AUDIT_KEYS, settings.ENC_KEYS).get(key)
    if found is None:
        raise KeyUnknown(key)
    # Lengths before the parts: no two different rows are the same bytes.
    return hmac.digest(found, b"".join(len(part).to_bytes(4, "big") + part for part in parts), hashlib.sha256)


def _canonical(value: Any) -> bytes:
    """JSON with one spelling: what a jsonb column gives back is spelt as what was put in.

    jsonb keeps numbers as decimals (1e5 comes back as 100000, 1.0 as 1.0), and keys without order.
    """
    return _spelt(json.loads(json.dumps(value), parse_float=_number))


def _spelt(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _number(text: str) -> int | float:
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=4)
def _keys(own: str, sealing: str) -> dict[str, bytes]:
    """Fingerprint → key; the first one signs."""
    keys = {}
    for part in filter(None, (p.strip() for spec in (own, sealing) for p in spec.split(","))):
        secret = base64.urlsafe_b64decode(part.partition(":")[2])
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"analyticbot audit trail").derive(secret)
        keys[hashlib.sha256(key).hexdigest()[:_FINGERPRINT]] = key
    return keys
