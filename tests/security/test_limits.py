"""Limits of pages, reports of browsers, methods nobody answers, and what other sites may read."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from accounts import page_limits
from analyticbot.core import policy_reports
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
REPORT = b'{"csp-report": {"effective-directive": "script-src", "blocked-uri": "https://evil.example/x?token=secret"}}'


def _client(address: str, **more: Any) -> Client:
    return Client(REMOTE_ADDR=address, **more)


def test_pages_are_limited_by_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_limits, "BY_PERSON", replace(page_limits.BY_PERSON, amount=3, name="few-pages"))
    anna, boris = make_user(), make_user()
    make_workspace(owner=anna)
    make_workspace(owner=boris)
    hers, also_hers, his = _client("192.0.2.1"), _client("192.0.2.2"), _client("192.0.2.1")
    for client, person in ((hers, anna), (also_hers, anna), (his, boris)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    codes = [client.get("/privacy/").status_code for client in (hers, also_hers, hers, hers)]

    assert codes == [200, 200, 200, 429]
    refused = also_hers.get("/privacy/")
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert "Content-Security-Policy" in refused.headers
    assert his.get("/privacy/").status_code == 200


def test_forms_of_strangers_are_limited_by_network(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = replace(page_limits.FORMS_BY_NETWORK, amount=2, name="few-forms")
    monkeypatch.setattr(page_limits, "FORMS_BY_NETWORK", limit)
    neighbours = _client("2001:db8:7:7::1"), _client("2001:db8:7:7::2"), _client("2001:db8:7:7::3")

    codes = [client.post("/preferences/theme/", {"theme": "dark"}).status_code for client in neighbours]

    assert codes[2] == 429 and 429 not in codes[:2]
    assert neighbours[0].get("/").status_code == 200
    assert _client("2001:db8:7:8::1").post("/preferences/theme/", {"theme": "dark"}).status_code != 429


def test_pages_go_on_without_the_limiter(settings: Any) -> None:
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"

    assert _client("192.0.2.9").post("/preferences/theme/", {"theme": "dark"}).status_code != 429


def test_reports_of_browsers_are_counted_and_limited(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    limit = replace(policy_reports.BY_NETWORK, amount=5, name="few-reports")
    monkeypatch.setattr(policy_reports, "BY_NETWORK", limit)
    client, kind = _client("192.0.2.33", enforce_csrf_checks=True), "application/csp-report"
    count = lambda name: REGISTRY.get_sample_value("analyticbot_policy_reports_total", {"directive": name}) or 0  # noqa: E731
    before, others = count("script-src"), count("other")

    assert client.post("/csp-report/", REPORT, kind).status_code == 204
    for body in (b"[" * 5_000, b'{"csp-report": {"violated-directive": "made-up"}}', b"\xff"):
        assert client.post("/csp-report/", body, kind).status_code == 204
    assert client.post("/csp-report/", b"x" * 20_000, kind).status_code == 413

    assert client.post("/csp-report/", REPORT, kind).status_code == 429
    assert (count("script-src"), count("other")) == (before + 1, others + 3)
    assert "evil.example" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "MADEUP"])
def test_methods_that_nobody_answers_are_refused(method: str) -> None:
    answer = Client().generic(method, "/account/login/")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/", "/api/v2/channels", "/api/schema/", "/account/login/"])
def test_other_sites_may_read_nothing(path: str) -> None:
    answer = Client().get(path, headers={"Origin": "https://evil.example"})

    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_only_the_page_of_telegrams_button_knows_the_windows_it_opens(settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_BOT_USERNAME = "7:x", "sample_bot"
    name = "Cross-Origin-Opener-Policy"

    assert Client().get("/account/telegram/")[name] == "same-origin-allow-popups"
    assert Client().get("/account/login/")[name] == "same-origin"


def test_a_form_of_too_many_fields_is_refused_before_any_page_sees_it() -> None:
    body = "&".join(f"f{number}=1" for number in range(1_100))

    client = Client(enforce_csrf_checks=True)
    client.get("/account/login/")

    answer = client.post("/demo/leave/", body, "application/x-www-form-urlencoded")

    assert answer.status_code == 400
