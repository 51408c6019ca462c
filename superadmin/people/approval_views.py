"""Doors of second approvals and of the networks from which the panel may be opened."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import user_actor
from accounts.stepup import confirm_first
from analyticbot.core.address import client_address
from superadmin.approvals import approve, refuse
from superadmin.models import AllowedNetwork, ApprovalRequest
from superadmin.networks import allow_network, remove_network
from superadmin.people.acts import DEEDS, WAITING
from superadmin.people.forms import NetworkForm, NoForm
from superadmin.people.views import Question, ask_then, staff_of
from superadmin.tiers import Act, tier_required

_NETWORKS = "admin:superadmin_allowednetwork_changelist"


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

    def run(_given: Mapping[str, Any]) -> str:
        staff, now = staff_of(request), timezone.now()
        if agrees:
            approve(row, approver=staff, deeds=DEEDS, now=now)
            return _("Agreed and done.")
        refuse(row, by=staff, now=now)
        return _("Refused. Nothing was done.")

    says = _("%(who)s asks for “%(act)s” because: %(reason)s") % {
        "who": row.asked_by or "–",
        "act": WAITING.get(row.act, row.act),
        "reason": row.reason,
    }
    title = _("Agree, and do it") if agrees else _("Refuse")
    back = resolve_url("admin:superadmin_approvalrequest_changelist")
    return ask_then(request, Question(title, says, back, row.subject_label, is_grave=agrees), NoForm, run)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.NETWORKS_CHANGE)
@confirm_first
def new_network(request: HttpRequest) -> HttpResponse:
    """Allow one more network."""
    address = client_address(request)

    def run(given: Mapping[str, Any]) -> str:
        staff = staff_of(request)
        allow_network(**given, seen_from=address, added_by=staff, actor=user_actor(staff), now=timezone.now())
        return _("Allowed.")

    says = _("As soon as one network is allowed, all others are shut out. You come from %(address)s.") % {
        "address": address or "–"
    }
    return ask_then(request, Question(_("Allow a network"), says, resolve_url(_NETWORKS)), NetworkForm, run)


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.NETWORKS_CHANGE)
@confirm_first
def end_network(request: HttpRequest, pk: int) -> HttpResponse:
    """Allow a network no longer."""
    row = get_object_or_404(AllowedNetwork, pk=pk)

    def run(_given: Mapping[str, Any]) -> str:
        actor, address = user_actor(staff_of(request)), client_address(request)
        remove_network(row, seen_from=address, actor=actor, now=timezone.now())
        return _("Removed.")

    says = _("From there the panel cannot be opened any longer. Without any network it can be opened from everywhere.")
    question = Question(_("Remove a network"), says, resolve_url(_NETWORKS), str(row), is_grave=True)
    return ask_then(request, question, NoForm, run)
