"""Health and metrics are asked for by address: by a load balancer, a kubelet, a scraper."""

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

_HEALTH = frozenset({"/health/live", "/health/ready"})
_METRICS = "/metrics"


class ProbeMiddleware:
    """Answers probes whatever name they ask for; Django's check of the host, further in, stays as it is for all else.

    These answers hold no link, no cookie and nothing of any workspace, so a wrong name can do no harm with them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_probe(request):
            return self.get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponse = match.func(request)
        return response


def _is_probe(request: HttpRequest) -> bool:
    """Metrics that no token guards are for this machine; a page that points its own name here must not read them."""
    if request.path_info in _HEALTH:
        return True
    return request.path_info == _METRICS and bool(settings.METRICS_TOKEN or _asks_an_address(request))


def _asks_an_address(request: HttpRequest) -> bool:
    try:
        host = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname
        return bool(ipaddress.ip_address(host or ""))
    except ValueError:
        return False
