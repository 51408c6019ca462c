"""What all of the API has in common: errors, methods, bodies, sign-in, limits."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.ratelimit import Limit
from billing.changing import change_plan
from billing.plans import LIMITS, Plan
from tests.factories import bearer, make_token, make_tracked, make_workspace, owner_of

URL = "/api/v2/channels"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def api(client: Client, workspace: Workspace) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace))["Authorization"]
    return client


def error_of(response: Any, status: int) -> Any:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    assert body["error"]["message"]
    return body["error"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", "/api/v2/nothing", "/api/v1/channels", "/api/v2/channels/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_address_is_an_error_of_the_one_shape(api: Client, path: str, method: str) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert error_of(strict.generic(method, path), 404)["code"] == "not_found"


def test_unknown_address_is_so_with_debugging_too(api: Client, settings: Any) -> None:
    settings.DEBUG = True

    assert error_of(api.get("/api/v2/nothing"), 404)["code"] == "not_found"


def test_wrong_method_is_refused(api: Client) -> None:
    response = api.put(URL)

    assert error_of(response, 405)["code"] == "method_not_allowed"
    assert set(response["Allow"].split(", ")) >= {"GET", "POST", "HEAD"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_body_of_another_kind_is_refused(api: Client, kind: str) -> None:
    assert error_of(api.post(URL, "ref=@x", content_type=kind), 415)["code"] == "unsupported_media_type"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"NaN", b"[" * 100_000, b'{"ref": "\\ud800"}', b""])
def test_body_that_is_not_json_is_refused(api: Client, body: Any) -> None:
    error = error_of(api.generic("POST", URL, body, "application/json"), 400)

    assert error["code"] in {"not_json", "required"}


def test_body_that_is_too_large_is_refused(api: Client) -> None:
    body = b'{"ref": "' + b"x" * 1_100_000 + b'"}'

    assert error_of(api.generic("POST", URL, body, "application/json"), 413)["code"] == "too_large"


def test_answer_is_json_whatever_is_accepted(api: Client) -> None:
    assert error_of(api.get(URL, headers={"Accept": "text/html"}), 406)["code"] == "not_acceptable"
    assert api.get(URL, headers={"Accept": "text/html,*/*;q=0.1"})["Content-Type"] == "application/json"


def test_crash_is_an_error_of_the_one_shape(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Client(raise_request_exception=False, headers=bearer(make_token(workspace)))
    monkeypatch.setattr("rest_framework.views.APIView.initial", lambda *_args, **_kwargs: 1 / 0)

    response = broken.get(URL)

    assert error_of(response, 500)["code"] == "error"
    assert "ZeroDivision" not in response.content.decode()


def test_message_is_in_the_language_of_who_asks(api: Client, settings: Any) -> None:
    response = api.get(URL, {"limit": "x"}, headers={"Accept-Language": "ru"})

    assert response["Content-Language"] == "ru"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Token abk_live_x", "Bearer abk_live_" + "é" * 36, "\x00"]
)
def test_bad_header_is_refused_with_a_challenge(
    db: None, client: Client, header: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = client.get(URL, headers={"Authorization": header})

    assert error_of(response, 401)["code"] == "token_invalid"
    assert response["WWW-Authenticate"] == 'Bearer realm="AnalyticBot API"'


def test_nobody_is_asked_to_sign_in(db: None, client: Client) -> None:
    response = client.get(URL)

    assert error_of(response, 401)["code"] == "not_signed_in"
    assert "WWW-Authenticate" in response


def test_token_in_the_address_is_not_read(workspace: Workspace, client: Client) -> None:
    assert client.get(URL, {"token": make_token(workspace), "access_token": make_token(workspace)}).status_code == 401


def test_browser_needs_a_csrf_token_to_change_anything(workspace: Workspace) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner_of(workspace))

    refused = browser.post(URL, {"ref": "@x_y_z"}, content_type="application/json")
    assert error_of(refused, 403)["code"] == "csrf_failed"
    assert browser.get(URL).status_code == 200

    browser.get("/account/login/")
    browser.get("/account/email/")
    token = browser.cookies["csrftoken"].value
    assert (
        browser.post(
            URL, {"ref": "@x_y_z"}, content_type="application/json", headers={"X-CSRFToken": token}
        ).status_code
        == 201
    )


def test_program_needs_none(workspace: Workspace) -> None:
    program = Client(enforce_csrf_checks=True, headers=bearer(make_token(workspace)))

    assert program.post(URL, {"ref": "@x_y_z"}, content_type="application/json").status_code == 201


def give_limits(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """Change what the plan allows that workspaces have here."""
    changed_limits = replace(LIMITS[Plan.UNLIMITED], **changed)
    monkeypatch.setattr("billing.limits.LIMITS", {**LIMITS, Plan.UNLIMITED: changed_limits})


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Limits small enough to reach."""
    settings.RATE_LIMIT_PREFIX += "-tight"
    give_limits(monkeypatch, api=(Limit("tight-api", 2, 3_600),))
    for room in ("accounts", "billing"):
        monkeypatch.setattr(f"{room}.throttling.ANONYMOUS", Limit("tight-anonymous", 2, 3_600))
    monkeypatch.setattr("accounts.throttling.TOKEN_FAILURES", Limit("tight-failures", 2, 3_600))


