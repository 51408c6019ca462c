"""Wild requests made of the document itself: no answer is a fault of ours, and each is as the document tells.

FUZZ_CASES (for `make fuzz`: 10,000) is how many requests are sent in all; a few hundred when the suite runs.
"""

import math
import os
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from analyticbot.core.clients.document import read_document
from billing.plans import LIMITS, Plan
from channels_app.models import Channel
from tests.api.example_world import NEWS, make_world
from tests.factories import bearer, make_token

CASES = int(os.environ.get("FUZZ_CASES", "200"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Parameters that would nearly always be refused at the door get values that lead further in, three times of four.
SENSIBLE = {
    "channel": (f"@{NEWS}", "1234567890", "@example_other"),
    "channels": (f"@{NEWS},@example_other",),
    "from": ("2026-06-01", "2026-06-08T12:00:00+05:00", "2013-01-01"),
    "to": ("2026-06-15", "2026-06-30T00:00:00Z", "2100-01-01"),
    "fields": ("",),
    "cursor": ("",),
    "hashtag": ("daily", "#DAILY"),
    "graph": ("growth",),
}
SENT: Counter[str] = Counter()
SCHEMA = schemathesis.openapi.from_dict(read_document())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


def _sensible(values: Any) -> Any:
    for name, texts in SENSIBLE.items():
        if values and isinstance(values.get(name), str) and len(values[name]) % 4:
            values[name] = texts[len(values[name]) % len(texts)]
    return values


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests share the test's connection, as with Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def headers(db: None, one_connection: None, settings: Any, tmp_path: Any) -> dict[str, str]:
    settings.API_LIMIT_FACTOR = 1_000_000
    settings.EXPORT_DIR = tmp_path
    settings.EXPORT_ENABLED = True
    settings.ALLOWED_HOSTS = ["*"]
    world = make_world()
    # The made world lies in the past; some answers look at the last days only.
    Channel.objects.filter(pk=world.channel.pk).update(subscribers_at=datetime.now(UTC))
    return bearer(make_token(world.workspace))


def _ask_wildly(label: str, headers: dict[str, str], *, cases: int) -> None:
    operation, app = OPERATIONS[label], get_wsgi_application()

    @given(case=operation.as_strategy())
    @hypothesis_settings(
        max_examples=cases,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    def ask(case: Any) -> None:
        case.path_parameters = _sensible(case.path_parameters)
        case.query = _sensible(case.query)
        SENT[label] += 1
        answer = case.call(app=app, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    with transaction.atomic():
        try:
            ask()
        finally:
            # What one operation has made or deleted is not missed by the next.
            transaction.set_rollback(True)


def test_wild_requests_are_answered_as_the_document_tells(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = replace(LIMITS[Plan.UNLIMITED], exports_at_once=1_000_000)
    monkeypatch.setattr("billing.limits.LIMITS", {**LIMITS, Plan.UNLIMITED: wide})
    wrong: dict[str, str] = {}
    for label in sorted(OPERATIONS):
        try:
            _ask_wildly(label, headers, cases=max(2, math.ceil(CASES / len(OPERATIONS))))
        except Exception as error:  # noqa: BLE001 - all operations are tried, whatever one of them does
            wrong[label] = "".join(traceback.format_exception_only(error))[:3_000]

    print(f"{SENT.total()} requests to {len(SENT)} operations")
    assert not wrong, "\n".join(f"{label}: {text}" for label, text in wrong.items())
    assert set(SENT) == set(OPERATIONS)
    assert SENT.total() >= min(CASES, 2 * len(OPERATIONS))
