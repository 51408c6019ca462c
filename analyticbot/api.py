"""API version 2: each app's `api.py`, put together; the schema and its pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from analyticbot.core.api import error_response


@csrf_exempt  # it changes nothing, and a missing CSRF token must not hide that there is nothing here
def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001 - a view
    """404 in the API's error shape, for addresses below /api/ that lead nowhere."""
    return error_response(404, code="not_found", message=_("There is nothing at this address."))


# JSON first: it is YAML as well, so clients of either kind that ask for nothing can read it.
_DOCUMENT = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]

version_2: list[URLPattern | URLResolver] = [
    path("", include("channels_app.api")),
    path("", include("analytics.api")),
    path("", include("analytics.exports.api")),
    path("", include("analytics.notes.api")),
    path("", include("analytics.reports.api")),
    path("", include("analytics.sharing.api")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("v2/", include((version_2, "v2"))),
    path("schema/", SpectacularAPIView.as_view(renderer_classes=_DOCUMENT), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="core/api_docs.html"),
        name="api-docs",
    ),
    re_path(r"^(?P<rest>.*)$", unknown_address, name="api-unknown"),
]
