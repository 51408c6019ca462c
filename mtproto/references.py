"""What a person may type to name a channel: @name, a t.me link, an invite link, an id."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_INVITE = re.compile(r"[A-Za-z0-9_-]{10,64}")
_HOSTS = {"t.me", "telegram.me", "telegram.dog", "www.t.me"}
# Ids are written bare, or as the Bot API and Telethon mark channels: -100 before the id.
_HOW = "Give a channel as @name, as a link like https://t.me/name, or by its numeric id."
_MARKED_ID = re.compile(r"-100(\d{1,13})")
_BARE_ID = re.compile(r"\d{1,13}")


class ReferenceInvalid(ValueError):
    """The text names no channel; the message says what would."""


@dataclass(frozen=True, slots=True)
class PeerReference:
    """Exactly one of a username (lower case), a bare id, or an invite hash."""

    username: str | None = None
    tg_id: int | None = None
    invite_hash: str | None = None

    def __str__(self) -> str:
        if self.username:
            return f"@{self.username}"
        return str(self.tg_id) if self.tg_id else f"https://t.me/+{self.invite_hash}"


def parse_reference(text: str) -> PeerReference:
    """Read @name, name, t.me/name, t.me/s/name/123, name.t.me, t.me/+hash, t.me/c/id/123, tg://resolve, -100id or id.

    Raises ReferenceInvalid with advice.
    """
    text = text.strip().strip("<>").rstrip("/")
    if match := _MARKED_ID.fullmatch(text):
        return PeerReference(tg_id=int(match[1]))
    if _BARE_ID.fullmatch(text) and int(text) > 0:
        return PeerReference(tg_id=int(text))
    name = text.removeprefix("@")
    if _USERNAME.fullmatch(name):
        return PeerReference(username=name.lower())
    if text.startswith("@"):
        raise ReferenceInvalid(f"{text[:40]} is not a Telegram username: letters, digits and _ only, 3 to 32 of them.")
    return _from_link(text)


def _from_link(text: str) -> PeerReference:
    if text.startswith("tg://"):
        return _from_tg_scheme(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower()
    except ValueError:  # brackets that hold no address
        raise ReferenceInvalid(_HOW) from None
    path = [p for p in parts.path.split("/") if p]
    if host.endswith(".t.me") and host not in _HOSTS:
        path, host = [host.removesuffix(".t.me"), *path], "t.me"
    if host in _HOSTS and path:
        return _from_path(path, text)
    raise ReferenceInvalid(_HOW)


def _from_path(path: list[str], text: str) -> PeerReference:
    head = path[0]
    if head == "s" and len(path) > 1:
        head = path[1]
    if head == "c" and len(path) > 1 and _BARE_ID.fullmatch(path[1]):
        return PeerReference(tg_id=int(path[1]))
    if head.startswith("+") and _INVITE.fullmatch(head[1:]):
        return PeerReference(invite_hash=head[1:])
    if head == "joinchat" and len(path) > 1 and _INVITE.fullmatch(path[1]):
        return PeerReference(invite_hash=path[1])
    if _USERNAME.fullmatch(head):
        return PeerReference(username=head.lower())
    raise ReferenceInvalid(f"This link names no channel: {text[:80]}")


def _from_tg_scheme(text: str) -> PeerReference:
    match = re.search(r"[?&](domain|invite)=([A-Za-z0-9_-]+)", text)
    if match and match[1] == "domain" and _USERNAME.fullmatch(match[2]):
        return PeerReference(username=match[2].lower())
    if match and match[1] == "invite" and _INVITE.fullmatch(match[2]):
        return PeerReference(invite_hash=match[2])
    raise ReferenceInvalid("This tg:// link names no channel.")
