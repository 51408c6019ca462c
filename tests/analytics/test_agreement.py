"""One world, asked through every address: the same quantity is the same number everywhere.

The numbers are compared with each other and with plain Python over the made rows; all through the mounted addresses.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.metrics import METRICS, Aggregation
from analytics.queries.figures import COMPUTED
from analytics.queries.overview import HEADLINES
from channels_app.cells import recompute_dirty_cells
from channels_app.ingest import ingest_messages
from channels_app.models import Channel, ChannelHour, ChannelSync, CollectionGap, DailyFact, Relation, SubscriberSample
from channels_app.models import TrackedChannel as Tracked
from channels_app.partitions import forget_partitions
from mtproto.records import Counters, MessageRecord, Source
from tests.analytics.world import Seen, make_channel, make_posts, take_snapshots
from tests.factories import bearer, make_token, make_workspace

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# In Europe/London 30 March 2025 has 23 hours, 27 October 2024 has 25.
FIRST, END = date(2025, 3, 24), date(2025, 4, 3)
LONG_DAY = (date(2024, 10, 22), date(2024, 10, 30))
ZONES = ("UTC", "Asia/Tashkent", "Europe/London", "Asia/Kolkata", "America/St_Johns")
ADDITIVE = [name for name in COMPUTED if METRICS[name].aggregation is Aggregation.ADDITIVE]
# A chart's time axis stands in the zone; what is told of a whole day is told of no hour.
COUNTERS = ("views", "forwards", "replies", "reactions")


@dataclass(frozen=True)
class World:
    """What is stored of one channel; minutes count from the first day's midnight in UTC."""

    posts: Sequence[tuple[int, Seen, Sequence[tuple[int, int]]]] = ()
    samples: Sequence[tuple[int, str, int, bool]] = ()
    facts: Sequence[tuple[int, str, int | None, int | None, int | None, int | None]] = ()
    hours: Sequence[tuple[int, int]] = ()
    watched_from: int | None = 0
    complete: bool = True
    owned: bool = False
    zone: str = "UTC"
    days: tuple[date, date] = (FIRST, END)


WIDTH = 10 * 24 * 60
minutes = st.integers(-WIDTH - 600, WIDTH + 600)
counter = st.none() | st.integers(0, 3000)
small = st.none() | st.integers(0, 200)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
posts = st.lists(
    st.tuples(
        minutes,
        st.builds(
            Seen,
            at=st.just(EPOCH),
            views=counter,
            forwards=small,
            replies=small,
            reactions=small,
            is_forward=st.booleans(),
            deleted=st.sampled_from([False, False, False, True]),
        ),
        # Readings: age in minutes, views.
        st.lists(st.tuples(st.integers(1, 60 * 60), st.integers(0, 3000)), max_size=6, unique_by=lambda one: one[0]),
    ),
    max_size=8,
)
worlds = st.builds(
    World,
    posts=posts,
    samples=st.lists(
        st.tuples(minutes, st.sampled_from(["mtproto", "bot", "preview"]), st.integers(0, 5000), st.booleans()),
        max_size=6,
        unique_by=lambda one: one[:2],
    ),
    facts=st.lists(
        st.tuples(
            st.integers(-10, 10),
            st.sampled_from(["official", "bot", "mtproto", "import"]),
            small,
            small,
            small,
            counter,
        ),
        max_size=8,
        unique_by=lambda one: one[:2],
    ),
    hours=st.lists(st.tuples(st.integers(-240, 240), st.integers(-50, 500)), max_size=8, unique_by=lambda one: one[0]),
    watched_from=st.none() | st.integers(-WIDTH, WIDTH + 600),
    complete=st.booleans(),
    owned=st.booleans(),
    zone=st.sampled_from(ZONES),
)


