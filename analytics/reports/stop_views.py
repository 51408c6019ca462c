"""Pages behind the links in mails: stop or confirm without signing in. What a link names, its signature proves."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from analytics.reports.models import ReportRecipient
from analytics.reports.schedules import confirm_recipient, resume_recipient, stop_recipient
from analytics.reports.tokens import Purpose, recipient_of


def _spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate: not kept, not indexed, nothing told to whoever is linked, in the language of the mails."""

    @wraps(view)
    def spoken(request: HttpRequest, token: str) -> HttpResponse:
        recipient = recipient_of(token, Purpose(view.__name__))
        if recipient is None:
            return view(request, token, None)
        known = {code for code, _name in settings.LANGUAGES}
        own = recipient.user.language if recipient.user else recipient.schedule.language
        with translation.override(own if own in known else "en"):
            return view(request, token, recipient)

    @never_cache
    @wraps(view)
    def closed(request: HttpRequest, token: str) -> HttpResponse:
        response = spoken(request, token)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return closed


# A mail program posts here by itself (RFC 8058); the signed token is what gives the right, no cookie does.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_spoken
def stop(request: HttpRequest, token: str, recipient: ReportRecipient | None = None) -> HttpResponse:
    """GET shows one button and changes nothing (mail scanners follow links); POST stops, or takes it back."""
    if recipient is not None and request.method == "POST":
        change = resume_recipient if request.POST.get("again") else stop_recipient
        change(recipient, now=timezone.now())
        recipient.refresh_from_db()
    # A link of a report that was deleted did its work: nothing comes any more.
    return render(request, "reports/stop.html", {"recipient": recipient, "token": token})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_spoken
def confirm(request: HttpRequest, token: str, recipient: ReportRecipient | None = None) -> HttpResponse:
    """GET shows one button, POST says yes."""
    if recipient is not None and request.method == "POST":
        confirm_recipient(recipient, now=timezone.now())
        recipient.refresh_from_db()
    return render(request, "reports/confirm.html", {"recipient": recipient, "token": token})
