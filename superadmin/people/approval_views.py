"""Doors of second approvals and of the networks from which the panel may be opened."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import user_actor
from accounts.stepup import confirm_first
from analyticbot.core.address import client_address
from analyticbot.core.errors import AppError
from superadmin.approvals import approve, refuse
from superadmin.models import AllowedNetwork, ApprovalRequest
from superadmin.networks import allow_network, remove_network
from superadmin.people.acts import DEEDS, WAITING
from superadmin.people.forms import NetworkForm, NoForm
from superadmin.people.views import ask_page, staff_of
from superadmin.tiers import Act, tier_required


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.APPROVALS_LOOK)
@confirm_first
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to what somebody else has asked for; it is done at once."""
    return _decide(request, pk, agrees=True)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.APPROVALS_LOOK)
def disagree(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse what somebody else has asked for, or withdraw one's own."""
    return _decide(request, pk, agrees=False)


def _decide(request: HttpRequest, pk: int, *, agrees: bool) -> HttpResponse:
    row = get_object_or_404(ApprovalRequest.objects.select_related("asked_by"), pk=pk)
    back = resolve_url("admin:superadmin_approvalrequest_changelist")
    form = NoForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        staff, now = staff_of(request), timezone.now()
        if agrees:
            approve(row, approver=staff, deeds=DEEDS, now=now)
            messages.success(request, _("Agreed and done."))
        else:
            refuse(row, by=staff, now=now)
            messages.success(request, _("Refused. Nothing was done."))
        return HttpResponseRedirect(back)
    says = _("%(who)s asks for “%(act)s” because: %(reason)s") % {
        "who": row.asked_by or "–",
        "act": WAITING.get(row.act, row.act),
        "reason": row.reason,
    }
    title = _("Agree, and do it") if agrees else _("Refuse")
    return ask_page(request, title=title, says=says, form=form, subject=row.subject_label, back=back, is_grave=agrees)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.NETWORKS_CHANGE)
@confirm_first
def new_network(request: HttpRequest) -> HttpResponse:
    """Allow one more network."""
    address = client_address(request)
    form = NetworkForm(request.POST if request.method == "POST" else None)
    back = resolve_url("admin:superadmin_allowednetwork_changelist")
    if form.is_bound and form.is_valid():
        staff = staff_of(request)
        try:
            allow_network(
                **form.cleaned_data, seen_from=address, added_by=staff, actor=user_actor(staff), now=timezone.now()
            )
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("Allowed."))
            return HttpResponseRedirect(back)
    says = _("As soon as one network is allowed, all others are shut out. You come from %(address)s.") % {
        "address": address or "–"
    }
    return ask_page(request, title=_("Allow a network"), says=says, form=form, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.NETWORKS_CHANGE)
@confirm_first
def end_network(request: HttpRequest, pk: int) -> HttpResponse:
    """Allow a network no longer."""
    row = get_object_or_404(AllowedNetwork, pk=pk)
    form = NoForm(request.POST if request.method == "POST" else None)
    back = resolve_url("admin:superadmin_allowednetwork_changelist")
    if form.is_bound and form.is_valid():
        try:
            remove_network(
                row,
                seen_from=client_address(request),
                actor=user_actor(staff_of(request)),
                now=timezone.now(),
            )
        except AppError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Removed."))
            return HttpResponseRedirect(back)
    says = _("From there the panel cannot be opened any longer. Without any network it can be opened from everywhere.")
    return ask_page(request, title=_("Remove a network"), says=says, form=form, subject=row, back=back, is_grave=True)
