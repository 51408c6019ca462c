"""Trending posts of real channels: imported files, and view counters that were read again and again."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from math import exp, log
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from analytics.queries.expectation import Readings
from channels_app.models import Channel, Post, PostSnapshot
from channels_app.partitions import ensure_months, forget_partitions
from tests.analytics.trends_oracle import robust, scores_of, weighted
from tests.analytics.trends_world import Reader
from tests.factories import bearer, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db
METHODS = ["zscore", "ewma"]
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


def _import(path: Path, name: str) -> tuple[Channel, dict[str, str]]:
    workspace = make_workspace()
    call_command("import_channel", str(path), channel=f"@{name}", workspace=str(workspace.public_id), verbosity=0)
    channel = Channel.objects.get(username=name)
    if not workspace.tracked_channels.exists():
        make_tracked(workspace, channel)
    return channel, bearer(make_token(workspace))


@needs_data
@pytest.mark.parametrize("method", METHODS)
def test_real_posts_trend_by_both_methods(method: str, client: Any) -> None:
    path = DATA / "a_posts_csv" / "HSE-AI25-Team-78__aggregator-bot" / "mosrutop.csv.gz"
    _, headers = _import(path, "mosrutop")

    answer = client.get(
        f"/api/v2/analytics/channels/@mosrutop/trending?window_hours=168&method={method}&limit=50", headers=headers
    ).json()

    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = sorted((row["date"], int(row["id"]), float(row["views"])) for row in csv.DictReader(file))
    scores = {}
    latest = datetime.fromisoformat(rows[-1][0])
    for place, (date, number, views) in enumerate(rows):
        if place < 10 or datetime.fromisoformat(date) <= latest - timedelta(hours=168):
            continue
        logs = [log(1 + before) for _, _, before in rows[max(0, place - 100) : place]]
        centre, spread = robust(logs) if method == "zscore" else weighted(logs)
        scores[number] = (log(1 + views) - centre) / max(spread, 0.1, exp(-centre / 2))
    ahead = sorted(((-score, number) for number, score in scores.items() if score >= 1.5))[:50]
    assert len(answer["data"]) >= 5
    assert [row["msg_id"] for row in answer["data"]] == [number for _, number in ahead]
    assert [row["score"] for row in answer["data"]] == pytest.approx([-score for score, _ in ahead], abs=1e-3)
    assert (answer["meta"]["ends_with"], answer["meta"]["scored"]) == ("latest_post", len(scores))


@needs_data
@pytest.mark.parametrize(
    ("folder", "name"), [("AlexTrigolos__spb", "kudapiter"), ("vancho-go__tgparser", "tinkoff_invest")]
)
def test_dumps_have_trending_posts_by_both_methods(folder: str, name: str, client: Any) -> None:
    channel, headers = _import(DATA / "a_telethon" / folder / "channel_messages.json.gz", name)

    for method in METHODS:
        address = f"/api/v2/analytics/channels/{channel.tg_id}/trending?window_hours=168&method={method}"
        rows = client.get(address, headers=headers).json()["data"]

        assert rows
        assert all(row["views"] > row["expected"] and row["score"] >= 1.5 and row["n"] >= 10 for row in rows)
        assert all(row["permalink"] == f"https://t.me/{name}/{row['msg_id']}" for row in rows)


SERIES = DATA / "b_timeseries" / "zhady5__dashMaket2"
Series = dict[str, tuple[datetime, int, list[tuple[datetime, int]]]]


def _series(channel: str) -> Series:
    """Publication, message id and readings of a channel's posts, by the file's number of the post."""
    found: Series = {}
    with gzip.open(SERIES / "2024-12_posts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["channel_id"] == channel:
                found[row["id"]] = (_moscow(row["date"]), int(row["message_id"]), [])
    with gzip.open(SERIES / "2024-12_views.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["post_id"] in found:
                found[row["post_id"]][2].append((_moscow(row["timestamp"]), int(row["views"])))
    return found


def _moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


@needs_data
def test_interpolation_meets_held_out_samples_of_real_posts() -> None:
    errors = []
    for channel in ("2", "9", "86"):
        for at, _, readings in _series(channel).values():
            ages = [(read - at).total_seconds() for read, _ in sorted(readings)]
            views = [count for _, count in sorted(readings)]
            for held in range(1, len(ages) - 1):
                known = Readings(ages[:held] + ages[held + 1 :], views[:held] + views[held + 1 :])
                told = known.at(ages[held]) if ages[held] > 0 else None
                if told is not None:
                    errors.append(abs(told - views[held]) / max(views[held], 1))

    errors.sort()
    assert len(errors) > 3000
    assert errors[len(errors) // 2] < 0.002
    assert errors[len(errors) * 95 // 100] < 0.02


@needs_data
@pytest.mark.parametrize("method", METHODS)
def test_real_posts_are_compared_at_their_age(method: str) -> None:
    reader = Reader()
    series = {number: (at, sorted(readings)) for at, number, readings in _series("86").values() if readings}
    rows = Post.objects.bulk_create(
        Post(
            channel=reader.channel, message_id=number, published_at=at, text_hash=b"0" * 16, media_kind="none",
            views=readings[-1][1], counters_at=readings[-1][0], counters_source="import",
            first_seen_at=readings[0][0], first_source="import",
        )
        for number, (at, readings) in series.items()
    )  # fmt: skip
    forget_partitions()
    ensure_months([(2024, 12)])
    PostSnapshot.objects.bulk_create(
        PostSnapshot(post=row, observed_at=at, source="import", views=views)
        for row in rows
        for at, views in dict(series[row.message_id][1]).items()
    )

    answer = reader.ask(f"trending?window_hours=168&method={method}&limit=50")

    end = max(at for at, _ in series.values())
    curves = [
        (at, number, [((read - at).total_seconds(), views) for read, views in readings])
        for number, (at, readings) in series.items()
    ]
    scores = scores_of(curves, method, since=end - timedelta(hours=168))
    assert answer["meta"]["scored"] == len(scores) > 10
    assert {row["msg_id"]: row["score"] for row in answer["data"]} == pytest.approx(
        {number: score for number, (_, score) in scores.items() if score >= 1.5}, abs=1e-3
    )
