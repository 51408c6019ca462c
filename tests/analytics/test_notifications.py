"""The share of subscribers with notifications on: Telegram's own figure, for owners."""

from datetime import timedelta
from typing import Any

import pytest

from channels_app.collect.official import daily_values
from channels_app.ingest import ingest_official
from channels_app.models import Channel, Relation
from tests.analytics.reader import Reader
from tests.analytics.world import NOW, make_channel

pytestmark = pytest.mark.django_db
# What Telegram told on the days before today, by days ago: part, total.
TOLD = {1: (300.0, 1010.0), 2: (280.0, 1000.0), 4: (290.0, 980.0)}


@pytest.fixture
def channel() -> Channel:
    channel = make_channel()
    for days, (part, total) in TOLD.items():
        day = NOW - timedelta(days=days)
        summary = {
            "period": [(day - timedelta(days=7)).isoformat(), day.isoformat()],
            "values": {},
            "enabled_notifications": [part, total],
        }
        ingest_official(
            channel.pk,
            graphs={},
            daily=daily_values({}, summary),
            observed_at=day + timedelta(hours=20),
            summary=summary,
        )
    return channel


def ask(reader: Reader, channel: Channel, *, first: int, last: int, **asked: str) -> Any:
    """From so many days ago up to so many (exclusive)."""
    days = {"from_": (NOW - timedelta(days=first)).date(), "to": (NOW - timedelta(days=last)).date()}
    return reader.get(channel, "statistics", metrics="notifications", **days, **asked)


def oracle(*days_ago: int) -> float | None:
    """Of the latest of these days that was told."""
    told = [TOLD[day] for day in sorted(days_ago) if day in TOLD]
    return round(told[0][0] / told[0][1] * 100, 4) if told else None


def test_owner_sees_the_last_share_of_each_step(channel: Channel) -> None:
    answer = ask(Reader(channel, relation=Relation.OWNED), channel, first=6, last=0)

    points = [point["notifications"] for point in answer["data"]["points"]]
    assert points == [oracle(day) for day in (6, 5, 4, 3, 2, 1)]
    assert points[3] is None
    assert answer["data"]["totals"]["notifications"] == oracle(*range(1, 7)) == 29.703
    told = answer["meta"]["provenance"]["notifications"]
    assert (told["source"], told["coverage"]) == ("official", 0.5)
    weeks = ask(Reader(channel, relation=Relation.OWNED), channel, first=6, last=2, window="W")
    assert weeks["data"]["totals"]["notifications"] == oracle(3, 4, 5, 6)


def test_changes_are_in_points(channel: Channel) -> None:
    answer = ask(Reader(channel, relation=Relation.OWNED), channel, first=2, last=0, compare="previous")

    change = answer["data"]["comparison"]["change"]["notifications"]
    assert change["difference"] == pytest.approx(oracle(1, 2) - oracle(3, 4), abs=1e-4)  # type: ignore[operator]
    assert change["percent"] is None


def test_who_only_watches_sees_nothing_of_it(channel: Channel) -> None:
    answer = ask(Reader(channel), channel, first=6, last=0)

    assert [point["notifications"] for point in answer["data"]["points"]] == [None] * 6
    assert answer["data"]["totals"]["notifications"] is None
    assert answer["meta"]["provenance"]["notifications"]["source"] is None


def test_other_channels_and_strangers_see_nothing(channel: Channel) -> None:
    owner_of_another = Reader(make_channel(), relation=Relation.OWNED)

    assert owner_of_another.answer(channel, "statistics", metrics="notifications").status_code == 404
