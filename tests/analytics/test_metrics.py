"""The registry, and that every number of every answer is in it."""

from typing import Any

import pytest
from django.test import Client
from django.utils.functional import Promise

from analytics.metrics import METRICS, Unit
from analytics.queries.figures import COMPUTED
from analytics.queries.overview import HEADLINES
from channels_app.models import Relation, TrackedChannel
from tests.analytics.world import NOW, make_channel
from tests.api.example_world import ask, make_world, questions
from tests.factories import bearer, make_token, make_workspace


def test_each_metric_is_told_once_with_a_text_that_is_translated() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())
    assert all(isinstance(metric.label, Promise) and isinstance(metric.formula, Promise) for metric in METRICS.values())
    assert len({str(metric.label) for metric in METRICS.values()}) == len(METRICS)
    assert {metric.unit for metric in METRICS.values()} == set(Unit)


def test_what_is_computed_and_shown_is_registered() -> None:
    assert set(HEADLINES) <= set(COMPUTED) <= set(METRICS)


@pytest.mark.django_db
def test_the_registry_is_listed(client: Client) -> None:
    headers = bearer(make_token(make_workspace()))

    answer = client.get("/api/v2/metrics", headers=headers).json()["data"]

    assert [row["name"] for row in answer] == list(METRICS)
    assert next(row for row in answer if row["name"] == "err") == {
        "name": "err",
        "label": "ERR",
        "unit": "percent",
        "formula": "Average reach ÷ subscribers × 100.",
        "sources": ["mtproto", "import", "preview"],
        "aggregation": "ratio",
        "cadence": "live",
        "owners_only": False,
    }


@pytest.mark.django_db
def test_the_registry_speaks_the_readers_language(client: Client) -> None:
    headers = bearer(make_token(make_workspace()))

    def labels(language: str) -> Any:
        rows = client.get("/api/v2/metrics", headers={**headers, "Accept-Language": language}).json()["data"]
        return {row["name"]: row["label"] for row in rows}

    assert labels("en")["views"] == "Views"
    assert labels("ru")["views"] != "Views"


@pytest.mark.django_db
def test_every_number_of_every_answer_is_registered() -> None:
    world = make_world()

    for question in questions():
        _asked, answer = ask(world, question)
        assert set(answer.provenance) <= set(METRICS), question.name


@pytest.mark.django_db
def test_the_headline_is_made_of_registered_numbers() -> None:
    world = make_world()
    headline = next(question for question in questions() if question.name == "overview")

    _asked, answer = ask(world, headline)

    assert set(answer.data) - {"previous"} == set(answer.data["previous"]) == set(HEADLINES)


@pytest.mark.django_db
@pytest.mark.parametrize(("what", "statements"), [("overview", 3), ("growth", 2), ("reach", 3)])
def test_statements_of_the_headline_and_of_series(
    client: Client, settings: Any, django_assert_num_queries: Any, what: str, statements: int
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    workspace, channel = make_workspace(), make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.OWNED, created_at=NOW)
    headers = bearer(make_token(workspace))
    address = f"/api/v2/analytics/channels/@{channel.username}/{what}"
    client.get(address, headers=headers)  # notes that the token was used

    # The token and the channel are read by every request.
    with django_assert_num_queries(2 + statements):
        assert client.get(address, headers=headers).status_code == 200
