"""The theme, of anybody."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from analytics.forms import ThemeForm

_THEME_COOKIE = "theme"
_YEAR = 365 * 24 * 3600


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie, so that the first byte of the next page knows it."""
    form = ThemeForm(request.POST)
    response = HttpResponseRedirect(_back(request))
    if form.is_valid() and form.cleaned_data["theme"] != "system":
        response.set_cookie(
            _THEME_COOKIE, form.cleaned_data["theme"], max_age=_YEAR, samesite="Lax", secure=request.is_secure()
        )
    elif form.is_valid():
        response.delete_cookie(_THEME_COOKIE, samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    """The page that sent the form, if it is one of ours."""
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else reverse("pages:landing")
