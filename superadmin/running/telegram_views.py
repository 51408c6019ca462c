"""Signing a Telegram account in from the panel: number, code, and the password where the account has one.

What lies between two steps is sealed in the session of whoever signs in, for ten minutes: it becomes a key to the
account. Code and password are passed on and kept nowhere.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.access import user_actor
from accounts.models import Workspace
from accounts.stepup import ask_to_confirm, recently_confirmed
from analyticbot.core.errors import AppError
from analyticbot.core.secrets import SecretUnreadable, seal, unseal
from mtproto.errors import FloodWait, GatewayError, PasswordNeeded
from mtproto.records import AccountRecord
from mtproto.sign_in import PendingSignIn, SignIn, add_account, open_sign_in
from superadmin.people.views import ask_page, staff_of
from superadmin.tiers import Act, tier_required

_KEPT = "telegram_sign_in"
KEPT_FOR = timedelta(minutes=10)


class NumberForm(forms.Form):
    """Whose account, and for whom it collects."""

    phone = forms.RegexField(
        r"^\+?[0-9 ()\-]{7,20}$",
        label=gettext_lazy("Phone number"),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "placeholder": "+998 90 000 00 00"}),
        help_text=gettext_lazy("With the country code. Telegram sends a code to it."),
    )
    workspace = forms.IntegerField(
        label=gettext_lazy("Workspace"),
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=gettext_lazy("Its number, if it shall collect for that one alone. Empty: for everybody."),
    )
    label = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("How it is called here. Empty: as at Telegram."),
    )

    def clean_workspace(self) -> int | None:
        """A workspace that there is."""
        number: int | None = self.cleaned_data["workspace"]
        if number is not None and not Workspace.objects.filter(pk=number).exists():
            raise forms.ValidationError(_("There is no workspace with this number."))
        return number


class CodeForm(forms.Form):
    """What Telegram has sent."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasswordForm(forms.Form):
    """The second step of the account, if it has one."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=256,
        strip=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "password", "autocomplete": "off"}),
        help_text=gettext_lazy("The account's own password at Telegram. It is passed on and kept nowhere."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.TELEGRAM_SIGN_IN)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The number."""
    if not recently_confirmed(request):
        return ask_to_confirm(request)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        done = _step(form, None, lambda flow: flow.request_code(given["phone"]))
        if done is not None:
            sent, flow = done
            _keep(request, flow.pending, workspace=given["workspace"], label=given["label"])
            messages.info(request, _("Telegram has sent a code (%(where)s).") % {"where": sent.where})
            return redirect("admin:telegram-code")
    says = _("The account reads channels for us. Use one that nobody needs for anything else.")
    return _ask(request, _("Sign an account in"), says, form)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.TELEGRAM_SIGN_IN)
@sensitive_post_parameters("code")
def enter_code(request: HttpRequest) -> HttpResponse:
    """The code."""
    return _answer(
        request,
        CodeForm,
        title=_("Enter the code"),
        says=_("It is in the account's Telegram application, or in a text message. It is good for a few minutes."),
        step=lambda flow, form: flow.enter_code(form.cleaned_data["code"]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.TELEGRAM_SIGN_IN)
@sensitive_post_parameters("password")
def enter_password(request: HttpRequest) -> HttpResponse:
    """The password."""
    return _answer(
        request,
        PasswordForm,
        title=_("Enter the password"),
        says=_("This account has a password beside the code."),
        step=lambda flow, form: flow.enter_password(form.cleaned_data["password"]),
    )


def _answer(
    request: HttpRequest,
    form_class: type[forms.Form],
    *,
    title: str,
    says: str,
    step: Callable[[SignIn, forms.Form], Awaitable[AccountRecord]],
) -> HttpResponse:
    kept = _kept(request, now=timezone.now())
    if kept is None:
        messages.warning(request, _("This took too long. Begin again."))
        return redirect("admin:telegram-sign-in")
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        pending = PendingSignIn(**kept["pending"])
        try:
            done = _step(form, pending, lambda flow: step(flow, form))
        except _PasswordWanted as wanted:
            _keep(request, wanted.pending, workspace=kept["workspace"], label=kept["label"])
            return redirect("admin:telegram-password")
        if done is not None and (answer := _add(request, form, kept, *done)) is not None:
            return answer
    return _ask(request, title, says, form)


def _add(
    request: HttpRequest, form: forms.Form, kept: dict[str, Any], who: AccountRecord, flow: SignIn
) -> HttpResponse | None:
    try:
        account = add_account(
            who=who,
            session=flow.session,
            phone=flow.phone,
            workspace_id=kept["workspace"],
            label=kept["label"],
            actor=user_actor(staff_of(request)),
            now=timezone.now(),
        )
    except AppError as error:
        form.add_error(None, error.message)
        return None
    del request.session[_KEPT]
    messages.success(request, _("Signed in as %(label)s.") % {"label": account.label})
    return redirect("admin:mtproto_telegramaccount_change", account.pk)


class _PasswordWanted(Exception):
    """The code was right, and the account has a password."""

    def __init__(self, pending: PendingSignIn) -> None:
        super().__init__()
        self.pending = pending


def _step(
    form: forms.Form, pending: PendingSignIn | None, step: Callable[[SignIn], Awaitable[Any]]
) -> tuple[Any, SignIn] | None:
    """Carry out one step over a connection of its own; None with the error in the form when it went wrong."""
    try:
        flow = open_sign_in(pending)
        return async_to_sync(_closing)(flow, step), flow
    except PasswordNeeded:
        raise _PasswordWanted(flow.pending) from None
    except FloodWait as error:
        form.add_error(None, _("Telegram asks to wait for %(seconds)s s.") % {"seconds": error.seconds})
    except GatewayError as error:
        form.add_error(None, error.message)
    except ImproperlyConfigured as error:
        form.add_error(None, str(error))
    return None


async def _closing(flow: SignIn, step: Callable[[SignIn], Awaitable[Any]]) -> Any:
    try:
        return await step(flow)
    finally:
        await flow.close()


def _keep(request: HttpRequest, pending: PendingSignIn, *, workspace: int | None, label: str) -> None:
    kept = {
        "pending": {"session": pending.session, "phone": pending.phone, "code_hash": pending.code_hash},
        "workspace": workspace,
        "label": label,
        "at": timezone.now().timestamp(),
    }
    request.session[_KEPT] = seal(json.dumps(kept), purpose=_purpose(request))


def _kept(request: HttpRequest, *, now: datetime) -> dict[str, Any] | None:
    token = request.session.get(_KEPT)
    if not token:
        return None
    try:
        kept = json.loads(unseal(token, purpose=_purpose(request)))
    except SecretUnreadable:
        return None
    if kept["at"] < (now - KEPT_FOR).timestamp():
        del request.session[_KEPT]
        return None
    return cast("dict[str, Any]", kept)


def _purpose(request: HttpRequest) -> str:
    return f"superadmin.telegram_sign_in:{staff_of(request).pk}"


def _ask(request: HttpRequest, title: str, says: str, form: forms.Form) -> HttpResponse:
    back = resolve_url("admin:mtproto_telegramaccount_changelist")
    return ask_page(request, title=title, says=says, form=form, back=back)
