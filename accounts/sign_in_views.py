"""Pages beside the sign-in: the link that makes a browser known."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.admission import admitted_account
from accounts.devices import remember_device


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def admit(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether this is their browser, and remember it. Looking alone changes nothing: mail programs look too."""
    account = admitted_account(token)
    if account is None or request.method != "POST":
        return render(request, "account/admit.html", {"is_valid": account is not None}, status=200 if account else 404)
    response = redirect("account_login")
    remember_device(request, response, account=account)
    messages.success(request, _("This browser is known now. Sign in with your password."))
    return response