class Asker:
    """A workspace that reads one made channel."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.channel = build(world)
        self.workspace: Workspace = make_workspace()
        Workspace.objects.filter(pk=self.workspace.pk).update(time_zone=world.zone)
        relation = Relation.OWNED if world.owned else Relation.WATCHED
        Tracked.objects.create(workspace=self.workspace, channel=self.channel, relation=relation, created_at=EPOCH)
        self._client = Client(headers=bearer(make_token(self.workspace)))
        first, end = world.days
        self.span = {"from": first.isoformat(), "to": end.isoformat()}

    def get(self, what: str, **query: Any) -> Any:
        response = self._client.get(self._address(what), self._texts(query))
        assert response.status_code == 200, (what, response.content)
        check_provenance(response.json())
        return response.json()

    def table(self, what: str, **query: Any) -> list[dict[str, str]]:
        response = self._client.get(self._address(what), self._texts(query) | {"format": "csv"})
        assert response.status_code == 200, (what, response.content)
        return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))

    def text(self, what: str, **query: Any) -> str:
        return str(self._client.get(self._address(what), self._texts(query)).content.decode())

    def posts(self, **query: Any) -> list[dict[str, Any]]:
        page = self.get("posts", limit=3, **query)
        rows = list(page["data"])
        while (cursor := page["meta"].get("next")) is not None:
            page = self.get("posts", limit=3, cursor=cursor, **query)
            rows += page["data"]
        return rows

    def _texts(self, query: dict[str, Any]) -> dict[str, str]:
        return {name.rstrip("_"): str(value) for name, value in (self.span | query).items()}

    def _address(self, what: str) -> str:
        below = "" if what in {"compare", "benchmarks"} else f"channels/{self.channel.tg_id}/"
        return f"/api/v2/analytics/{below}{what}"


def build(world: World) -> Channel:
    start = datetime.combine(world.days[0], time.min, UTC)
    channel = make_channel(complete=world.complete)
    began = None if world.watched_from is None else start + timedelta(minutes=world.watched_from)
    ChannelSync.objects.filter(channel=channel).update(started_at=began)
    seen = [Seen(**{**vars(post), "at": start + timedelta(minutes=at)}) for at, post, _ in world.posts]
    made = make_posts(channel, seen)
    for post, (_, _, readings) in zip(made, world.posts, strict=True):
        if readings:
            take_snapshots(post, *((timedelta(minutes=age), views) for age, views in readings))
    for at, source, count, approximate in world.samples:
        SubscriberSample.objects.create(
            channel=channel,
            observed_at=start + timedelta(minutes=at),
            source=source,
            count=count,
            approximate=approximate,
        )
    for day, source, subscribers, joined, left, views in world.facts:
        DailyFact.objects.create(
            channel=channel,
            day=world.days[0] + timedelta(days=day),
            source=source,
            observed_at=start + timedelta(days=day + 1, hours=3),
            subscribers=subscribers,
            joined=joined,
            left=left,
            views=views,
        )
    for hour, views in world.hours:
        # Before we watched there are no cells.
        if began is not None and start + timedelta(hours=hour) < began:
            continue
        ChannelHour.objects.create(channel=channel, hour=start + timedelta(hours=hour), views=views, posts=0)
    return channel


def check_provenance(found: Any) -> None:
    """Every coverage, wherever it stands, is a share."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name == "coverage":
                for share in value if isinstance(value, list) else [value]:
                    assert share is None or 0 <= share <= 1, found
            check_provenance(value)
    elif isinstance(found, list):
        for one in found:
            check_provenance(one)


