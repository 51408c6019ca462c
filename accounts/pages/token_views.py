"""API tokens of the workspace."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest
from accounts.models import ApiToken
from accounts.pages.forms import TokenForm
from accounts.pages.frame import member_page
from accounts.roles import Permission
from accounts.stepup import confirm_first
from accounts.tokens import create_token, find_live_token, live_tokens, revoke_token, revoke_tokens
from analyticbot.core.errors import AppError

_SCOPES = dict(TokenForm.base_fields["scopes"].choices)  # type: ignore[attr-defined]  # a ChoiceField has choices


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A working token and, in words, what it may do."""

    token: ApiToken
    scopes: tuple[Promise | str, ...]

    @classmethod
    def of(cls, token: ApiToken) -> "TokenRow":
        """The row of a token."""
        return cls(token, tuple(_SCOPES.get(scope, scope) for scope in token.scopes))


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.TOKENS_WRITE)
def tokens(request: WorkspaceRequest) -> HttpResponse:
    """Tokens that work, and the form for a new one."""
    if request.method == "POST":
        return _make(request)
    return _shown(request, TokenForm())


@confirm_first
def _make(request: WorkspaceRequest) -> HttpResponse:
    """Make a token; its text is on this answer and nowhere else."""
    form = TokenForm(request.POST)
    text = _made(request, form) if form.is_valid() else None
    if text is None:
        return _shown(request, form, status=422)
    return _shown(request, TokenForm(), new_token=text)


def _shown(
    request: WorkspaceRequest, form: TokenForm, *, new_token: str | None = None, status: int = 200
) -> HttpResponse:
    working = live_tokens(request.access.workspace, now=timezone.now())
    context = {
        "form": form,
        "new_token": new_token,
        "tokens": [TokenRow.of(one) for one in working],
        "has_own": any(one.creator_id == request.access.user.pk for one in working),
    }
    response = render(request, "settings/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _made(request: WorkspaceRequest, form: TokenForm) -> str | None:
    access, chosen = request.access, form.cleaned_data
    try:
        _token, text = create_token(
            access.workspace,
            creator=access.user,
            name=chosen["name"],
            scopes=chosen["scopes"],
            lifetime=timedelta(days=chosen["days"]),
            networks=chosen["networks"],
            now=timezone.now(),
            actor=access.actor,
            request=request,
        )
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else "name", error.message)
        return None
    return text


@require_POST
@member_page(Permission.TOKENS_WRITE)
def end(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Revoke a token of this workspace."""
    token = find_live_token(request.access.workspace, pk=pk, now=timezone.now())
    if token is None:
        raise Http404
    revoke_token(token, now=timezone.now(), actor=request.access.actor, request=request)
    messages.success(request, _("The token %(name)s no longer works.") % {"name": token.name})
    return redirect("settings:tokens")


@require_POST
@member_page(Permission.TOKENS_WRITE)
def end_all(request: WorkspaceRequest) -> HttpResponse:
    """Revoke all tokens of this workspace, or with `whose=mine` one's own."""
    access = request.access
    creator = access.user if request.POST.get("whose") == "mine" else None
    ended = revoke_tokens(access.workspace, creator=creator, now=timezone.now(), actor=access.actor)
    messages.success(
        request,
        ngettext("%(count)s token no longer works.", "%(count)s tokens no longer work.", ended) % {"count": ended},
    )
    return redirect("settings:tokens")
