"""Official graphs are kept raw once, days figure by figure, reposts with their first and last sight."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from channels_app.collect.official import daily_values, values_of
from channels_app.ingest import (
    DailyValues,
    OfficialResult,
    ingest_official,
    ingest_post_graphs,
    ingest_public_forwards,
    reparse_official,
)
from channels_app.models import Channel, DailyFact, OfficialGraph, OfficialSummary, PostOfficialGraph, PublicForwardSeen
from mtproto.records import Graph, PublicForward
from tests.channels_app.ingest.seen import NOW, make_channel, message, see

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = date(2026, 3, 9)


def load(channel: Channel, at: Any = NOW, graphs: Mapping[str, Graph] | None = None, **values: Any) -> OfficialResult:
    daily = {DAY: DailyValues(**values)} if values else {}
    return ingest_official(channel.pk, graphs=graphs or {}, daily=daily, observed_at=at)


def test_graph_is_kept_once_per_content() -> None:
    channel = make_channel()
    graphs = {
        "growth": Graph(json='{"columns": [["x", 1]]}'),
        "mute": Graph(error="Not enough data"),
        "languages": Graph(token="later"),
        "broken": Graph(json="{oops"),
    }

    assert load(channel, graphs=graphs).graphs_stored == 3
    assert load(channel, NOW + HOUR, graphs=graphs).graphs_stored == 0
    assert load(channel, NOW + 2 * HOUR, graphs={"growth": Graph(json="[]")}).graphs_stored == 1

    assert OfficialGraph.objects.get(graph="mute").error == "Not enough data"
    assert "not JSON" in (OfficialGraph.objects.get(graph="broken").error or "")
    assert [row.raw for row in OfficialGraph.objects.filter(graph="growth").order_by("pk")] == [
        {"columns": [["x", 1]]},
        [],
    ]


def test_newer_load_wins_figure_by_figure_and_unknown_erases_nothing() -> None:
    channel = make_channel()

    results = [
        load(channel, joined=5, left=2, detail={"views_by_source": {"search": 3}}),
        load(channel, NOW + HOUR, joined=6, subscribers=100, detail={"hours": {"0": 1}}),
        load(channel, NOW + HOUR, joined=6, subscribers=100),
        load(channel, NOW - HOUR, joined=1, views=9),
    ]

    assert [result.days_changed for result in results] == [1, 1, 0, 1]
    fact = DailyFact.objects.get()
    assert (fact.joined, fact.left, fact.subscribers, fact.views, fact.source) == (6, 2, 100, 9, "official")
    assert fact.detail == {"views_by_source": {"search": 3}, "hours": {"0": 1}}
    assert fact.observed_at == NOW + HOUR


def test_reparse_writes_days_anew_from_raw_graphs() -> None:
    channel = make_channel()
    load(channel, graphs={"growth": Graph(json="7")}, subscribers=1)
    load(channel, NOW + HOUR, graphs={"growth": Graph(json="8"), "mute": Graph(json="2")})

    def parse(raw: Mapping[str, Any]) -> dict[date, DailyValues]:
        return {DAY: DailyValues(subscribers=raw.get("growth"), muted=raw.get("mute"))}

    assert reparse_official(channel.pk, parse=parse) == 2
    fact = DailyFact.objects.get()
    assert (fact.subscribers, fact.muted) == (8, 2)


def test_graphs_and_reposts_of_a_post_found_by_any_of_its_ids() -> None:
    channel = make_channel()
    see(channel, *(message(number, grouped_id=3) for number in (4, 5)))
    graphs = {"views": Graph(json="[1]"), "reactions": Graph(error="none")}
    first = PublicForward(9, "shop", "Shop", 100, NOW, 50)

    assert ingest_post_graphs(channel.pk, 5, graphs=graphs, observed_at=NOW) == 2
    assert ingest_post_graphs(channel.pk, 4, graphs=graphs, observed_at=NOW + HOUR) == 0
    assert ingest_post_graphs(channel.pk, 99, graphs=graphs, observed_at=NOW) == 0
    assert ingest_public_forwards(channel.pk, 4, [first, first], observed_at=NOW) == 1
    later = PublicForward(9, None, "Shop \x002", 100, None, None)
    assert ingest_public_forwards(channel.pk, 4, [later], observed_at=NOW + HOUR) == 0
    assert ingest_public_forwards(channel.pk, 99, [later], observed_at=NOW) == 0

    assert PostOfficialGraph.objects.count() == 2
    seen = PublicForwardSeen.objects.get()
    assert (seen.channel_username, seen.channel_title, seen.views) == ("shop", "Shop 2", 50)
    assert (seen.first_seen_at, seen.last_seen_at) == (NOW, NOW + HOUR)


def summary(part: Any, total: Any, *, day: str = "2026-03-09") -> dict[str, Any]:
    """What a load tells beside its graphs."""
    return {
        "period": ["2026-03-03T00:00:00+00:00", f"{day}T23:59:59+00:00"],
        "values": {"followers": [50.0, 40.0]},
        "enabled_notifications": None if part is None else [part, total],
    }


def keep(channel: Channel, told: dict[str, Any], *, at: Any = NOW) -> OfficialResult:
    return ingest_official(channel.pk, graphs={}, daily=daily_values({}, told), observed_at=at, summary=told)


def test_share_with_notifications_is_of_its_day_and_survives_reparsing() -> None:
    channel = make_channel()
    keep(channel, summary(280.0, 1000.0))
    keep(channel, summary(300.0, 1010.0, day="2026-03-10"), at=NOW + 24 * HOUR)
    keep(channel, summary(None, None, day="2026-03-11"), at=NOW + 48 * HOUR)
    load(channel, joined=5)

    def days() -> list[Any]:
        facts = DailyFact.objects.filter(channel=channel, notified__isnull=False).order_by("day")
        return list(facts.values_list("day", "notified", "notified_of"))

    told = [(DAY, 280, 1000), (DAY + timedelta(days=1), 300, 1010)]
    assert days() == told
    assert OfficialSummary.objects.filter(channel=channel).count() == 3
    reparse_official(channel.pk, parse=values_of)
    assert days() == told


@pytest.mark.parametrize(
    "told",
    [(5.0, 4.0), (-1.0, 5.0), (0.0, 0.0), (float("inf"), float("inf")), (float("nan"), 5.0), ("a", 5), (1.0, None)],
)
def test_impossible_share_is_unknown(told: tuple[Any, Any]) -> None:
    assert values_of({"summary": summary(*told)}) == {}
    assert values_of({"summary": {"enabled_notifications": [1, 2]}}) == {}
    assert values_of({"summary": summary(1, 2, day="1970-01-01")}) == {}
