"""API tokens of the workspace."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest
from accounts.models import ApiToken
from accounts.pages.forms import TokenForm
from accounts.pages.frame import member_page
from accounts.roles import Permission
from accounts.tokens import create_token, find_live_token, live_tokens, revoke_token
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
    """Tokens that work, and the form for a new one, whose text is on this answer and nowhere else."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    text = _made(request, form) if form.is_bound and form.is_valid() else None
    context = {
        "form": TokenForm() if text else form,
        "new_token": text,
        "tokens": [TokenRow.of(one) for one in live_tokens(request.access.workspace, now=timezone.now())],
    }
    response = render(request, "settings/tokens.html", context, status=422 if form.is_bound and not text else 200)
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
