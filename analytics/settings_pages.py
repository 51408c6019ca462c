"""What the page of settings shows beside its forms: who is in the workspace, what its plan allows, its tokens."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Access
from accounts.models import ApiToken, Membership, Role, Workspace
from accounts.roles import Permission
from analytics.forms import TokenForm
from billing.limits import limits_for, plan_of

_SCOPES = dict(TokenForm.base_fields["scopes"].choices)  # type: ignore[attr-defined]  # a ChoiceField has choices


@dataclass(frozen=True, slots=True)
class Person:
    """A member as others of the workspace see them. `email` is None in the demo, which everybody sees."""

    name: str
    email: str | None
    role: str
    since: datetime
    is_you: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A working token and, in words, what it may do."""

    token: ApiToken
    scopes: tuple[Promise | str, ...]

    @classmethod
    def of(cls, token: ApiToken) -> "TokenRow":
        """The row of a token."""
        return cls(token, tuple(_SCOPES.get(scope, scope) for scope in token.scopes))


@dataclass(frozen=True, slots=True)
class PlanCard:
    """The plan of a workspace: its name, and each limit in words with its value (None: without limit)."""

    label: str
    limits: tuple[tuple[str, int | None], ...]


_PARTS: tuple[tuple[str, Promise], ...] = (
    ("profile", gettext_lazy("You")),
    ("colours", gettext_lazy("Colours")),
    ("workspace", gettext_lazy("Workspace")),
    ("people", gettext_lazy("People")),
    ("plan", gettext_lazy("Plan and limits")),
    ("tokens", gettext_lazy("API tokens")),
    ("sign-in", gettext_lazy("Sign-in")),
)


def parts_of(access: Access) -> list[tuple[str, Promise]]:
    """Parts of the page by their anchors: those that this person has."""
    hidden = {"profile", "sign-in"} if access.is_demo else set()
    if not access.allows(Permission.TOKENS_WRITE):
        hidden.add("tokens")
    return [(name, label) for name, label in _PARTS if name not in hidden]


def people_of(access: Access) -> list[Person]:
    """Who is in the workspace, in the order in which they came."""
    members = Membership.objects.filter(workspace=access.workspace).select_related("user").order_by("created_at", "pk")
    return [
        Person(
            name=one.user.name or (_("Member") if access.is_demo else one.user.email.partition("@")[0]),
            email=None if access.is_demo else one.user.email,
            role=str(Role(one.role).label),
            since=one.created_at,
            is_you=one.user_id == access.user.pk,
        )
        for one in members
    ]


def plan_of_page(workspace: Workspace) -> PlanCard:
    """What the plan of the workspace allows."""
    limits = limits_for(workspace)
    return PlanCard(
        label=str(plan_of(workspace).label),
        limits=(
            (_("Channels at the same time"), limits.tracked_channels),
            (_("Days for which each reading of a post is kept by itself"), limits.raw_snapshot_days),
            (_("Days for which the curve of a post is kept"), limits.curve_days),
            (_("Exports in the making at the same time"), limits.exports_at_once),
            (_("Reports by schedule"), limits.report_schedules),
            (_("Shared links that work at the same time"), limits.shared_links),
            (_("API requests a minute"), limits.api[0].amount),
        ),
    )
