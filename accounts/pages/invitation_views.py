"""What the link of an invitation opens."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import choose_workspace
from accounts.models import Invitation, Membership, Role, User
from accounts.people.invitations import accept, find_invitation, may_accept


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Who invites to what; sent: yes, by who is signed in, or the wish for an account."""
    row = find_invitation(secret, now=timezone.now())
    if row is None:
        return render(request, "account/invitation_over.html", status=404)
    person = request.user if isinstance(request.user, User) else None
    if person and Membership.objects.filter(workspace=row.workspace, user=person).exists():
        return _enter(request, row)
    if request.method == "POST":
        return _accept(request, row, person) if person else _to_sign_up(request, row)
    context = {
        "invitation": row,
        "role": Role(row.role).label,
        "is_mine": person is not None and may_accept(row, person),
    }
    response = render(request, "account/invitation.html", context)
    # The address of this page is a key. Without any referrer browsers would hide where the form comes from, too.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response


def _accept(request: HttpRequest, row: Invitation, person: User) -> HttpResponse:
    accept(row, user=person, now=timezone.now())
    messages.success(request, _("You are a member of “%(name)s” now.") % {"name": row.workspace.name})
    return _enter(request, row)


def _enter(request: HttpRequest, row: Invitation) -> HttpResponse:
    choose_workspace(request, public_id=row.workspace.public_id, now=timezone.now())
    return redirect("pages:channels")


def _to_sign_up(request: HttpRequest, row: Invitation) -> HttpResponse:
    """To the form of a new account. The link came to that address, which needs no other proof.

    Only after a click here: a link alone must not decide about the address of an account that is made later.
    """
    get_adapter().stash_verified_email(request, row.email)
    query = urlencode({"email": row.email, "next": request.path})
    return HttpResponseRedirect(f"{reverse('account_signup')}?{query}")
