"""The secret part of a shared link's address."""

import hashlib
import re
import secrets

# 160 random bits: what is kept to tell links apart (PREFIX_LENGTH letters of 6 bits) leaves 130 unknown.
_BYTES = 20
_TOKEN = re.compile(r"[A-Za-z0-9_-]{27}", re.ASCII)
PREFIX_LENGTH = 5


def new_token() -> str:
    """A fresh token; the only moment its text exists."""
    return secrets.token_urlsafe(_BYTES)


def is_well_formed(text: str) -> bool:
    """True if `text` could be a token of ours; needs no database."""
    return _TOKEN.fullmatch(text) is not None


def digest_of(text: str) -> str:
    """What is kept of a token: SHA-256 in hexadecimal. So many random bits need no slow hash."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()
