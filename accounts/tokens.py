"""API tokens: a prefix that scanners know, 178 random bits, and a checksum that catches typing errors.

``abk_live_`` + 30 base62 characters + the CRC-32 of those 30 as 6 base62 digits. Only the SHA-256 of the whole
token is kept; with that much randomness a plain hash cannot be guessed back.
"""

import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import ApiToken, Membership, Role, User, Workspace
from accounts.roles import SCOPES
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput, NotAllowed
from analyticbot.core.networks import lies_in, network_from
from analyticbot.core.written import Written

PREFIX = "abk_live_"
# Secret scanners find leaked tokens by this.
TOKEN_PATTERN = re.compile(r"abk_(?:live|test)_[0-9A-Za-z]{36}", re.ASCII)
DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=365)
MOST_NETWORKS = 20
# `last_used_at` answers "is it in use?"; a write per request would cost more than the answer is worth.
LAST_USED_STEP = timedelta(minutes=1)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY_LENGTH = 30
_CHECK_LENGTH = 6
_SHOWN_LENGTH = 12
_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """A valid token and the role its creator has now."""

    token: ApiToken
    role: Role


def new_token_text() -> str:
    """A fresh token; the only moment its text exists."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_BODY_LENGTH))
    return f"{PREFIX}{body}{checksum(body)}"


def checksum(body: str) -> str:
    """CRC-32 of `body` as 6 base62 digits, most significant first."""
    number = binascii.crc32(body.encode("ascii"))
    digits = []
    for _position in range(_CHECK_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def is_well_formed(text: str) -> bool:
    """True if `text` could be one of our tokens; needs no database."""
    if not TOKEN_PATTERN.fullmatch(text):
        return False
    body, check = text[-_BODY_LENGTH - _CHECK_LENGTH : -_CHECK_LENGTH], text[-_CHECK_LENGTH:]
    return hmac.compare_digest(checksum(body), check)


def digest_of(text: str) -> str:
    """What is stored of a token: SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@transaction.atomic
def create_token(
    workspace: Workspace,
    *,
    creator: User,
    name: str,
    scopes: Sequence[str],
    lifetime: timedelta = DEFAULT_LIFETIME,
    networks: Iterable[str] = (),
    now: datetime,
    actor: Actor,
    request: HttpRequest | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of `creator` for `workspace`; returns the row and the text, which is shown once.

    `networks` (CIDR): it works from there only; none: from everywhere. Raises InvalidInput (name, scopes, expires,
    networks) and NotAllowed if the creator is no member.
    """
    name = name.strip()
    _check_token(name=name, scopes=scopes, lifetime=lifetime)
    allowed = _networks_from(networks)
    if not Membership.objects.filter(workspace=workspace, user=creator).exists():
        raise NotAllowed(_("Only members can have tokens of a workspace."))
    text = new_token_text()
    token = ApiToken.objects.create(
        workspace=workspace,
        creator=creator,
        name=name,
        digest=digest_of(text),
        prefix=text[:_SHOWN_LENGTH],
        scopes=sorted(set(scopes)),
        networks=allowed,
        created_at=now,
        expires_at=now + lifetime,
    )
    after = {
        "name": name,
        "scopes": token.scopes,
        "networks": allowed,
        "expires_at": token.expires_at.isoformat(),
    }
    record_audit(AuditAction.TOKEN_CREATED, token, actor=actor, now=now, workspace_id=workspace.pk, after=after)
    record_event(EventKind.TOKEN_CREATED, user=creator, now=now, request=request, detail={"name": name})
    return token, text


def _check_token(*, name: str, scopes: Sequence[str], lifetime: timedelta) -> None:
    if not (1 <= len(name) <= _NAME_LENGTH and name.isprintable()):
        raise InvalidInput(_("Give the token a name of 1 to 80 characters."), field="name")
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        known = ", ".join(SCOPES)
        raise InvalidInput(_("Scopes are: %(known)s.") % {"known": known}, field="scopes")
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise InvalidInput(_("A token lives between 1 and 365 days."), field="expires")


def _networks_from(texts: Iterable[str]) -> list[str]:
    networks = list(dict.fromkeys(network_from(text, field="networks") for text in texts if text.strip()))
    if len(networks) > MOST_NETWORKS:
        raise InvalidInput(
            _("A token can be held to at most %(most)s networks.") % {"most": MOST_NETWORKS}, field="networks"
        )
    return networks


@transaction.atomic
def revoke_token(token: ApiToken, *, now: datetime, actor: Actor, request: HttpRequest | None = None) -> ApiToken:
    """End a token at once; a token that has ended stays as it is."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        token.revoked_at = now
        record_audit(
            AuditAction.TOKEN_REVOKED,
            token,
            actor=actor,
            now=now,
            workspace_id=token.workspace_id,
            before={"name": token.name},
        )
        record_event(EventKind.TOKEN_REVOKED, user=token.creator, now=now, request=request, detail={"name": token.name})
    return token


@transaction.atomic
def revoke_tokens(workspace: Workspace, *, creator: User | None = None, now: datetime, actor: Actor) -> int:
    """End all tokens of a workspace, or those that `creator` made there; returns how many worked until now."""
    tokens = live_tokens(workspace, now=now)
    ended = [token for token in tokens if creator is None or token.creator_id == creator.pk]
    for token in ended:
        revoke_token(token, now=now, actor=actor)
    return len(ended)


def may_come_from(token: ApiToken, address: str) -> bool:
    """Whether the token works from this address: from everywhere, unless it is held to networks."""
    return not token.networks or lies_in(address, token.networks)


def find_token(text: str, *, now: datetime) -> TokenHolder | None:
    """The token with this text if it is valid at `now`.

    It is while it has not expired and was not revoked, its creator is active and a member, and the workspace works.
    From where it may come is for who knows the address (`may_come_from`). A malformed text costs no query, a good one
    exactly one.
    """
    if not is_well_formed(text):
        return None
    digest = digest_of(text)
    found = next(_FIND.rows([digest, now]), None)
    if found is None:
        return None
    token, workspace, creator, role = found
    token.workspace, token.creator = workspace, creator
    if not hmac.compare_digest(token.digest, digest):
        return None
    return TokenHolder(token=token, role=Role(role))


_FIND = Written(
    """
SELECT {columns}, m.role
FROM accounts_apitoken t JOIN accounts_workspace w ON w.id = t.workspace_id JOIN accounts_user u ON u.id = t.creator_id
JOIN accounts_membership m ON m.workspace_id = t.workspace_id AND m.user_id = t.creator_id
WHERE t.digest = %s AND t.revoked_at IS NULL AND t.expires_at > %s AND u.is_active
AND w.deleted_at IS NULL AND w.suspended_at IS NULL
    """,
    t=ApiToken,
    w=Workspace,
    u=User,
)


def live_tokens(workspace: Workspace, *, now: datetime) -> list[ApiToken]:
    """Tokens of a workspace that work at `now`, newest first, with their creators."""
    tokens = ApiToken.objects.filter(workspace=workspace, revoked_at__isnull=True, expires_at__gt=now)
    return list(tokens.select_related("creator").order_by("-pk"))


def find_live_token(workspace: Workspace, *, pk: int, now: datetime) -> ApiToken | None:
    """The working token of this workspace with that primary key."""
    return next((token for token in live_tokens(workspace, now=now) if token.pk == pk), None)


def note_use(token: ApiToken, *, now: datetime, network: str = "") -> None:
    """Remember that the token was used and from which network, at most once in LAST_USED_STEP."""
    before = now - LAST_USED_STEP
    if token.last_used_at is not None and token.last_used_at > before:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_used_from=network)
