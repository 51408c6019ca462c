"""Real channels, imported from their files: every address against plain Python that reads the files itself."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Workspace
from channels_app.models import Channel, Post, PostSnapshot
from channels_app.partitions import ensure_months, forget_partitions, month_of
from tests.analytics.world import Seen, make_channel, make_posts
from tests.factories import bearer, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
CSV, DUMPS = DATA / "a_posts_csv" / "HSE-AI25-Team-78__aggregator-bot", DATA / "a_telethon"
FILES = {
    **{name: CSV / f"{name}.csv.gz" for name in ("rbc_news", "d_code", "aviadispet4er", "headlines_for_traders")},
    "mosrutop": CSV / "mosrutop.csv.gz",
    "fincult": DUMPS / "omazda__BankingInfo_Bot" / "channel_messages.json.gz",
    "kudapiter": DUMPS / "AlexTrigolos__spb" / "channel_messages.json.gz",
    "tinkoff_invest": DUMPS / "vancho-go__tgparser" / "channel_messages.json.gz",
}
# Ids and views of the five most viewed messages and the sum of all, as the files' description tells; no albums there.
TOLD = {
    "rbc_news": ("134066:201812 134758:179096 134367:167195 134366:165398 134324:160747", 113557070),
    "d_code": ("24137:139395 23620:129612 23621:95672 23619:90922 23618:83802", 38284826),
    "aviadispet4er": ("120658:19496 120215:18279 120216:3538 120217:3509 120305:3440", 2250037),
    "headlines_for_traders": ("65653:32868 65650:31014 65647:30068 65649:29971 65651:29851", 20846351),
    "mosrutop": ("49286:111146 49440:59200 48694:57153 48575:53846 49236:45115", 9801334),
    "tinkoff_invest": ("68:3702 44:3048 67:3035 46:2973 66:2961", 68106),
}
COUNTERS = ("views", "forwards", "replies", "reactions")


@dataclass
class Told:
    """A post as the file tells it; an album is one."""

    id: int
    at: datetime
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: int | None
    is_forward: bool = False
    origin: int | None = None


def read(path: Path) -> list[Told]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        if path.name.endswith(".csv.gz"):
            return [
                Told(
                    int(row["id"]),
                    datetime.fromisoformat(row["date"]),
                    whole(row["views"]),
                    whole(row["forwards"]),
                    whole(row["replies"]),
                    None,
                )
                for row in csv.DictReader(file)
            ]
        return albums(item for item in json.load(file) if item["_"] == "Message")


def whole(text: str) -> int | None:
    return int(float(text)) if text.strip() else None


def albums(items: Iterable[dict[str, Any]]) -> list[Told]:
    groups: dict[object, list[Told]] = defaultdict(list)
    for item in items:
        reactions = (item.get("reactions") or {}).get("results")
        header = item.get("fwd_from")
        groups[item.get("grouped_id") or -item["id"]].append(
            Told(
                item["id"],
                datetime.fromisoformat(item["date"]),
                item.get("views"),
                item.get("forwards"),
                (item.get("replies") or {}).get("replies"),
                None if reactions is None else sum(one["count"] for one in reactions),
                header is not None,
                ((header or {}).get("from_id") or {}).get("channel_id"),
            )
        )
    return [one_of(sorted(group, key=lambda one: one.id)) for group in groups.values()]


def one_of(group: list[Told]) -> Told:
    """The smallest id names an album; each counter is the largest of its items'."""
    first = group[0]
    for name in COUNTERS:
        known = [value for one in group if (value := getattr(one, name)) is not None]
        setattr(first, name, max(known, default=None))
    return first


def bring(path: Path, name: str, zone: str) -> tuple[Channel, Client]:
    workspace = make_workspace()
    Workspace.objects.filter(pk=workspace.pk).update(time_zone=zone)
    call_command("import_channel", str(path), channel=f"@{name}", workspace=str(workspace.public_id), verbosity=0)
    channel = Channel.objects.get(username=name)
    if not workspace.tracked_channels.exists():
        make_tracked(workspace, channel)
    return channel, Client(headers=bearer(make_token(workspace)))


def half_up(value: Fraction, places: int = 4) -> float:
    return int(value * 10**places + Fraction(1, 2)) / 10**places


