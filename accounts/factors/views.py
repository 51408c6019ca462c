"""Second factors at sign-in and in the settings, where allauth's own views do not do."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.stages import LoginStageController
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest, user_actor
from accounts.factors.adapter import MFAAdapter
from accounts.factors.codes import Carrier, send_code
from accounts.factors.confirm_views import place_after
from accounts.factors.rules import may_remove, set_rule
from accounts.factors.telegram import turn_off, turn_on
from accounts.factors.ways import Ways, ways_to_confirm, ways_to_sign_in
from accounts.models import User
from accounts.pages.frame import PersonRequest, member_page, person_page
from accounts.roles import Permission
from accounts.stepup import confirm_first
from analyticbot.core.errors import AppError


class SignInView(AuthenticateView):  # type: ignore[misc]  # allauth is untyped
    """The second step of signing in."""

    template_name = "mfa/authenticate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth's, and by what this person can show that it is them."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        ways = ways_to_sign_in(self.request, self.stage.login.user)
        return {**context, "ways": ways, "passkey": context.get("js_data")}


@require_POST
@never_cache
def send(request: HttpRequest) -> HttpResponse:
    """Send a code to somebody who signs in, or confirms; then back to where they type it."""
    if isinstance(request.user, User):
        _send(request, request.user, ways_to_confirm(request.user))
        return redirect_with_next("confirm-identity", place_after(request))
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None or stage.login.user is None:
        return redirect("account_login")
    _send(request, stage.login.user, ways_to_sign_in(request, stage.login.user))
    return redirect("mfa_authenticate")


def _send(request: HttpRequest, user: User, ways: Ways) -> None:
    if ways.carrier is None:
        return
    try:
        send_code(user, carrier=ways.carrier, now=timezone.now())
    except AppError as error:
        messages.error(request, error.message)
        return
    told = {
        Carrier.TELEGRAM: _("The code is on its way to your Telegram."),
        Carrier.MAIL: _("The code is on its way to your mailbox."),
    }
    messages.success(request, told[ways.carrier])


def redirect_with_next(name: str, place: str) -> HttpResponse:
    """To the page of that name, which goes on to `place`."""
    response = redirect(name)
    response["Location"] = f"{response['Location']}?{urlencode({REDIRECT_FIELD_NAME: place})}"
    return response


@person_page
@confirm_first
def remove_key(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a passkey or key, unless it is the last factor that the person needs; Http404 for somebody else's."""
    key = get_object_or_404(Authenticator, user=request.person, type=Authenticator.Type.WEBAUTHN, pk=pk)
    if not may_remove(request.person, authenticator=key):
        messages.error(request, MFAAdapter.error_messages["cannot_delete_authenticator"])
        return redirect("settings:security")
    response: HttpResponse = remove_webauthn(request, pk=pk)
    return response


@require_POST
@person_page
@confirm_first
def by_telegram(request: PersonRequest) -> HttpResponse:
    """Ask for a code by Telegram at each sign-in from now on, or not any more."""
    try:
        if request.POST.get("on") == "yes":
            turn_on(request.person, request=request, now=timezone.now())
            messages.success(request, _("From now on you are asked for a code by Telegram when you sign in."))
        else:
            turn_off(request.person, request=request, now=timezone.now())
            messages.success(request, _("You are not asked for a code by Telegram any more."))
    except AppError as error:
        messages.error(request, error.message)
    return redirect("settings:security")


@require_POST
@member_page(Permission.WORKSPACE_WRITE)
@confirm_first
def rule(request: WorkspaceRequest) -> HttpResponse:
    """Whether members of the workspace must have a second factor."""
    required = request.POST.get("required") == "yes"
    user = request.access.user
    try:
        set_rule(request.access.workspace, required=required, by=user, actor=user_actor(user), now=timezone.now())
        messages.success(request, _("Saved."))
    except AppError as error:
        messages.error(request, error.message)
    return redirect("settings:people")
