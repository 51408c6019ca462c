"""Lists of posts on a real channel's dump, against the dump itself."""

import csv
import gzip
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.period import Period
from analytics.queries import PostOrder, StatsQuery, top_posts
from analytics.queries.posts import ListOrder, PostFilter, list_posts
from channels_app.models import Channel, Post
from tests.analytics.world import make_channel

DATA = Path(__file__).resolve().parents[3] / "shared/data/a_posts_csv/HSE-AI25-Team-78__aggregator-bot/mosrutop.csv.gz"
MOST = 1200

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not DATA.exists(), reason="no real posts here")]


def whole(text: str) -> int | None:
    return int(float(text)) if text.strip() else None


@pytest.fixture(scope="module")
def dump() -> list[dict[str, Any]]:
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:MOST]
    return [
        {
            "id": int(row["id"]),
            "at": datetime.fromisoformat(row["date"]),
            "text": row["text"],
            **{name: whole(row[name]) for name in ("views", "forwards", "replies")},
        }
        for row in rows
    ]


@pytest.fixture
def query(dump: list[dict[str, Any]]) -> StatsQuery:
    channel: Channel = make_channel()
    Post.objects.bulk_create(
        Post(
            channel=channel,
            message_id=row["id"],
            published_at=row["at"],
            text=row["text"],
            text_hash=b"0" * 16,
            media_kind="none",
            views=row["views"],
            forwards=row["forwards"],
            replies=row["replies"],
            counters_at=row["at"],
            counters_source="import",
            first_seen_at=row["at"],
            first_source="import",
        )
        for row in dump
    )
    ats = sorted(row["at"] for row in dump)
    return StatsQuery(channel.pk, Period(ats[len(ats) // 4], ats[len(ats) * 3 // 4], ZoneInfo("UTC")))


def inside(dump: list[dict[str, Any]], query: StatsQuery) -> list[dict[str, Any]]:
    return [row for row in dump if query.period.start <= row["at"] < query.period.end]


def engagement(row: dict[str, Any]) -> Decimal | None:
    told = [row[name] for name in ("forwards", "replies") if row[name] is not None]
    if not told or not row["views"]:
        return None
    return (Decimal(sum(told)) * 100 / row["views"]).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def best(rows: list[dict[str, Any]], value: Any) -> list[int]:
    return [row["id"] for row in sorted(rows, key=lambda row: (value(row) is None, -(value(row) or 0), row["id"]))]


@pytest.mark.parametrize("order", [PostOrder.VIEWS, PostOrder.FORWARDS, PostOrder.REPLIES])
def test_the_best_by_a_counter(dump: list[dict[str, Any]], query: StatsQuery, order: PostOrder) -> None:
    found = top_posts(query, order=order, limit=50)

    assert [row.message_id for row in found] == best(inside(dump, query), lambda row: row[order])[:50]


def test_the_best_by_engagement(dump: list[dict[str, Any]], query: StatsQuery) -> None:
    rows = {row["id"]: row for row in dump}

    found = top_posts(query, order=PostOrder.ER, limit=50)

    assert [row.message_id for row in found] == best(inside(dump, query), engagement)[:50]
    assert [row.er_views for row in found] == [float(engagement(rows[row.message_id]) or 0) for row in found]


@pytest.mark.parametrize("order", [ListOrder.PUBLISHED, ListOrder.VIEWS])
def test_pages_hold_every_post_once(dump: list[dict[str, Any]], query: StatsQuery, order: ListOrder) -> None:
    found, key = [], None
    while True:
        page = list_posts(query, PostFilter(order, everything=True), limit=100, after=key)
        found += [row.message_id for row in page.rows]
        key = page.next
        if key is None:
            break

    newest = sorted(dump, key=lambda row: (row["at"], row["id"]), reverse=True)
    assert found == (
        [row["id"] for row in newest] if order is ListOrder.PUBLISHED else best(dump, lambda row: row["views"])
    )


@pytest.mark.parametrize("words", ["москва", "ВЫХОДНЫЕ", "парк лет", "**", "нетакогослова"])
def test_search_finds_what_plain_python_finds(dump: list[dict[str, Any]], query: StatsQuery, words: str) -> None:
    expected = {row["id"] for row in dump if all(word.lower() in row["text"].lower() for word in words.split())}

    found, key = set(), None
    while True:
        page = list_posts(query, PostFilter(everything=True, search=words), limit=100, after=key)
        found |= {row.message_id for row in page.rows}
        key = page.next
        if key is None:
            break

    assert found == expected
