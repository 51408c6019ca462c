"""The frame of the settings: one list of their pages, and who may open them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Access, WorkspaceRequest, access_of, require
from accounts.models import User
from accounts.roles import Permission
from analyticbot.core.errors import NotAllowed

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the settings: its name in the navigation, its URL name, and who sees it.

    `within`: beginnings of the URL names of pages that belong below it, whose frame marks this part.
    """

    label: Promise
    page: str
    permission: Permission | None = None
    within: tuple[str, ...] = ()

    def holds(self, page: str) -> bool:
        """Whether the page with this URL name is this part or below it."""
        return page == self.page or page.startswith(self.within)


PERSON = (
    Part(_("You"), "settings:you"),
    Part(
        _("Sign-in and security"),
        "settings:security",
        within=("account_", "mfa_", "usersessions_", "socialaccount_", "telegram-", "settings:security-"),
    ),
    Part(_("Your workspaces"), "settings:workspaces", within=("settings:workspaces-",)),
    Part(_("Your data"), "settings:data", within=("settings:data-",)),
)
WORKSPACE = (
    Part(_("Workspace"), "settings:workspace", Permission.CHANNELS_READ, within=("settings:workspace-",)),
    Part(_("People"), "settings:people", Permission.MEMBERS_READ, within=("settings:people-",)),
    Part(_("API tokens"), "settings:tokens", Permission.TOKENS_WRITE, within=("settings:tokens-",)),
    Part(_("Plan and limits"), "plan", Permission.CHANNELS_READ),
)


def parts_of(access: Access | None) -> tuple[list[Part], list[Part]]:
    """Pages of the person and of the workspace that they may open (None: somebody without a workspace)."""
    if access is None:
        return list(PERSON), []
    allowed = [part for part in WORKSPACE if part.permission is None or access.allows(part.permission)]
    return list(PERSON), allowed


def access_or_none(request: HttpRequest) -> Access | None:
    """The access of a signed-in person; None for one who is in no workspace."""
    try:
        return access_of(request)
    except NotAllowed:
        return None


class PersonRequest(HttpRequest):
    """A request that has passed `person_page`: somebody is signed in."""

    person: User


def person_page(view: Callable[Concatenate[PersonRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page of the person's own settings: signed in (a visitor of the demo is not), moments in their zone."""

    @wraps(view)
    def in_own_zone(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request.person = cast("User", request.user)
        with timezone.override(ZoneInfo(request.person.time_zone)):
            return view(request, *args, **kwargs)

    return login_required(in_own_zone)


def member_page(
    permission: Permission,
) -> Callable[[Callable[Concatenate[WorkspaceRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a page of the workspace's settings: as `person_page`, with `permission` in the current workspace."""

    def decorate(view: Callable[Concatenate[WorkspaceRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        return person_page(require(permission)(view))

    return decorate
