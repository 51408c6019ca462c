"""Every request: its id, its log line, its headers, its errors."""

import asyncio
import json
import logging
import re
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.utils import timezone
from prometheus_client import REGISTRY

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from analyticbot.core.context import current_request_id, request_id_scope, set_request_id
from analyticbot.core.errors import Conflict, InvalidInput, LimitReached, NotAllowed, NotFound
from analyticbot.core.middleware import AppErrorMiddleware, RequestContextMiddleware
from tests.factories import bearer, make_token, make_user, make_workspace


def test_given_id_is_kept_if_well_formed(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-Id": "from-proxy-123"})["X-Request-Id"] == "from-proxy-123"


@pytest.mark.parametrize("given", ["", "short", "x" * 41, "a b c d e f g", "<script>alert", "ид-запроса-1"])
def test_other_ids_are_replaced(client: Client, given: str) -> None:
    answered = client.get("/health/live", headers={"X-Request-Id": given})["X-Request-Id"]

    assert re.fullmatch(r"[0-9a-f]{32}", answered)


def test_id_is_gone_after_the_request_even_after_an_error() -> None:
    def fail(_request: HttpRequest) -> HttpResponse:
        assert current_request_id() == "request-0001"
        raise ValueError

    set_request_id("")
    request = RequestFactory().get("/", headers={"X-Request-Id": "request-0001"})
    with pytest.raises(ValueError):
        RequestContextMiddleware(fail)(request)

    assert current_request_id() == ""


def test_scope_restores_the_id_around_it() -> None:
    with request_id_scope("outer"):
        with request_id_scope("inner"):
            assert current_request_id() == "inner"
        assert current_request_id() == "outer"
    assert current_request_id() == ""


def test_concurrent_requests_keep_their_ids_apart() -> Any:
    async def ask(number: Any) -> Any:
        response = await AsyncClient().get("/health/live", headers={"X-Request-Id": f"request-{number:04}"})
        return response["X-Request-Id"], current_request_id()

    async def ask_all() -> Any:
        return await asyncio.gather(*(ask(number) for number in range(20)))

    assert asyncio.run(ask_all()) == [(f"request-{number:04}", "") for number in range(20)]


@pytest.mark.django_db
def test_audit_row_carries_the_id(client: Client) -> None:
    workspace = make_workspace()
    with request_id_scope("request-0042"):
        entry = record_audit(AuditAction.WORKSPACE_CREATED, workspace, actor=SYSTEM, now=timezone.now())

    entry.refresh_from_db()
    assert entry.request_id == "request-0042"


def test_request_is_measured_by_route_not_by_address(client: Client, db: None) -> None:
    labels = {"method": "GET", "route": "api/v2/channels/<str:channel>", "status": "200"}
    workspace = make_workspace()
    before = REGISTRY.get_sample_value("analyticbot_request_seconds_count", labels | {"status": "404"}) or 0

    for name in ("@one", "@two"):
        client.get(f"/api/v2/channels/{name}", headers=bearer(make_token(workspace)))

    assert REGISTRY.get_sample_value("analyticbot_request_seconds_count", labels | {"status": "404"}) == before + 2


def test_invented_method_makes_no_new_metric(client: Client) -> None:
    client.generic("BREW", "/health/live")

    assert "BREW" not in str([metric.samples for metric in REGISTRY.collect()])


_LOG_ONE = """
import logging
from analyticbot.core.context import request_id_scope
from analyticbot.core.logs import logging_config
logging_config(level="INFO", fmt="{fmt}")
with request_id_scope("request-0007"):
    logging.getLogger("channels").info("synced %s posts", 12)
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("channels").exception("broke ў")
logging.getLogger("channels").debug("unseen")
"""


def _logged(fmt: Any) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _LOG_ONE.format(fmt=fmt)], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == ""
    return done.stderr


def test_log_lines_are_json_with_the_request_id() -> None:
    first, second = map(json.loads, _logged("json").splitlines())

    assert first["event"] == "synced 12 posts"
    assert (first["logger"], first["level"], first["request_id"]) == ("channels", "info", "request-0007")
    assert first["timestamp"].endswith("Z")
    assert second["event"] == "broke ў"
    assert "ZeroDivisionError" in second["exception"]


def test_log_for_people_is_readable() -> None:
    assert "synced 12 posts" in _logged("console")
    assert "request_id=request-0007" in _logged("console")


def test_request_leaves_one_line_without_its_query(client: Client, caplog: pytest.LogCaptureFixture, db: None) -> None:
    caplog.set_level(logging.INFO, "analyticbot.request")

    client.get("/api/v2/channels?token=secret")

    (line,) = [record.getMessage() for record in caplog.records if record.name == "analyticbot.request"]
    assert re.fullmatch(r"GET api/v2/channels 401 \d+\.\d ms", line)


@pytest.mark.parametrize("path", ["/", "/account/login/", "/api/docs/", "/api/v2/channels", "/nothing", "/health/live"])
def test_every_answer_has_the_headers(client: Client, db: None, path: str) -> None:
    response = client.get(path)

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] in {"same-origin", "unsafe-none"}
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Request-Id"]


def test_answers_of_the_api_are_not_shared_by_caches(client: Client, db: None) -> None:
    response = client.get("/api/v2/channels", headers=bearer(make_token(make_workspace())))

    assert response["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(response["Vary"].split(", "))


def test_session_cookie_is_out_of_reach_for_scripts(client: Client, db: None) -> None:
    make_workspace(owner=make_user("cookie@example.org", password="correct-horse"))
    client.post("/account/login/", {"login": "cookie@example.org", "password": "correct-horse"}, REMOTE_ADDR="10.9.9.9")
    cookie = client.cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/app/", 302), ("/api/v2/channels", 401)])
def test_cookie_that_spells_a_nul_is_no_cookie(client: Client, path: str, status: int) -> None:
    client.cookies["sessionid"] = "\x00" * 10
    assert client.get(path).status_code == status


@pytest.mark.parametrize("path", ["/app/channels/@a%00b/", "/app/?q=%00", "/%00"])
def test_nul_in_an_address_leads_nowhere(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("No."), 404), (NotAllowed("No."), 403), (InvalidInput("No."), 400), (Conflict("No."), 409),
     (LimitReached("No.", retry_after=7), 429)],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/app/", "/api/v2/channels"])
def test_error_that_a_page_raised_is_answered(error: Any, status: int, path: str, db: None) -> None:
    middleware = AppErrorMiddleware(lambda _request: HttpResponse())

    response = middleware.process_exception(RequestFactory().get(path), error)

    assert response is not None
    assert response.status_code == status
    assert (response.get("Retry-After") == "7") == (status == 429)
    assert (response["Content-Type"] == "application/json") == path.startswith("/api/")


def test_other_errors_are_left_to_django() -> None:
    middleware = AppErrorMiddleware(lambda _request: HttpResponse())

    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None
