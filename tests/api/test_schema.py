"""The API's document: valid, complete, and its pages work under our content security policy."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from playwright.sync_api import sync_playwright
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from analyticbot.core.api import Deprecated, Deprecation
from tests.api.example_world import operation, questions
from tests.api.routes import all_routes, api_views
from tests.browser import browser_program
from tests.factories import bearer, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client: Client) -> Any:
    response = client.get("/api/schema/")
    assert response.status_code == 200
    return json.loads(response.content)


def test_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate_schema(document)


def test_document_is_there_as_yaml_too(client: Client, document: dict[str, Any]) -> None:
    response = client.get("/api/schema/?format=yaml")

    assert yaml.safe_load(response.content)["paths"] == document["paths"]


def test_document_names_every_route_and_no_other(document: dict[str, Any]) -> None:
    routes = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route in all_routes() if route.startswith("api/v2/")}

    assert set(document["paths"]) == routes


def test_document_names_the_methods_and_parameters_of_each_route(document: dict[str, Any]) -> None:
    for route, view, converters in api_views():
        described = document["paths"]["/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)]
        methods = {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}

        assert set(described) - {"parameters"} == methods, route
        for method in methods:
            parameters = described[method].get("parameters", [])
            in_path = {one["name"] for one in parameters if one["in"] == "path"}
            assert in_path == converters, (route, method)
            assert len({(one["name"], one["in"]) for one in parameters}) == len(parameters), (route, method)


def test_document_names_what_every_question_takes(document: dict[str, Any]) -> None:
    for question in questions():
        described = _operation(document, operation(question))
        named = {one["name"] for one in described["parameters"] if one["in"] == "query"}

        assert {"fields", "format"} | {one.name for one in question.parameters if one.location == "query"} <= named
        assert question.takes_period == ({"from", "to"} <= named)
        assert {"200", "304", "4XX"} <= set(described["responses"])
        assert {"application/json", "text/csv"} <= set(described["responses"]["200"]["content"])


def _operation(document: dict[str, Any], name: str) -> Any:
    found = [one for methods in document["paths"].values() for one in methods.values() if one["operationId"] == name]
    return found[0]


def test_operations_are_named_once_and_tell_errors_and_sign_in(document: dict[str, Any]) -> None:
    operations = [
        operation
        for methods in document["paths"].values()
        for operation in methods.values()
        if "responses" in operation
    ]

    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all("4XX" in operation["responses"] for operation in operations)
    assert all({"token": []} in operation["security"] for operation in operations)
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_answers_are_as_described(document: dict[str, Any], client: Client) -> None:
    workspace = make_workspace()
    make_tracked(workspace)
    headers = bearer(make_token(workspace))

    one = client.get(f"/api/v2/channels/@{workspace.tracked_channels.get().channel.username}", headers=headers)
    many = client.get("/api/v2/channels", headers=headers)
    wrong = client.get("/api/v2/channels/@nobody", headers=headers)

    for response, name in [(one, "Channel"), (many, "ChannelList"), (wrong, "Error")]:
        schema = {"$ref": f"#/components/schemas/{_find(document, name)}", "components": document["components"]}
        Draft202012Validator(schema).validate(response.json())
        assert set(response.json()) == set(document["components"]["schemas"][_find(document, name)]["properties"])


def _find(document: dict[str, Any], name: str) -> Any:
    return next(one for one in document["components"]["schemas"] if one in {name, f"{name}Shape"})


class _Inline(HTMLParser):
    """Finds what a strict policy blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        given = dict(attrs)
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag == "script" and "src" in given:
            self.scripts.append(str(given["src"]))
        elif tag in {"script", "style"}:
            self.found.append(tag)


def test_docs_page_needs_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/api/docs/")
    page = _Inline()
    page.feed(response.content.decode())

    assert response.status_code == 200
    assert page.found == []
    assert len(page.scripts) == 3
    assert all(src.startswith("/") for src in page.scripts)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    script = client.get(page.scripts[-1])
    assert script["Content-Type"] == "application/javascript"
    assert b"/api/schema/" in script.content


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_docs_page_works_in_a_browser(live_server: Any) -> None:
    program = browser_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        page.get_by_text("/api/v2/channels/{channel}").first.wait_for(timeout=20_000)
        page.get_by_text("/api/v2/channels", exact=True).first.click()
        page.get_by_text("Track a channel.").or_(page.get_by_text("One page of the tracked")).first.wait_for()
        browser.close()

    assert complaints == []


def test_a_view_that_will_go_says_so_in_every_answer() -> None:
    class Going(Deprecated, APIView):
        authentication_classes = ()
        permission_classes = ()
        throttle_classes = ()
        deprecation = Deprecation(
            since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 7, 1, tzinfo=UTC), link="https://example.org/a"
        )

        def get(self, request: Any) -> Response:
            return Response({})

    for method in ("get", "post"):
        answer = Going.as_view()(getattr(APIRequestFactory(), method)("/"))

        assert answer["Deprecation"] == "@1767225600"
        assert answer["Sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
        assert answer["Link"] == '<https://example.org/a>; rel="deprecation"'
