"""Settings of the person."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import user_actor
from accounts.factors.summary import factors_of
from accounts.pages.forms import ProfileForm
from accounts.pages.frame import PersonRequest, person_page
from accounts.preferences import change_profile, let_staff_look

_YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def you(request: PersonRequest) -> HttpResponse:
    """Name, language and zone of the person; the colours of this browser."""
    user = request.person
    initial = {"name": user.name, "language": translation.get_language(), "time_zone": user.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        return _save(request, form)
    return render(request, "settings/you.html", {"form": form}, status=422 if form.is_bound else 200)


def _save(request: PersonRequest, form: ProfileForm) -> HttpResponse:
    chosen = form.cleaned_data
    change_profile(request.person, **chosen, actor=user_actor(request.person), now=timezone.now())
    translation.activate(chosen["language"])
    messages.success(request, _("Saved."))
    response = redirect("settings:you")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen["language"],
        max_age=_YEAR,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    return response


@require_safe
@person_page
def security(request: PersonRequest) -> HttpResponse:
    """How the person signs in."""
    return render(request, "settings/security.html", {"factors": factors_of(request.person)})


@require_POST
@person_page
def staff_looks(request: PersonRequest) -> HttpResponse:
    """Whether staff may look at the service as this person, to help them."""
    allowed = request.POST.get("allowed") == "yes"
    let_staff_look(request.person, allowed=allowed, actor=user_actor(request.person), now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("settings:security")
