"""Who may do what: one table of permissions by role, read by pages, the API and the tests."""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType

from accounts.models import Role


class Permission(StrEnum):
    """Everything that may be permitted in a workspace."""

    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    ANALYTICS_READ = "analytics:read"
    EXPORTS_READ = "exports:read"
    EXPORTS_WRITE = "exports:write"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    SHARES_READ = "shares:read"
    SHARES_WRITE = "shares:write"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    SEGMENTS_WRITE = "segments:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    TOKENS_WRITE = "tokens:write"
    WORKSPACE_WRITE = "workspace:write"
    # Delete it, hand it over.
    WORKSPACE_OWN = "workspace:own"


# What a token can be given; people and keys are managed by people only.
SCOPES = (
    Permission.CHANNELS_READ,
    Permission.CHANNELS_WRITE,
    Permission.ANALYTICS_READ,
    Permission.EXPORTS_READ,
    Permission.EXPORTS_WRITE,
    Permission.REPORTS_READ,
    Permission.REPORTS_WRITE,
    Permission.SHARES_READ,
    Permission.SHARES_WRITE,
    Permission.NOTES_READ,
    Permission.NOTES_WRITE,
    Permission.SEGMENTS_WRITE,
)

_VIEWER = frozenset(
    {
        Permission.CHANNELS_READ,
        Permission.ANALYTICS_READ,
        Permission.EXPORTS_READ,
        Permission.REPORTS_READ,
        Permission.SHARES_READ,
        Permission.NOTES_READ,
        Permission.MEMBERS_READ,
    }
)
_ANALYST = _VIEWER | {
    Permission.CHANNELS_WRITE,
    Permission.EXPORTS_WRITE,
    Permission.REPORTS_WRITE,
    Permission.SHARES_WRITE,
    Permission.NOTES_WRITE,
    Permission.SEGMENTS_WRITE,
}
_ADMIN = _ANALYST | {Permission.MEMBERS_WRITE, Permission.TOKENS_WRITE}
_OWNER = _ADMIN | {Permission.WORKSPACE_WRITE, Permission.WORKSPACE_OWN}

ROLE_PERMISSIONS = MappingProxyType(
    {Role.OWNER: _OWNER, Role.ADMIN: _ADMIN, Role.ANALYST: _ANALYST, Role.VIEWER: _VIEWER}
)

# Members of which roles somebody with MEMBERS_WRITE may invite, change and remove: nobody raises others to their own.
MANAGED = MappingProxyType(
    {
        Role.OWNER: (Role.ADMIN, Role.ANALYST, Role.VIEWER),
        Role.ADMIN: (Role.ANALYST, Role.VIEWER),
        Role.ANALYST: (),
        Role.VIEWER: (),
    }
)


def permissions_of(role: Role, *, scopes: Iterable[str] | None = None) -> frozenset[Permission]:
    """What a member with `role` may do; with `scopes` (of a token) only what both allow."""
    granted = ROLE_PERMISSIONS[role]
    if scopes is None:
        return granted
    named = set(scopes)
    return frozenset(permission for permission in granted if permission.value in named)
