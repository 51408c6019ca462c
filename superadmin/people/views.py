"""Doors of what is done to people, workspaces, links and tokens."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import user_actor
from accounts.models import ApiToken, User, Workspace
from accounts.stepup import ask_to_confirm, recently_confirmed
from accounts.tokens import revoke_token
from analyticbot.core.errors import AppError, NotAllowed
from analytics.sharing.links import revoke_link
from analytics.sharing.models import SharedLink
from superadmin.people import impersonation
from superadmin.people.acts import PERSON_DEALS, WORKSPACE_DEALS, Deal, Doing
from superadmin.people.forms import NewPersonForm, NoForm
from superadmin.people.users import create_person
from superadmin.site import site
from superadmin.tiers import Act, may, outranks, tier_required


def staff_of(request: HttpRequest) -> User:
    """Who of the staff asks; the gate has let nobody else pass."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.USERS_LOOK)
def person_act(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One act on a person: the form, and what it does."""
    deal = deal_named(PERSON_DEALS, slug)
    user = get_object_or_404(User, pk=pk)
    staff = staff_of(request)
    if not (may(staff, deal.act) and outranks(staff, user)):
        raise PermissionDenied(_("Nobody may touch somebody of an equal or higher tier."))
    return act_page(request, deal, user, back=resolve_url("admin:accounts_user_change", pk))


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.WORKSPACES_LOOK)
def workspace_act(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One act on a workspace: the form, and what it does."""
    deal = deal_named(WORKSPACE_DEALS, slug)
    workspace = get_object_or_404(Workspace, pk=pk)
    if not may(request.user, deal.act):
        raise PermissionDenied(_("Your tier does not allow this."))
    return act_page(request, deal, workspace, back=resolve_url("admin:accounts_workspace_change", pk))


def deal_named(deals: tuple[Deal, ...], slug: str) -> Deal:
    """The act of that name, or Http404."""
    found = next((one for one in deals if one.slug == slug), None)
    if found is None:
        raise Http404
    return found


def act_page(request: HttpRequest, deal: Deal, subject: Any, *, back: str) -> HttpResponse:
    """The page of one act: who does it confirms first where that is wanted."""
    if deal.confirms and not recently_confirmed(request):
        return ask_to_confirm(request)

    def run(given: Mapping[str, Any]) -> str:
        return deal.run(Doing(request, staff_of(request), subject, given, timezone.now()))

    question = Question(deal.title, deal.says, back=back, subject=str(subject), is_grave=deal.is_grave)
    return ask_then(request, question, deal.form, run, lands_at=resolve_url(deal.lands_at or back))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something is done: its title, what it means, what it is done to, and the way back."""

    title: Any
    says: Any
    back: str
    subject: Any = ""
    is_grave: bool = False


def ask_then(
    request: HttpRequest,
    question: Question,
    form_class: type[Form],
    run: Callable[[Mapping[str, Any]], str],
    *,
    lands_at: str = "",
) -> HttpResponse:
    """Ask; once the form is sent and right, run it, tell what it gives, and go on. A refusal stands in the form."""
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            told = run(form.cleaned_data)
        except NotAllowed:
            raise
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, told)
            return HttpResponseRedirect(lands_at or question.back)
    return ask_page(request, form=form, **asdict(question))


def ask_page(
    request: HttpRequest, *, title: Any, says: Any, form: Any, back: str, subject: Any = "", is_grave: bool = False
) -> HttpResponse:
    """The page that asks before something is done: what it means, its form, one button, and the way back."""
    status = 422 if form.is_bound else 200
    return site.page(
        request,
        "superadmin/ask.html",
        title=str(title),
        says=says,
        form=form,
        subject=subject,
        back=back,
        is_grave=is_grave,
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.USERS_CREATE)
def new_person(request: HttpRequest) -> HttpResponse:
    """Make an account for somebody."""

    def run(given: Mapping[str, Any]) -> str:
        create_person(**given, actor=user_actor(staff_of(request)), now=timezone.now())
        return _("Made. They choose a password through “Forgot your password?”.")

    says = _("An account without a password. Its person chooses one through “Forgot your password?”.")
    question = Question(_("New person"), says, back=resolve_url("admin:accounts_user_changelist"))
    return ask_then(request, question, NewPersonForm, run)


@require_POST
@tier_required(Act.PANEL_OPEN)
def stop_impersonation(request: HttpRequest) -> HttpResponse:
    """Look as oneself again."""
    row = impersonation.stop(request, now=timezone.now())
    if row is None:
        return redirect("admin:index")
    messages.success(request, _("You look as yourself again."))
    return redirect("admin:accounts_user_change", row.user_id)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.TOKENS_REVOKE)
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke an API token."""
    token = get_object_or_404(ApiToken.objects.select_related("workspace", "creator"), pk=pk)

    def run(_given: Mapping[str, Any]) -> str:
        revoke_token(token, actor=user_actor(staff_of(request)), now=timezone.now())
        return _("Revoked. The next request with it is refused.")

    says = _("Programs that use it are refused from the next request on. It cannot be brought back.")
    back = resolve_url("admin:accounts_apitoken_changelist")
    return ask_then(request, Question(_("Revoke a token"), says, back, str(token), is_grave=True), NoForm, run)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.LINKS_REVOKE)
def end_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a shared link."""
    shared = get_object_or_404(SharedLink.objects.select_related("workspace"), pk=pk)

    def run(_given: Mapping[str, Any]) -> str:
        revoke_link(shared, actor=user_actor(staff_of(request)), now=timezone.now())
        return _("Revoked. The address opens nothing any more.")

    says = _("The address opens nothing from the next visit on. It cannot be brought back.")
    back = resolve_url("admin:analytics_sharedlink_changelist")
    return ask_then(request, Question(_("Revoke a shared link"), says, back, str(shared), is_grave=True), NoForm, run)