def test_too_many_requests_are_refused_for_all_tokens_of_the_workspace(
    api: Client, workspace: Workspace, tight: None, client: Client
) -> None:
    first = api.get(URL)
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("2", "1")
    assert "Retry-After" not in first
    api.get(URL)

    response = Client(headers=bearer(make_token(workspace))).get(URL)

    assert error_of(response, 429)["code"] == "limit_reached"
    assert 1_700 <= int(response["Retry-After"]) <= 1_800
    assert response["RateLimit-Remaining"] == "0"
    other = make_workspace()
    assert Client(headers=bearer(make_token(other))).get(URL).status_code == 200


def test_one_token_leaves_something_to_the_others(
    api: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RATE_LIMIT_PREFIX += "-token"
    give_limits(monkeypatch, api_token=(Limit("tight-token", 2, 3_600),))
    answers = [api.get(URL) for _number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 1_700 <= int(answers[-1]["Retry-After"]) <= 1_800
    assert Client(headers=bearer(make_token(workspace))).get(URL).status_code == 200


def test_a_plan_may_have_limits_of_its_own(api: Client, workspace: Workspace, settings: Any) -> None:
    settings.RATE_LIMIT_PREFIX += "-plan"
    assert api.get(URL)["RateLimit-Limit"] == "360"

    change_plan(workspace, plan=Plan.FREE, actor=SYSTEM, now=timezone.now())

    # An eighth of 360 a minute by token, and of 240 a minute for statistics.
    assert api.get(URL)["RateLimit-Limit"] == "45"
    asked = [api.get("/api/v2/analytics/channels/@x/overview") for _number in range(5)]
    assert asked[-1]["RateLimit-Limit"] == "30"


def test_local_run_has_wider_limits(api: Client, tight: None, settings: Any) -> None:
    settings.API_LIMIT_FACTOR = 10

    assert api.get(URL)["RateLimit-Limit"] == "20"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["nobody", "guessing"])
def test_strangers_are_limited_by_address(db: None, tight: None, headers: Any) -> None:
    here = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [here.get(URL, headers=headers).status_code for _ in range(3)]

    assert statuses == [401, 401, 429]
    assert Client(REMOTE_ADDR="192.0.2.2").get(URL, headers=headers).status_code == 401


def test_reading_goes_on_without_the_limiter(api: Client, workspace: Workspace, settings: Any) -> None:
    make_tracked(workspace)
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"

    response = api.get(URL)

    assert response.status_code == 200
    assert "RateLimit-Limit" not in response
