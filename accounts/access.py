"""Who asks, for which workspace, and what they may do there: answered once per request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.demo import demo_workspace, has_demo_cookie
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.rules import demand_factor
from accounts.models import ApiToken, Membership, Role, User, Workspace, open_workspace
from accounts.roles import Permission, permissions_of
from analyticbot.core.audit import Actor
from analyticbot.core.errors import NotAllowed, NotFound, NotSignedIn
from analyticbot.core.written import Written

_SESSION_KEY = "workspace"
_CACHED = "_analyticbot_access"
_VISITED = "_analyticbot_visited"
_MEMBERSHIPS = "_analyticbot_memberships"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Access:
    """The person or token behind a request, the workspace it speaks for, and what it may do."""

    user: User
    workspace: Workspace
    role: Role
    permissions: frozenset[Permission]
    actor: Actor
    token: ApiToken | None = None
    # A visitor of the public demo: nobody (`user` is not saved and has no address), who may look at everything.
    is_demo: bool = False

    def allows(self, permission: Permission | str) -> bool:
        """True if this may be done."""
        return permission in self.permissions


class WorkspaceRequest(HttpRequest):
    """A request that has passed `require`: somebody is signed in and has a workspace."""

    access: Access


def access_of(request: HttpRequest) -> Access:
    """The access of a request (Django's, or DRF's after authentication).

    Raises NotSignedIn, or NotAllowed for a person without any workspace.
    """
    bare: HttpRequest = getattr(request, "_request", request)
    cached: Access | None = getattr(bare, _CACHED, None)
    if cached is None:
        if isinstance(request.user, User):
            cached = _access_by_session(bare, request.user)
        elif visited := _visited_demo(bare):
            cached = _access_of_visitor(visited)
        else:
            raise NotSignedIn(_("Sign in, or send a token."))
        remember_access(bare, cached)
    return cached


def visits_demo(request: HttpRequest) -> bool:
    """Whether somebody who is not signed in looks at the public demo; one read for who has its cookie, else none."""
    bare: HttpRequest = getattr(request, "_request", request)
    user = getattr(bare, "user", None)
    return _visited_demo(bare) is not None and not (user and user.is_authenticated)


def _visited_demo(request: HttpRequest) -> Workspace | None:
    """The demo that the request's cookie asks for; never with a token, which speaks for a workspace of its own."""
    if not has_demo_cookie(request) or "Authorization" in request.headers:
        return None
    if not hasattr(request, _VISITED):
        setattr(request, _VISITED, demo_workspace())
    found: Workspace | None = getattr(request, _VISITED)
    return found


def _access_of_visitor(workspace: Workspace) -> Access:
    """A viewer who is nobody: no row names them, so nothing can be written in their name."""
    visitor = User(name=_("Visitor"), time_zone=workspace.time_zone)
    return Access(
        user=visitor,
        workspace=workspace,
        role=Role.VIEWER,
        permissions=permissions_of(Role.VIEWER),
        actor=Actor(kind="user", id=None, label="demo"),
        is_demo=True,
    )


def remember_access(request: HttpRequest, access: Access) -> None:
    """Keep the access on the request; token authentication calls this."""
    setattr(getattr(request, "_request", request), _CACHED, access)


def forget_access(request: HttpRequest) -> None:
    """Have the access found anew: what it was found from has changed."""
    bare = getattr(request, "_request", request)
    if hasattr(bare, _CACHED):
        delattr(bare, _CACHED)


def workspace_of(request: HttpRequest) -> Workspace:
    """The workspace this request speaks for; raises as `access_of`."""
    return access_of(request).workspace


def access_by_token(token: ApiToken, *, role: Role) -> Access:
    """What a token may do: its scopes, as far as its creator's role still allows them."""
    return Access(
        user=token.creator,
        workspace=token.workspace,
        role=role,
        permissions=permissions_of(role, scopes=token.scopes),
        actor=Actor(kind="token", id=token.pk, label=str(token)),
        token=token,
    )


