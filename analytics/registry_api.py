"""API v2 of the registry of metrics."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analyticbot.core.ratelimit import ANALYTICS
from analytics.questions.answering import iso
from analytics.questions.metrics import metrics_told
from analytics.schemas.metrics import METRICS_LIST


class MetricsView(APIView):
    """Every number that the statistics know."""

    required_scope = "analytics:read"
    rate_limits = (ANALYTICS,)

    @extend_schema(
        operation_id="metrics",
        summary="Every metric: its unit, formula and sources.",
        description="Names are those of all answers; label and formula are in the language of Accept-Language.",
        responses=METRICS_LIST,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002 - what is answered is the same for all
        """List the registry."""
        return Response(
            {"data": metrics_told(), "meta": {"generated_at": iso(timezone.now())}},
            headers={"Vary": "Accept-Language", "Cache-Control": "private, max-age=300"},
        )