def total(values: Iterator[int | None] | list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def wild(examples: int) -> Callable[[Any], Any]:
    rules = settings(
        max_examples=examples, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    )
    return lambda test: rules(given(world=worlds)(test))


# A step without an exact count: the exact one of the evening before holds.
ROUNDED = World(samples=[(14 * 60, "mtproto", 1234, False), (30 * 60, "preview", 1300, True)], days=(FIRST, END))
# Two counts within a day, the better source's earlier.
BETTER_BEFORE = World(samples=[(23 * 60, "mtproto", 1234, False), (25 * 60, "preview", 1300, False)])
# One bot's word of joins, no official one.
BOT_ONLY = World(facts=[(2, "bot", None, 7, 3, None)], owned=True)
# 1 ÷ 128 has seven decimals and ends with a five.
HALF = World(posts=[(600, Seen(at=EPOCH, views=128, forwards=1), [])])
VIRAL = World(posts=[(600, Seen(at=EPOCH, views=3000, forwards=1), [])])
# Of one post nobody told how it was taken up.
UNTOLD = World(
    posts=[
        (600, Seen(at=EPOCH, views=100, forwards=None), []),
        (700, Seen(at=EPOCH, views=100, forwards=10), []),
    ]
)
# It stood still from its tenth hour to its fiftieth.
STILL = World(posts=[(60, Seen(at=EPOCH, views=80), [(600, 80), (3000, 80)])])


@wild(40)
@example(world=World())
@example(world=ROUNDED)
@example(world=BETTER_BEFORE)
@example(world=BOT_ONLY)
@example(world=HALF)
@example(world=UNTOLD)
def test_series_headline_and_comparison_tell_the_same(world: World) -> None:
    ask = Asker(world)
    overview, names = ask.get("overview")["data"], ",".join(COMPUTED)
    days = ask.get("statistics", metrics=names, compare="previous")["data"]
    compared = ask.get("compare", channels=ask.channel.tg_id, metrics=names)["data"]

    for name in HEADLINES:
        assert days["totals"][name] == overview[name], name
        assert days["comparison"]["totals"][name] == overview["previous"][name], name
    assert compared["channels"][0]["totals"] == days["totals"]
    assert compared["channels"][0]["previous"] == days["comparison"]["totals"]
    assert [{k: v for k, v in p.items() if k != "channel"} for p in compared["points"]] == days["points"]
    for window in "DWM":
        points = ask.get("statistics", metrics=names, window=window)["data"]["points"]
        for name in ADDITIVE:
            if days["totals"][name] is not None:
                assert total([point[name] for point in points]) == days["totals"][name], (window, name)


@wild(30)
@example(world=World())
@example(world=ROUNDED)
@example(world=BETTER_BEFORE)
@example(world=BOT_ONLY)
def test_days_tell_the_same_in_every_series(world: World) -> None:
    ask = Asker(world)
    names = "posts,views,avg_reach,views_gained,followers,joined,left,net,forwarded_posts"
    days = ask.get("statistics", metrics=names)["data"]["points"]
    calendar = ask.get("calendar")["data"]["points"]
    growth = ask.get("growth")["data"]["points"]
    reach = ask.get("reach")["data"]["points"]

    assert [p["t"] for p in days] == [p["t"] for p in calendar] == [p["t"] for p in growth] == [p["t"] for p in reach]
    for day, dated, grown, reached in zip(days, calendar, growth, reach, strict=True):
        assert {name: day[name] for name in ("posts", "views", "views_gained", "joined", "left")} == {
            name: dated[name] for name in ("posts", "views", "views_gained", "joined", "left")
        }
        assert day["avg_reach"] == dated["reach"] == reached["y"]
        assert reached["posts"] == (day["posts"] or 0) - (day["forwarded_posts"] or 0)
        assert {n: day[n] for n in ("joined", "left", "net")} == {n: grown[n] for n in ("joined", "left", "net")}
        assert day["followers"] == grown["y"]
    told = [p["y"] for p in growth if p["y"] is not None]
    if growth[-1]["y"] is not None:
        assert told[-1] == ask.get("overview")["data"]["followers"]


@wild(20)
@example(world=ROUNDED)
@example(world=BOT_ONLY)
def test_weeks_begin_on_monday_everywhere(world: World) -> None:
    ask = Asker(world)
    weeks = ask.get("statistics", metrics="followers,joined,left,net", window="W")["data"]["points"]
    growth = ask.get("growth", window="W")["data"]["points"]

    assert [p["t"] for p in weeks] == [p["t"] for p in growth]
    zone = ZoneInfo(world.zone)
    assert {datetime.fromisoformat(p["t"]).astimezone(zone).isoweekday() for p in weeks} == {1}
    assert [(p["followers"], p["joined"], p["left"], p["net"]) for p in weeks] == [
        (p["y"], p["joined"], p["left"], p["net"]) for p in growth
    ]


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def four_places(value: Fraction | None, places: int = 4) -> float | None:
    """Rounded as people do: a five goes up."""
    if value is None:
        return None
    shift = 10**places
    return int(value * shift + Fraction(1, 2)) / shift


@wild(40)
@example(world=HALF)
@example(world=UNTOLD)
@example(world=VIRAL)
def test_lists_of_posts_make_up_the_headline(world: World) -> None:
    ask = Asker(world)
    headline, rows = ask.get("overview")["data"], ask.posts()
    known = headline["posts"] is not None

    assert len(rows) == (headline["posts"] or 0)
    if rows:
        assert sum(row["is_forward"] for row in rows) == headline["forwarded_posts"]
    for name in COUNTERS:
        assert headline[name] == (total([row[name] for row in rows]) if rows else 0 if known else None), name
    own = [row["views"] for row in rows if not row["is_forward"] and row["views"] is not None]
    assert headline["avg_reach"] == four_places(Fraction(sum(own), len(own)) if own else None)
    touched = [row for row in rows if row["views"] is not None and any(row[name] is not None for name in COUNTERS[1:])]
    views, took = sum(row["views"] for row in touched), sum(row[n] or 0 for row in touched for n in COUNTERS[1:])
    assert headline["er_views"] == four_places(Fraction(took * 100, views) if views else None)
    if len(rows) == 1:
        assert rows[0]["er_views"] == headline["er_views"]
        assert rows[0]["virality"] == headline["virality"]
    by_id = {row["msg_id"]: row for row in rows}
    for order in ("views", "er", "forwards", "reactions", "replies"):
        best = ask.get("top-posts", order=order, limit=50)["data"]
        assert {row["msg_id"]: row for row in best} == by_id
        assert [row["msg_id"] for row in best] == [row["msg_id"] for row in ask.posts(order=order)]
        name = "er_views" if order == "er" else order
        expected = sorted(rows, key=lambda row: (row[name] is None, -(row[name] or 0), row["msg_id"]))
        assert [row["msg_id"] for row in best] == [row["msg_id"] for row in expected]


@wild(30)
@example(world=STILL)
def test_reach_at_an_age_is_the_mean_of_the_posts_own_curves(world: World) -> None:
    ask = Asker(world)
    headline, at_age = ask.get("overview")["data"], ask.get("reach")["data"]["at_age"]

    details = [ask.get(f"posts/{row['msg_id']}")["data"] for row in ask.posts()]

    for hours in ("12h", "24h", "48h"):
        curves = [
            one["views"]
            for post in details
            if not post["is_forward"]
            for one in post["ages"]
            if one["age"] == hours and one["views"] is not None
        ]
        assert headline[f"reach_{hours}"] == at_age[hours]
        assert at_age[hours] == pytest.approx(mean(curves), abs=1e-3), hours


def plain(value: Any) -> str:
    return "" if value is None else ("1" if value is True else "0" if value is False else str(value))


@wild(12)
def test_tables_hold_what_json_holds(world: World) -> None:
    ask = Asker(world)
    names = "posts,views,avg_reach,er_views,virality,views_gained,followers,joined"
    asked: dict[str, dict[str, Any]] = {
        "overview": {},
        "statistics": {"metrics": names},
        "growth": {},
        "reach": {},
        "calendar": {},
        "posts": {"limit": 50},
        "top-posts": {"order": "er", "limit": 50},
        "compare": {"channels": ask.channel.tg_id, "metrics": names},
    }
    for what, query in asked.items():
        data, table = ask.get(what, **query)["data"], ask.table(what, **query)
        rows = data if isinstance(data, list) else data.get("points", [data])
        assert len(rows) == len(table), what
        for row, line in zip(rows, table, strict=True):
            shared = {n: v for n, v in row.items() if n in line and isinstance(v, (int, float, type(None)))}
            assert shared, what
            for name, value in shared.items():
                assert line[name] == plain(value), (what, name)


EVERYTHING = (
    *("overview", "growth", "reach", "calendar", "sources", "reconciliation"),
    *("official-graphs", "best-time", "content-effects", "ledger", "trending", "posts", "top-posts"),
)


@wild(12)
@example(
    world=World(facts=[(day, "official", 777_777, 888_888, 999_999, 666_666) for day in range(-9, 10)], owned=False)
)
def test_watchers_are_told_nothing_official(world: World) -> None:
    marked = [(day, "official", 777_777, 888_888, 999_999, 666_666) for day in range(-9, 10)]
    others = [fact for fact in world.facts if fact[1] != "official"]
    ask = Asker(World(**{**vars(world), "facts": marked + others, "owned": False}))
    names = ",".join(COMPUTED)
    told = [
        *(ask.text(what, **dict([pair.split("=") for pair in what.split("?")[1:]])) for what in EVERYTHING),
        ask.text("statistics", metrics=names, compare="previous"),
        ask.text("compare", channels=ask.channel.tg_id, metrics=names),
        ask.text("benchmarks", channel=ask.channel.tg_id),
        *(ask.text(what, format="csv") for what in ("growth", "calendar", "reconciliation", "overview")),
        *(ask.text(f"posts/{row['msg_id']}") for row in ask.posts()),
    ]

    for text in told:
        for mark in ("777777", "888888", "999999", "666666", '"source":"official"', ",official,"):
            assert mark not in text, text[:2000]


@pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns"])
@pytest.mark.parametrize(("days", "hours"), [((FIRST, END), 23), (LONG_DAY, 25)])
def test_days_of_23_and_25_hours_hold_their_own_hours(zone: str, days: tuple[date, date], hours: int) -> None:
    world = World(
        posts=[(minute, Seen(at=EPOCH, views=10), []) for minute in range(0, 8 * 24 * 60, 30)],
        hours=[(hour, 1) for hour in range(8 * 24)],
        watched_from=-600,
        zone=zone,
        days=days,
    )
    ask = Asker(world)

    points = ask.get("statistics", metrics="posts,views,views_gained")["data"]["points"]

    start, zoned = datetime.combine(days[0], time.min, UTC), ZoneInfo(zone)
    made = [(start + timedelta(minutes=minute)).astimezone(zoned).date() for minute, *_ in world.posts]
    cells = [(start + timedelta(hours=hour)).astimezone(zoned).date() for hour, _ in world.hours]
    for point in points:
        day = datetime.fromisoformat(point["t"]).astimezone(zoned).date()
        assert (point["posts"], point["views_gained"]) == (made.count(day), cells.count(day))
    length = {datetime.fromisoformat(p["to"]) - datetime.fromisoformat(p["t"]) for p in points}
    if zone == "Europe/London":
        assert timedelta(hours=hours) in length
    by_hour = ask.get("statistics", metrics="posts,views_gained", window="H")["data"]["points"]
    assert [a["to"] for a in by_hour[:-1]] == [b["t"] for b in by_hour[1:]]
    for name in ("posts", "views_gained"):
        assert sum(p[name] for p in by_hour) == sum(p[name] for p in points)


@pytest.mark.parametrize("owned", [True, False])
def test_a_period_that_has_not_begun_has_no_numbers_but_nothing_published(owned: bool) -> None:
    ask = Asker(World(posts=[(0, Seen(at=EPOCH, views=5), [])], hours=[(0, 5)], owned=owned))
    ask.span = {"from": "2098-01-01", "to": "2098-02-01"}

    found = ask.get("overview")
    assert found["data"]["views_gained"] is None
    for what in ("statistics", "growth", "reach", "calendar", "reconciliation"):
        data = ask.get(what)["data"]
        assert data["points"] == [], what
        if what == "statistics":
            assert data["totals"]["views_gained"] is None
    assert ask.get("posts")["data"] == ask.get("top-posts", order="growth")["data"] == []


@pytest.mark.parametrize("many", [0, 1])
def test_every_address_answers_for_a_channel_without_posts_or_with_one(many: int) -> None:
    world = World(posts=[(60, Seen(at=EPOCH, views=0, forwards=0), [])][:many], owned=True)
    ask = Asker(world)

    for what in EVERYTHING:
        ask.get(what)
    found = ask.get("statistics", metrics=",".join(COMPUTED))["data"]["totals"]

    assert (found["posts"], found["views"], found["er_views"], found["virality"]) == (many, 0, None, None)
    assert (found["avg_reach"], found["err"]) == (0.0 if many else None, None)


@pytest.mark.parametrize("query", [{"media": "giveaway"}, {"hashtag": "none"}, {"author": "Nobody"}, {"hour": 23}])
def test_a_segment_without_posts_is_nothing_everywhere(query: dict[str, Any]) -> None:
    ask = Asker(World(posts=[(600, Seen(at=EPOCH, views=100, forwards=2), [])], hours=[(10, 5)], zone="UTC"))

    headline = ask.get("overview", **query)["data"]
    assert (headline["posts"], headline["views"], headline["avg_reach"]) == (0, 0, None)
    assert (headline["views_gained"], headline["followers"]) == (None, None)
    assert {p["posts"] for p in ask.get("calendar", **query)["data"]["points"]} == {0}
    assert {p["y"] for p in ask.get("reach", **query)["data"]["points"]} == {None}
    assert ask.get("posts", **query)["data"] == ask.get("top-posts", **query)["data"] == []
    for what in ("trending", "best-time", "content-effects"):
        ask.get(what, **query)


def test_views_gained_are_not_watched_in_a_gap() -> None:
    world = World(hours=[(1, 5)], watched_from=-600)
    ask = Asker(world)
    start = datetime.combine(FIRST, time.min, UTC)
    CollectionGap.objects.create(
        channel=ask.channel, kind="counters", started_at=start + DAY, ended_at=start + 6 * DAY, reason="away"
    )

    provenance = ask.get("overview")["meta"]["provenance"]

    assert provenance["views_gained"]["coverage"] == pytest.approx(0.5)


def test_steps_follow_each_other_without_holes() -> None:
    for zone in ZONES:
        points = Asker(World(zone=zone)).get("statistics", metrics="posts")["data"]["points"]
        assert all(a["to"] == b["t"] for a, b in pairwise(points))


# Message id, hours after publication of the look, and the views it told.
looks = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 70), st.integers(0, 500)),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one[:2],
)


