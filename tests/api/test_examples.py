"""The document's examples are what the program answers, and every answer has the form that the document tells."""

import json
import os
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from analyticbot.core.api import OrjsonRenderer
from analytics.questions.answering import body_of
from analytics.questions.columns import Kind, columns_of
from analytics.questions.declaring import ChannelQuestion, Question
from analytics.questions.tables import table_of
from analytics.schemas.examples import EXAMPLES
from channels_app.models import Relation, TrackedChannel
from tests.analytics.world import make_channel
from tests.api.example_world import NOW, World, address, ask, make_world, operation, parameters, questions
from tests.factories import bearer, make_token

pytestmark = pytest.mark.django_db
_LONGEST_LIST = 3
EACH = pytest.mark.parametrize("question", questions(), ids=operation)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture(scope="module")
def document() -> Any:
    response = Client().get("/api/schema/")
    return json.loads(response.content)


def answer_schema(document: Any, question: Question[Any]) -> Any:
    """The form of its answer; nothing that the document does not name may stand in it."""
    closed = json.loads(json.dumps(document["components"]))
    for shape in closed["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    for methods in document["paths"].values():
        if methods.get("get", {}).get("operationId") == operation(question):
            return {**methods["get"]["responses"]["200"]["content"]["application/json"]["schema"], "components": closed}
    raise AssertionError(f"{question.name} is not in the document")


def as_json(body: Any) -> Any:
    return json.loads(OrjsonRenderer().render(body))


@EACH
def test_an_answer_has_the_form_that_the_document_tells(world: World, document: Any, question: Question[Any]) -> None:
    asked, answer = ask(world, question)

    Draft202012Validator(answer_schema(document, question), format_checker=FormatChecker()).validate(
        as_json(body_of(answer, asked))
    )


@EACH
def test_an_answer_of_an_empty_channel_has_the_form_too(
    world: World, document: Any, question: Question[Any], client: Client
) -> None:
    empty = make_channel()
    TrackedChannel.objects.create(workspace=world.workspace, channel=empty, relation=Relation.WATCHED, created_at=NOW)
    name = f"@{empty.username}" if isinstance(question, ChannelQuestion) else "-"

    answer = client.get(address(question, name), parameters(question), headers=bearer(make_token(world.workspace)))

    assert answer.status_code in {200, 404}, answer.content
    if answer.status_code == 200:
        Draft202012Validator(answer_schema(document, question)).validate(answer.json())


@EACH
def test_an_answer_is_a_table_too(world: World, question: Question[Any], client: Client) -> None:
    answer = client.get(
        address(question), parameters(question), headers={**bearer(make_token(world.workspace)), "Accept": "text/csv"}
    )

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/csv"), answer.content
    assert answer.content.partition(b"\r\n")[0]


def test_examples_are_what_is_answered(world: World, document: Any) -> None:
    answers = _others(world)
    for question in questions():
        asked, answer = ask(world, question)
        answers[operation(question)] = _short(as_json(body_of(answer, asked)))
    if os.environ.get("UPDATE_EXAMPLES"):
        EXAMPLES.write_text(json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    assert json.loads(EXAMPLES.read_text(encoding="utf-8")) == answers, "UPDATE_EXAMPLES=1 writes them anew"


def _others(world: World) -> dict[str, Any]:
    client = Client(headers=bearer(make_token(world.workspace)))
    listed = client.get("/api/v2/channels").json()
    return {"list_channels": listed, "read_channel": client.get("/api/v2/channels/@example_news").json()}


def _short(value: Any) -> Any:
    """The answer with its long lists cut."""
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items()}
    return [_short(one) for one in value[:_LONGEST_LIST]] if isinstance(value, list) else value


def test_tables_have_the_columns_that_matter(world: World) -> None:
    tables = {}
    for question in questions():
        asked, answer = ask(world, question)
        tables[question.name] = table_of(answer, asked, columns_of(question.schema))

    assert {"t", "y", "source", "observed_at", "gap"} <= set(tables["reach"].kinds)
    assert {"views", "views_source", "views_observed_at"} <= set(tables["overview"].kinds)
    assert not any(name.endswith("_source") for name in tables["top-posts"].kinds)
    assert len(tables["post"].rows) == 1
    for name, table in tables.items():
        assert table.kinds, name
        assert all(len(row) == len(table.kinds) for row in table.rows), name
        for row in table.rows:
            for cell, kind in zip(row, table.kinds.values(), strict=True):
                assert cell is None or isinstance(cell, datetime) == (kind is Kind.MOMENT), (name, kind, cell)
