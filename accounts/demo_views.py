"""Into the public demo, and out of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.demo import demo_workspace, enter_demo, leave_demo


@require_safe
@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Look at the demo; who is signed in stays in their own workspace. Http404 where there is no demo."""
    if demo_workspace() is None:
        raise Http404
    response = redirect("pages:channels")
    if request.user.is_authenticated:
        messages.info(request, _("You are signed in: these are your own channels. Sign out to look at the demo."))
    else:
        enter_demo(request, response)
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Back to the start page, as a stranger."""
    response = redirect("pages:landing")
    leave_demo(response)
    return response
