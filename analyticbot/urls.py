"""All mounted doors."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext as _
from django.views import defaults

from accounts import demo_views, sign_in_views
from accounts import views as account_views
from accounts.pages import invitation_views
from accounts.personal import views as personal_views
from analyticbot import health, scrape
from analyticbot.core.api import error_response, is_api
from analyticbot.core.policy_reports import take_report
from billing import views as billing_views
from superadmin.site import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", scrape.metrics, name="metrics"),
    path("csp-report/", take_report, name="policy-report"),
    path("i18n/setlang/", account_views.choose_language, name="set_language"),
    path("account/workspace/<uuid:public_id>/", account_views.switch_workspace, name="switch-workspace"),
    path("account/", include("accounts.pages.urls")),
    path("account/invitation/<str:secret>/", invitation_views.invitation, name="invitation"),
    path("account/plan/", billing_views.plan, name="plan"),
    path("account/providers/", include("allauth.socialaccount.urls")),
    path("account/oidc/", include("accounts.provider_views")),
    path("account/telegram/", include("accounts.telegram.urls")),
    path("account/known/<str:token>/", sign_in_views.admit, name="admit"),
    path("account/", include("accounts.factors.urls")),
    path("account/erasure/<str:token>/", personal_views.take_back, name="take-back-erasure"),
    path("account/", include("allauth.account.urls")),
    path("", include("accounts.legal.urls")),
    path("demo/", demo_views.enter, name="demo"),
    path("demo/leave/", demo_views.leave, name="leave-demo"),
    path("superadmin/", site.urls),
    path("api/", include("analyticbot.api")),
    path("", include("analytics.urls")),
]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, in the API's shape below /api/."""
    if is_api(request):
        return error_response(400, code="invalid", message=_("The request is not well formed."))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, in the API's shape below /api/."""
    if is_api(request):
        return error_response(403, code="not_allowed", message=_("You may not do this."))
    return defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; the request's id, which leads to the log line, is in the X-Request-Id header."""
    if is_api(request):
        return error_response(500, code="error", message=_("Something went wrong on our side."))
    return defaults.server_error(request)


handler400 = "analyticbot.urls.bad_request"
handler403 = "analyticbot.urls.permission_denied"
handler500 = "analyticbot.urls.server_error"
