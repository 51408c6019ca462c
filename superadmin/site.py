"""The site of the panel: one gate before every page, no sign-in of its own, pages declared by their rooms."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django_otp.admin import OTPAdminSite
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from superadmin.networks import may_open_from
from superadmin.tiers import Act, may, tier_of

# Modules with `urlpatterns` whose views are guarded by `tier_required`, in the order in which they are asked.
DOORS = ("superadmin.people.urls", "superadmin.running.urls")
# Beside the policy of all pages: Unfold's Alpine reads the attributes of its own templates with `new Function`, and
# some of them hide what is not shown yet with a style. Inline scripts and style elements stay refused.
_POLICY = {"script-src": ["'self'", "'unsafe-eval'"], "style-src-attr": ["'unsafe-inline'"]}
# Views of Django's admin that have no place here: sign-in, passwords and addresses are those of the accounts.
_CLOSED = frozenset({"password_change", "password_change_done", "view_on_site", "autocomplete", "app_list", "search"})


class Admin(UnfoldAdminSite, OTPAdminSite):  # type: ignore[misc]  # both are untyped
    """Django's admin for those who run the service."""

    site_title = "SuperAdmin"
    site_header = "SuperAdmin"
    index_title = _("Overview")
    index_template = "superadmin/index.html"
    site_url = "/app/"
    final_catch_all_view = False

    def __init__(self) -> None:
        super().__init__("admin")

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with a tier, and verified by a second factor in this session."""
        is_verified = getattr(request.user, "is_verified", None)  # put there by accounts.sessions.middleware
        return may(request.user, Act.PANEL_OPEN) and is_verified is not None and is_verified()

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 - Django's signature
        """The gate: the network first, then who it is. Whoever is signed in and no staff finds nothing here."""
        inner = super().admin_view(view, cacheable)

        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            _turn_away(request)
            response: HttpResponse = inner(request, *args, **kwargs)
            response._csp_replace = _POLICY  # type: ignore[attr-defined]  # django-csp's
            return response

        gated.__dict__.update(inner.__dict__)
        return gated

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, without what is closed, and the pages of DOORS."""
        doors = [path("", include(import_string(f"{name}.urlpatterns"))) for name in DOORS]
        own = [one for one in super().get_urls() if getattr(one, "name", None) not in _CLOSED]
        return [*doors, *own]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:  # noqa: ARG002 - Django's signature
        """Where one comes in: what waits for an approval, and ways to everything else."""
        from superadmin.navigation import PLACES
        from superadmin.people.waiting import waiting_table

        places = [one for _title, group in PLACES for one in group if may(request.user, one.act)]
        tier, waiting = tier_of(request.user), waiting_table(request)
        title = str(self.index_title)
        return self.page(request, self.index_template, title=title, tier=tier, waiting=waiting, places=places[1:])

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Unfold's, without colours as inline styles: ours stand in ``superadmin/colours.css``."""
        return {**super().each_context(request), "colors": None}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """No form here: to the sign-in of the accounts, or to the second factor of who is signed in."""
        _turn_away(request)
        target = request.GET.get("next") or resolve_url("admin:index")
        if not isinstance(request.user, User):
            return redirect_to_login(target)
        if self.has_permission(request):
            return HttpResponseRedirect(resolve_url("admin:index"))
        return redirect_to_login(target, resolve_url("mfa_reauthenticate"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """Signing out is the accounts' as well."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        get_adapter(request).logout(request)
        return HttpResponseRedirect(resolve_url("pages:landing"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:  # noqa: ARG002 - Django's signature
        """None: `superadmin.navigation` says what there is."""
        return []

    def get_log_entries(self, request: HttpRequest) -> Any:  # noqa: ARG002 - Django's signature
        """None: what was done stands in the audit trail."""
        return ()

    def page(
        self, request: HttpRequest, template: str, *, title: str, status: int = 200, **context: Any
    ) -> TemplateResponse:
        """A page of the panel in its frame; `template` extends ``superadmin/frame.html``."""
        request.current_app = self.name
        whole = {**self.each_context(request), "title": title, **context}
        return TemplateResponse(request, template, whole, status=status)


def _turn_away(request: HttpRequest) -> None:
    """Nobody but the staff learns that there is a panel where it cannot be opened. Raises Http404, PermissionDenied."""
    is_staff = may(request.user, Act.PANEL_OPEN)
    if request.user.is_authenticated and not is_staff:
        raise Http404
    if not may_open_from(request):
        if is_staff:
            raise PermissionDenied(_("The panel cannot be opened from this network."))
        raise Http404


site = Admin()
