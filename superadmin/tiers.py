"""Who of the staff may do what: one table of acts by tier, read by pages, services and tests.

What a tier may do, every tier above it may do as well. Acts on a person also ask that the person stands lower than
whoever acts (`outranks`), and those of NEEDS_APPROVAL that somebody else agrees (`superadmin.approvals`).
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import Tier, User
from analyticbot.core.errors import NotAllowed

P = ParamSpec("P")


class Act(StrEnum):
    """Everything that staff may do."""

    PANEL_OPEN = "panel:open"
    USERS_LOOK = "users:look"
    USERS_CREATE = "users:create"
    USERS_SUSPEND = "users:suspend"
    USERS_SIGN_OUT = "users:sign_out"
    USERS_UNLOCK = "users:unlock"
    USERS_RESET_FACTORS = "users:reset_factors"
    USERS_DELETE = "users:delete"
    USERS_IMPERSONATE = "users:impersonate"
    STAFF_GRANT = "staff:grant"
    WORKSPACES_LOOK = "workspaces:look"
    WORKSPACES_PLAN = "workspaces:plan"
    WORKSPACES_SUSPEND = "workspaces:suspend"
    WORKSPACES_DELETE = "workspaces:delete"
    LINKS_LOOK = "links:look"
    LINKS_REVOKE = "links:revoke"
    TOKENS_LOOK = "tokens:look"
    TOKENS_REVOKE = "tokens:revoke"
    APPROVALS_LOOK = "approvals:look"
    NETWORKS_LOOK = "networks:look"
    NETWORKS_CHANGE = "networks:change"
    CHANNELS_LOOK = "channels:look"
    CHANNELS_RESYNC = "channels:resync"
    CHANNELS_PAUSE = "channels:pause"
    CHANNELS_BLOCK = "channels:block"
    TELEGRAM_LOOK = "telegram:look"
    TELEGRAM_SIGN_IN = "telegram:sign_in"
    TELEGRAM_CHANGE = "telegram:change"
    FILES_LOOK = "files:look"
    WORK_LOOK = "work:look"
    WORK_REPLAY = "work:replay"
    WORK_REPLAY_ALL = "work:replay_all"
    CONFIGURATION_LOOK = "configuration:look"
    FLAGS_CHANGE = "flags:change"
    CONFIGURATION_CHANGE = "configuration:change"
    SYSTEM_LOOK = "system:look"
    BUSINESS_LOOK = "business:look"
    AUDIT_LOOK = "audit:look"
    AUDIT_VERIFY = "audit:verify"
    AUDIT_EXPORT = "audit:export"


LEAST_TIER: Mapping[Act, Tier] = MappingProxyType(
    {
        Act.PANEL_OPEN: Tier.SUPPORT,
        Act.USERS_LOOK: Tier.SUPPORT,
        Act.USERS_CREATE: Tier.ADMIN,
        Act.USERS_SUSPEND: Tier.MODERATOR,
        Act.USERS_SIGN_OUT: Tier.MODERATOR,
        Act.USERS_UNLOCK: Tier.MODERATOR,
        Act.USERS_RESET_FACTORS: Tier.ADMIN,
        Act.USERS_DELETE: Tier.ADMIN,
        Act.USERS_IMPERSONATE: Tier.ADMIN,
        Act.STAFF_GRANT: Tier.SUPER_ADMIN,
        Act.WORKSPACES_LOOK: Tier.SUPPORT,
        Act.WORKSPACES_PLAN: Tier.ADMIN,
        Act.WORKSPACES_SUSPEND: Tier.MODERATOR,
        Act.WORKSPACES_DELETE: Tier.ADMIN,
        Act.LINKS_LOOK: Tier.SUPPORT,
        Act.LINKS_REVOKE: Tier.MODERATOR,
        Act.TOKENS_LOOK: Tier.SUPPORT,
        Act.TOKENS_REVOKE: Tier.MODERATOR,
        Act.APPROVALS_LOOK: Tier.ADMIN,
        Act.NETWORKS_LOOK: Tier.ADMIN,
        Act.NETWORKS_CHANGE: Tier.SUPER_ADMIN,
        Act.CHANNELS_LOOK: Tier.SUPPORT,
        Act.CHANNELS_RESYNC: Tier.MODERATOR,
        Act.CHANNELS_PAUSE: Tier.MODERATOR,
        Act.CHANNELS_BLOCK: Tier.MODERATOR,
        Act.TELEGRAM_LOOK: Tier.MODERATOR,
        Act.TELEGRAM_SIGN_IN: Tier.SUPER_ADMIN,
        Act.TELEGRAM_CHANGE: Tier.ADMIN,
        Act.FILES_LOOK: Tier.SUPPORT,
        Act.WORK_LOOK: Tier.SUPPORT,
        Act.WORK_REPLAY: Tier.MODERATOR,
        Act.WORK_REPLAY_ALL: Tier.ADMIN,
        Act.CONFIGURATION_LOOK: Tier.ADMIN,
        Act.FLAGS_CHANGE: Tier.ADMIN,
        Act.CONFIGURATION_CHANGE: Tier.SUPER_ADMIN,
        Act.SYSTEM_LOOK: Tier.SUPPORT,
        Act.BUSINESS_LOOK: Tier.ADMIN,
        Act.AUDIT_LOOK: Tier.ADMIN,
        Act.AUDIT_VERIFY: Tier.ADMIN,
        Act.AUDIT_EXPORT: Tier.SUPER_ADMIN,
    }
)
# Acts that cannot be taken back, or that make somebody mighty: a second person has to agree.
NEEDS_APPROVAL = frozenset({Act.USERS_DELETE, Act.WORKSPACES_DELETE, Act.STAFF_GRANT})


def tier_of(user: Any) -> Tier:
    """The tier of whoever asks; NONE for strangers, for people without one and for those who are shut out."""
    return Tier(user.tier) if isinstance(user, User) and user.is_active else Tier.NONE


def may(user: Any, act: Act) -> bool:
    """True if the tier of `user` includes `act`."""
    return tier_of(user) >= LEAST_TIER[act]


def outranks(user: User, other: User) -> bool:
    """True if `other` stands lower than `user`: nobody touches an equal, a higher one, or themselves."""
    return tier_of(user) > other.tier and user.pk != other.pk


def check_may(user: User, act: Act, *, target: User | None = None) -> None:
    """Raise NotAllowed unless `user` may do `act`, and stands above `target` where it is done to a person."""
    if not may(user, act):
        raise NotAllowed(_("Your tier does not allow this."), code="tier_too_low")
    if target is not None and not outranks(user, target):
        raise NotAllowed(_("Nobody may touch somebody of an equal or higher tier."), code="not_above")


def tier_required(
    act: Act,
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view of the panel: the gate of the panel first (network, sign-in, second factor), then `act`."""

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not may(request.user, act):
                raise PermissionDenied(_("Your tier does not allow this."))
            return view(request, *args, **kwargs)

        @wraps(view)
        def gated(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            from superadmin.site import site  # which needs this module

            response: HttpResponse = site.admin_view(checked)(request, *args, **kwargs)
            return response

        # What it asks for, to be read by who wants to know it of all pages.
        gated.act = act  # type: ignore[attr-defined]
        return gated

    return decorate


class TierPermission:
    """For ModelAdmins: rows are looked at by whoever may do `look_act`; changed, added and deleted by nobody here.

    Changes are pages of their own (`tier_required`) that call services: those check, audit and tell.
    """

    look_act: Act

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the list stands in the navigation."""
        return may(request.user, self.look_act)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Whether rows may be looked at."""
        return may(request.user, self.look_act)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Never here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Never here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Never here."""
        return False
