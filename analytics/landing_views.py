"""The start page: what this is, told by the live numbers of the demo where there is one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.demo import demo_workspace
from analytics.landing_pages import live_of
from analytics.landing_texts import FEATURES, HONESTY, QUESTIONS
from analytics.period import zone_named


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, and the ways in. Without a demo it shows no number at all."""
    demo = demo_workspace()
    live = live_of(demo, now=timezone.now()) if demo else None
    context = {
        "has_demo": not settings.PRODUCTION and (settings.STATE_DIR / "demo-password").is_file(),
        "open_demo": demo is not None,
        "live": live,
        "is_sandbox": settings.SANDBOX,
        "site": settings.SITE_URL,
        "features": FEATURES,
        "honesty": HONESTY,
        "questions": QUESTIONS,
    }
    with timezone.override(zone_named(demo.time_zone if demo else "UTC")):
        response = render(request, "landing.html", context)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response