def user_actor(user: User) -> Actor:
    """The actor for what this person does."""
    return Actor(kind="user", id=user.pk, label=user.email)


def memberships_of(user: User) -> list[Membership]:
    """Memberships of a person in workspaces that work, with those: the one chosen last first, then the oldest."""
    found = []
    for membership, workspace in _MEMBERSHIPS_OF.rows([user.pk]):
        membership.user, membership.workspace = user, workspace
        found.append(membership)
    return found


_MEMBERSHIPS_OF = Written(
    """
    SELECT {columns} FROM accounts_membership m JOIN accounts_workspace w ON w.id = m.workspace_id
    WHERE m.user_id = %s AND w.deleted_at IS NULL AND w.suspended_at IS NULL
    ORDER BY m.chosen_at DESC NULLS LAST, m.created_at, m.id
    """,
    m=Membership,
    w=Workspace,
)


def known_memberships(request: HttpRequest) -> list[Membership]:
    """Memberships as they were read when the access of this request was found; none before that."""
    found: list[Membership] = getattr(request, _MEMBERSHIPS, [])
    return found


def choose_workspace(request: HttpRequest, *, public_id: UUID, now: datetime) -> Workspace:
    """Make one of the person's workspaces the current one, of this session and those to come.

    Raises NotFound if they are not in it.
    """
    if not isinstance(request.user, User):
        raise NotSignedIn(_("Sign in first."))
    mine = request.user.memberships.select_related("workspace").filter(open_workspace("workspace__"))
    membership = mine.filter(workspace__public_id=public_id).first()
    if membership is None:
        raise NotFound(_("There is no such workspace."))
    mine.filter(pk=membership.pk).update(chosen_at=now)
    request.session[_SESSION_KEY] = str(public_id)
    forget_access(request)
    return membership.workspace


def require(
    permission: Permission,
) -> Callable[[Callable[Concatenate[WorkspaceRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a page: sign-in first (401 to htmx, which then loads the sign-in page), 403 without `permission`.

    A visitor of the demo may look at every page; what they send is refused by `accounts.middleware.DemoMiddleware`,
    and here once more.
    """

    def decorate(view: Callable[Concatenate[WorkspaceRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: WorkspaceRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated and not visits_demo(request):
                return _to_sign_in(request)
            try:
                access = access_of(request)
            except NotAllowed as error:
                if error.code != "no_workspace" or request.method not in SAFE_METHODS:
                    raise
                return redirect("settings:workspaces")
            looks = access.is_demo and request.method in SAFE_METHODS
            if not (looks or (access.allows(permission) and not access.is_demo)):
                note_denial(request, access, permission)
                raise PermissionDenied(_("Your role in this workspace does not allow this."))
            request.access = access
            return view(request, *args, **kwargs)

        return checked

    return decorate


def note_denial(request: HttpRequest, access: Access, permission: Permission) -> None:
    """Tell that somebody who is known asked for what they may not do."""
    detail = {"permission": permission.value, "by": access.actor.kind}
    record_event(
        EventKind.ACCESS_DENIED,
        user=None if access.is_demo else access.user,
        now=timezone.now(),
        request=request,
        detail=detail,
    )


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # A redirect would put the sign-in page into a corner of this one.
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
    return redirect_to_login(request.get_full_path())


def _access_by_session(request: HttpRequest, user: User) -> Access:
    memberships = memberships_of(user)
    setattr(request, _MEMBERSHIPS, memberships)
    if not memberships:
        raise NotAllowed(_("You are not a member of any workspace."), code="no_workspace")
    chosen = request.session.get(_SESSION_KEY)
    membership = next((m for m in memberships if str(m.workspace.public_id) == chosen), memberships[0])
    demand_factor(user, membership.workspace)
    role = Role(membership.role)
    return Access(
        user=user,
        workspace=membership.workspace,
        role=role,
        permissions=permissions_of(role),
        actor=user_actor(user),
    )