def seen_in_order(ask: Asker, told: Sequence[tuple[int, int, int]]) -> None:
    """Ingest looks as they are given: posts are a day apart."""
    start = datetime.combine(FIRST, time(8, 30), UTC)
    for number, hours, views in told:
        published = start + number * DAY
        counters = Counters(views=views, forwards=views // 10, replies=None, reactions={"👍": views // 7})
        record = MessageRecord(number, published, f"post {number}", counters=counters)
        at = published + hours * HOUR + timedelta(minutes=10)
        ingest_messages(ask.channel.pk, [record], source=Source.MTPROTO, observed_at=at)
    recompute_dirty_cells()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=looks, data=st.data())
def test_order_and_repetition_of_looks_change_no_number(told: list[tuple[int, int, int]], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(told), max_size=3))
    shuffled = data.draw(st.permutations(told + again))
    ordered, mixed = Asker(World(watched_from=-60)), Asker(World(watched_from=-60))
    forget_partitions()

    seen_in_order(ordered, sorted(told, key=lambda one: one[0] * 24 + one[1]))
    seen_in_order(mixed, shuffled)

    # A day's word is told to owners only, and here is none.
    names = ",".join(COMPUTED)
    for what, query in (
        *(("statistics", {"metrics": names, "window": window}) for window in "DW"),
        *((what, {}) for what in ("overview", "reach", "calendar", "growth")),
    ):
        assert ordered.get(what, **query)["data"] == mixed.get(what, **query)["data"], what
    rows = [ask.get("top-posts", order="growth", limit=50)["data"] for ask in (ordered, mixed)]
    numbers = [[(row["msg_id"], row["growth"], row["views"], row["er_views"]) for row in one] for one in rows]
    assert numbers[0] == numbers[1]
    gained = ordered.get("overview")["data"]["views_gained"]
    assert sum(growth or 0 for _, growth, *_ in numbers[0]) == gained