def total(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def mean(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return half_up(Fraction(sum(known), len(known))) if known else None


def headline(posts: list[Told]) -> dict[str, Any]:
    own = [post.views for post in posts if not post.is_forward]
    rated = [p for p in posts if p.views is not None and {p.forwards, p.replies, p.reactions} != {None}]
    took = sum((p.forwards or 0) + (p.replies or 0) + (p.reactions or 0) for p in rated)
    seen = sum(p.views or 0 for p in rated)
    spread = [(p.forwards, p.views) for p in posts if p.views is not None and p.forwards is not None]
    shared, viewed = sum(f for f, _ in spread), sum(v for _, v in spread)
    return {
        "posts": len(posts),
        "forwarded_posts": sum(post.is_forward for post in posts),
        **{name: total(getattr(post, name) for post in posts) for name in COUNTERS},
        "avg_reach": mean(own),
        "er_views": half_up(Fraction(took * 100, seen)) if seen else None,
        "virality": half_up(Fraction(shared, viewed), 6) if viewed else None,
        # Nobody counted subscribers, and nobody watched.
        "followers": None,
        "err": None,
        "views_gained": None,
        "reach_24h": None,
    }


@needs_data
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tashkent"])
@pytest.mark.parametrize("name", FILES)
def test_every_address_tells_what_the_file_tells(name: str, zone: str) -> None:
    posts, zoned = read(FILES[name]), ZoneInfo(zone)
    channel, client = bring(FILES[name], name, zone)
    days = sorted({post.at.astimezone(zoned).date() for post in posts})
    span = {"from": days[0].isoformat(), "to": (days[-1] + timedelta(days=1)).isoformat()}

    def ask(what: str, **query: Any) -> Any:
        response = client.get(f"/api/v2/analytics/channels/{channel.tg_id or '@' + name}/{what}", span | query)
        assert response.status_code == 200, response.content
        return response.json()["data"]

    expected = headline(posts)
    found = ask("overview")
    assert {name: found[name] for name in expected} == expected
    metrics = "posts,views,avg_reach,er_views,virality,forwards,replies,reactions,forwarded_posts"
    assert ask("statistics", metrics=metrics)["totals"] == {one: expected[one] for one in metrics.split(",")}
    check_days(posts, zoned, ask("statistics", metrics=metrics)["points"], ask("calendar"), ask("reach"))
    for counter in ("views", "forwards", "replies", "reactions"):
        best = sorted(posts, key=lambda p: (getattr(p, counter) is None, -(getattr(p, counter) or 0), p.id))[:5]
        assert [row["msg_id"] for row in ask("top-posts", order=counter, limit="5")] == [post.id for post in best]
    if name in TOLD:
        top = " ".join(f"{row['msg_id']}:{row['views']}" for row in ask("top-posts", limit="5"))
        assert (top, found["views"]) == TOLD[name]
    for hour, count in Counter(post.at.astimezone(zoned).hour for post in posts).items():
        assert ask("overview", hour=str(hour), fields="posts") == {"posts": count}
    for weekday in range(1, 8):
        meant = [post for post in posts if post.at.astimezone(zoned).isoweekday() == weekday]
        narrowed = ask("overview", weekday=str(weekday))
        assert {one: narrowed[one] for one in ("posts", "avg_reach", "er_views")} == {
            one: headline(meant)[one] for one in ("posts", "avg_reach", "er_views")
        }


def check_days(posts: list[Told], zone: ZoneInfo, days: Any, calendar: Any, reach: Any) -> None:
    by_day: dict[date, list[Told]] = defaultdict(list)
    for post in posts:
        by_day[post.at.astimezone(zone).date()].append(post)
    assert len(days) == len(calendar["points"]) == len(reach["points"])
    for point, dated, reached in zip(days, calendar["points"], reach["points"], strict=True):
        made = by_day[datetime.fromisoformat(point["t"]).astimezone(zone).date()]
        told = headline(made)
        # A day before the first post of a file that may not be the whole history.
        assert point["posts"] == dated["posts"] == len(made)
        views = told["views"] if made else 0
        assert point["views"] == dated["views"] == views
        assert point["avg_reach"] == dated["reach"] == reached["y"] == told["avg_reach"]
        assert (point["er_views"], point["virality"]) == (told["er_views"], told["virality"])


@needs_data
@pytest.mark.parametrize("name", [name for name in FILES if name != "tinkoff_invest"])
def test_real_channels_have_trending_posts(name: str) -> None:
    channel, client = bring(FILES[name], name, "Asia/Tashkent")
    posts = {post.id: post for post in read(FILES[name])}

    for method in ("zscore", "ewma"):
        answer = client.get(
            f"/api/v2/analytics/channels/@{channel.username}/trending",
            {"window_hours": "168", "method": method, "limit": "50"},
        ).json()["data"]
        assert answer
        for row in answer:
            post = posts[row["msg_id"]]
            assert row["views"] == post.views and not post.is_forward
            assert row["views"] > row["expected"] and row["score"] >= 1.5


@pytest.mark.parametrize("method", ["zscore", "ewma"])
def test_nothing_trends_where_all_posts_are_alike(method: str) -> None:
    channel, workspace = make_channel(), make_workspace()
    make_tracked(workspace, channel)
    start = datetime(2025, 3, 1, tzinfo=UTC)
    make_posts(channel, [Seen(start + timedelta(hours=hour), views=1000 + hour % 3) for hour in range(120)])

    answer = Client(headers=bearer(make_token(workspace))).get(
        f"/api/v2/analytics/channels/{channel.tg_id}/trending", {"window_hours": "168", "method": method}
    )

    assert answer.json()["data"] == []
    assert answer.json()["meta"]["scored"] > 100


NAMED = re.compile(r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})(?:[/?#].*)?$")
PRIVATE = re.compile(r"https?://t\.me/c/(\d+)")
NOT_NAMES = {"joinchat", "addstickers", "share", "proxy", "socks", "addlist", "addemoji", "addtheme", "setlanguage"}


def named_in(item: dict[str, Any]) -> set[str]:
    """Usernames that a message of a dump mentions or links to, by its entities: offsets are of UTF-16."""
    units = item["message"].encode("utf-16-le")
    names = set()
    for entity in item.get("entities") or []:
        text = units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le", "replace")
        if entity["_"] == "MessageEntityMention":
            names.add(text.removeprefix("@").lower())
        elif entity["_"] in {"MessageEntityUrl", "MessageEntityTextUrl"}:
            found = NAMED.match(entity.get("url") or text)
            private = PRIVATE.match(entity.get("url") or text)
            if found and found[1].lower() not in NOT_NAMES:
                names.add(found[1].lower())
            if private:
                names.add(private[1])
    return names


@needs_data
@pytest.mark.parametrize("name", ["fincult", "kudapiter", "tinkoff_invest"])
def test_mentions_are_those_of_the_entities(name: str) -> None:
    with gzip.open(FILES[name], "rt", encoding="utf-8") as file:
        # What stands in a forwarded post is another's words.
        items = [item for item in json.load(file) if item["_"] == "Message" and not item["fwd_from"]]
    posts: dict[str, set[object]] = defaultdict(set)
    for item in items:
        for username in named_in(item) - {name}:
            posts[username].add(item.get("grouped_id") or -item["id"])
    channel, client = bring(FILES[name], name, "UTC")

    answer = client.get(
        f"/api/v2/analytics/channels/@{channel.username}/sources",
        {"from": "2019-01-01", "to": "2023-01-01", "kind": "mention", "direction": "out", "limit": "50"},
    ).json()

    assert len(posts) <= 50 or answer["meta"]["total"] == len(posts)
    counted = {row["dst"]: row["count"] for row in answer["data"]}
    assert counted.items() <= {username: len(found) for username, found in posts.items()}.items()
    assert (answer["meta"]["total"], answer["meta"]["total_posts"]) == (len(posts), sum(map(len, posts.values())))


SERIES = DATA / "b_timeseries" / "zhady5__dashMaket2"
Curve = list[tuple[datetime, int]]


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


def series_of(number: str) -> dict[int, tuple[datetime, Curve]]:
    """Publication and readings of a channel's posts, by message id."""
    found: dict[str, tuple[int, datetime, Curve]] = {}
    with gzip.open(SERIES / "2024-12_posts.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["channel_id"] == number:
                found[row["id"]] = (int(row["message_id"]), moscow(row["date"]), [])
    with gzip.open(SERIES / "2024-12_views.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["post_id"] in found:
                found[row["post_id"]][2].append((moscow(row["timestamp"]), int(row["views"])))
    return {number: (at, sorted(readings)) for number, at, readings in found.values() if readings}


def store(series: dict[int, tuple[datetime, Curve]]) -> tuple[Channel, Client]:
    channel, workspace = make_channel(), make_workspace()
    make_tracked(workspace, channel)
    rows = Post.objects.bulk_create(
        Post(
            channel=channel,
            message_id=number,
            published_at=at,
            text_hash=b"0" * 16,
            media_kind="none",
            views=readings[-1][1],
            counters_at=readings[-1][0],
            counters_source="import",
            first_seen_at=readings[0][0],
            first_source="import",
        )
        for number, (at, readings) in series.items()
    )
    forget_partitions()
    ensure_months({month_of(at) for _, readings in series.values() for at, _ in readings})
    PostSnapshot.objects.bulk_create(
        PostSnapshot(post=row, observed_at=at, source="import", views=views)
        for row in rows
        for at, views in dict(series[row.message_id][1]).items()
    )
    return channel, Client(headers=bearer(make_token(workspace)))


def told_at(published: datetime, readings: Curve, age: timedelta) -> Fraction | None:
    """Views at an age by the written rule: between two readings that are near, or that tell the same."""
    at = published + age
    before = [one for one in readings if one[0] <= at]
    after = [one for one in readings if one[0] >= at]
    if not before or not after:
        return None
    (t0, v0), (t1, v1) = before[-1], after[0]
    if t0 == t1 or v0 == v1:
        return Fraction(v0)
    if max(at - t0, t1 - at) * 4 > age:
        return None
    return v0 + Fraction(
        (v1 - v0) * int((at - t0) / timedelta(microseconds=1)), int((t1 - t0) / timedelta(microseconds=1))
    )


def half_way(published: datetime, readings: Curve) -> float | None:
    """Seconds until half of the views of seven days were there; None where that cannot be told."""
    week = told_at(published, readings, timedelta(days=7))
    if not week:
        return None
    before = (published, 0)
    for after in readings:
        if after[1] * 2 >= week and after[0] > before[0]:
            part = Fraction(week / 2 - before[1]) / (after[1] - before[1])
            age = (before[0] - published).total_seconds() + float(part) * (after[0] - before[0]).total_seconds()
            near = max(age - (before[0] - published).total_seconds(), (after[0] - published).total_seconds() - age)
            return age if near * 4 <= age or part == 1 else None
        before = after
    return None


MICROSECOND = timedelta(microseconds=1)
AGES = {"1h": 1, "3h": 3, "6h": 6, "12h": 12, "24h": 24, "48h": 48, "7d": 168}


@needs_data
def test_curves_and_half_lives_are_those_of_the_readings() -> None:
    series = series_of("86")
    channel, client = store(series)
    known: Counter[str] = Counter()
    means = defaultdict(list)

    for number, (at, readings) in series.items():
        curve = client.get(f"/api/v2/analytics/channels/{channel.tg_id}/posts/{number}/curve").json()["data"]
        ages = {one["age"]: one["views"] for one in curve["ages"]}
        for name, hours in AGES.items():
            expected = told_at(at, readings, timedelta(hours=hours))
            assert ages[name] == (None if expected is None else pytest.approx(float(expected), abs=1e-3)), (
                number,
                name,
            )
            known[name] += expected is not None
            if expected is not None:
                means[name].append(expected)
        half = half_way(at, readings)
        assert curve["half_life_seconds"] == (None if half is None else pytest.approx(half, abs=1)), number
        known["half"] += half is not None

    assert known["24h"] >= 3 and known["7d"] >= 3, known
    first, last = min(at for at, _ in series.values()), max(at for at, _ in series.values()) + timedelta(days=1)
    found = client.get(
        f"/api/v2/analytics/channels/{channel.tg_id}/reach",
        {"from": first.date().isoformat(), "to": (last.date() + timedelta(days=1)).isoformat()},
    ).json()["data"]["at_age"]
    for name in ("12h", "24h", "48h"):
        values = means[name]
        assert found[name] == (pytest.approx(float(sum(values) / len(values)), abs=1e-3) if values else None), name


@needs_data
@pytest.mark.parametrize("number", ["2", "9"])
def test_views_at_an_age_meet_a_reading_that_was_held_back(number: str) -> None:
    held: dict[int, int] = {}
    series: dict[int, tuple[datetime, Curve]] = {}
    for message_id, (_, readings) in series_of(number).items():
        inner = [
            place
            for place in range(1, len(readings) - 1)
            if readings[place + 1][0] - readings[place - 1][0] <= timedelta(hours=12)
            and max(readings[place + 1][0] - readings[place][0], readings[place][0] - readings[place - 1][0])
            <= timedelta(hours=6)
        ]
        if inner:
            place = max(inner, key=lambda one: readings[one + 1][1] - readings[one - 1][1])
            held[message_id] = readings[place][1]
            # The post is taken to be a day old at the reading that is held back.
            series[message_id] = (
                readings[place][0] - timedelta(days=1),
                readings[:place] + readings[place + 1 :],
            )
    channel, client = store(series)

    errors = []
    for message_id, views in held.items():
        ages = client.get(f"/api/v2/analytics/channels/{channel.tg_id}/posts/{message_id}/curve").json()["data"]["ages"]
        told = next(one["views"] for one in ages if one["age"] == "24h")
        assert told is not None
        errors.append(abs(told - views) / views)
    span = {"from": "2024-11-01", "to": "2025-01-01"}
    mean_of_all = client.get(f"/api/v2/analytics/channels/{channel.tg_id}/reach", span).json()["data"]["at_age"]["24h"]

    assert len(errors) > 50
    assert median(errors) < 0.005 and sorted(errors)[len(errors) * 9 // 10] < 0.05
    assert mean_of_all == pytest.approx(sum(held.values()) / len(held), rel=0.02)
