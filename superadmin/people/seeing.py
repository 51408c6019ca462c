"""Requests of staff who look as somebody else: answered as that person would see them, and never written."""

import logging
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import SAFE_METHODS
from analyticbot.core.api import error_response, is_api
from analyticbot.core.read_only import reading_only, wanted_to_write
from superadmin.models import Impersonation
from superadmin.people import impersonation

logger = logging.getLogger(__name__)

# The staff's own: the panel, where the looking is ended, and signing out.
_OWN = ("/superadmin/", "/account/logout/", "/static/", "/health/", "/metrics")
# Factors, tokens, plans, personal data, exports and other files are for the person alone.
_NEVER = ("/account/", "/app/exports/", "/app/import/", "/api/v2/exports", "/api/v2/reports")


class ImpersonationMiddleware:
    """Puts the person in the place of the staff for pages that are only read; says so on each of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_OWN) or "Authorization" in request.headers or not impersonation.claims(request):
            return self.get_response(request)
        now = timezone.now()
        row = impersonation.running(request, now=now)
        if row is None:
            impersonation.stop(request, now=now)
            messages.info(request, _("You look as yourself again: the time was over, or it is no longer allowed."))
            return HttpResponseRedirect(resolve_url("admin:index"))
        return self._as_person(request, row)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that wanted to write while it was looked at is refused as well."""
        if not hasattr(request, "impersonation") or not wanted_to_write(error):
            return None
        return self._refuse(request)

    def _as_person(self, request: HttpRequest, row: Impersonation) -> HttpResponse:
        logger.info("staff %s looks as %s at %s %s", row.staff_id, row.user_id, request.method, request.path)
        request.user = row.user
        request.impersonation = row  # type: ignore[attr-defined]  # templates show it
        if request.method not in SAFE_METHODS or request.path.startswith(_NEVER):
            return self._refuse(request)
        with reading_only():
            response = self.get_response(request)
        if "attachment" in response.get("Content-Disposition", ""):
            response.close()
            return self._refuse(request)
        return response

    @staticmethod
    def _refuse(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            message = _("Nothing is changed or taken out while you look as somebody else.")
            return error_response(403, code="impersonating", message=message)
        return render(request, "superadmin/not_while_looking.html", status=403)
