"""What browsers tell us they have refused to load: one log line and one count for each, and never more than a few.

Anybody may send such reports, so nothing of them is believed, kept or shown: only the directive, if it is one of our
policy, and where the refused thing would have come from, without path and query. Protocol: CSP Level 3, §5.4.
"""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter

from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import Limit, LimiterAway, take

logger = logging.getLogger(__name__)
# A page that is broken for somebody reports a handful; more tells nothing new.
BY_NETWORK = Limit("policy-reports", 20, 60)
_MOST_BYTES = 16_384
_WORDS = frozenset({"inline", "eval", "data", "blob", "self", "wasm-eval", "trusted-types-sink"})
_REPORTS = Counter(
    "analyticbot_policy_reports", "What browsers have refused to load on our pages, by directive", ["directive"]
)


@csrf_exempt  # browsers send it without a page, and it changes nothing
@require_POST
def take_report(request: HttpRequest) -> HttpResponse:
    """Note a report. 204 whatever it holds, 413 for a long one, 429 for too many."""
    try:
        verdict = take([BY_NETWORK], key=client_network(request))
    except LimiterAway:
        return HttpResponse(status=204)
    if not verdict.allowed:
        return HttpResponse(status=429, headers={"Retry-After": str(verdict.retry_after)})
    if len(request.body) > _MOST_BYTES:
        return HttpResponse(status=413)
    directive, source = _read(request.body)
    _REPORTS.labels(directive).inc()
    logger.warning("a browser refused something of %s from %s", directive, source)
    return HttpResponse(status=204)


def _read(body: bytes) -> tuple[str, str]:
    """The directive and the origin of what was refused; "other" and "unknown" for whatever is not of that form."""
    try:
        told: Any = json.loads(body)["csp-report"]
        directive = str(told.get("effective-directive") or told["violated-directive"]).partition(" ")[0]
        blocked = str(told.get("blocked-uri", ""))
        source = blocked if blocked in _WORDS else urlsplit(blocked).hostname
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "other", "unknown"
    ours = {*settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "script-src-elem", "script-src-attr", "style-src-elem"}
    return directive if directive in ours | {"style-src-attr"} else "other", ascii(source or "unknown")[1:81]
