"""The list of channels: its numbers, its order, its search."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analytics.period import last_days, zone_named
from analytics.queries import StatsQuery, overview, reach
from analytics.queries.channel_list import CURVE_DAYS, LIST_DAYS, METRICS, WEEK_CHANGE, WEEK_DAYS, list_channels
from channels_app.models import Channel, Post, SubscriberSample, TrackedChannel
from tests.face.world import full_channel, new_channel, track
from tests.factories import make_tracked, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ZONE = zone_named("Asia/Tashkent")


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def names(response: "Response") -> list[str]:
    return [plain(name) for name in re.findall(r'class="channel__name"[^>]*>(.*?)</', text_of(response))]


@pytest.fixture
def three(workspace: Workspace, now: datetime) -> list[Channel]:
    """Channels of different size: the last added is the smallest and has grown most."""
    made = []
    for number, (name, title) in enumerate((("alpha", "Яблоко"), ("beta", "anor"), ("gamma", "Тоgʻ"))):
        channel = full_channel(now=now, username=name, days=40, title=title)
        SubscriberSample.objects.filter(channel=channel).delete()
        count = 30_000 - number * 10_000
        for days, before in ((33, number * 500), (0, 0)):
            SubscriberSample.objects.create(
                channel=channel, observed_at=now - timedelta(days=days, hours=1), source="mtproto", count=count - before
            )
        Post.objects.filter(channel=channel).update(views=1000 * (number + 1))
        track(workspace, channel, now=now)
        made.append(channel)
    track(workspace, new_channel("delta_new", now=now), now=now)
    return made


def test_numbers_are_those_of_the_channel_page(workspace: Workspace, three: list[Channel]) -> None:
    now = timezone.now()
    listed = {one.status.channel_id: one for one in list_channels(workspace, now=now, zone=ZONE).rows}
    for channel in three:
        period = last_days(LIST_DAYS, now=now, zone=ZONE)
        page = overview(StatsQuery(channel.pk, period, now=now)).current
        numbers = dict(listed[channel.pk].numbers)
        week = numbers.pop(WEEK_CHANGE)
        assert numbers == {name: page[name] for name in METRICS}
        seven = overview(StatsQuery(channel.pk, last_days(WEEK_DAYS, now=now, zone=ZONE), now=now)).current
        assert week == seven["followers_change"]
        curve = reach(StatsQuery(channel.pk, last_days(CURVE_DAYS, now=now, zone=ZONE), now=now))
        assert listed[channel.pk].daily_reach == tuple(point.y for point in curve.points)
        assert any(listed[channel.pk].daily_reach)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("added", ["@delta_new", "Тоgʻ", "anor", "Яблоко"]),
        ("name", ["@delta_new", "anor", "Тоgʻ", "Яблоко"]),
        ("subscribers", ["Яблоко", "anor", "Тоgʻ", "@delta_new"]),
        ("change", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),
        ("reach", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),
        ("err", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),
        ("week", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),
        ("posted", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),
        ("state", ["@delta_new", "Тоgʻ", "anor", "Яблоко"]),
        ("nonsense", ["@delta_new", "Тоgʻ", "anor", "Яблоко"]),
    ],
)
def test_order_is_that_of_the_address(page: Client, three: list[Channel], sort: str, order: list[str]) -> None:
    response = page.get(f"/app/?sort={sort}")
    assert names(response) == order
    if sort != "nonsense":
        assert f'<option value="{sort}" selected>' in text_of(response)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("яблоко", ["Яблоко"]),
        ("ЯБЛ", ["Яблоко"]),
        ("тоg'", ["Тоgʻ"]),
        ("@beta", ["anor"]),
        ("ALPH", ["Яблоко"]),
        ("delta", ["@delta_new"]),
        (".*", []),
        ("nothing", []),
    ],
)
def test_search_finds_titles_and_names(page: Client, three: list[Channel], search: str, found: list[str]) -> None:
    response = page.get("/app/", {"q": search})
    assert names(response) == found
    assert "Find" in text_of(response)


def test_search_that_is_too_long_says_so(page: Client, three: list[Channel]) -> None:
    response = page.get("/app/", {"q": "a " * 60})
    assert response.status_code == 200
    assert 'role="alert"' in text_of(response)


def test_search_and_its_words_are_escaped(page: Client, three: list[Channel]) -> None:
    text = text_of(page.get("/app/", {"q": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in text


def test_search_finds_nothing_of_others(page: Client, three: list[Channel]) -> None:
    other = make_tracked(make_workspace(name="Other"))
    assert names(page.get("/app/", {"q": other.channel.title})) == []


def test_htmx_gets_the_list_alone(page: Client, three: list[Channel]) -> None:
    text = text_of(page.get("/app/?q=anor", headers={"HX-Request": "true", "HX-Target": "channel-list"}))
    assert text.strip().startswith('<div id="channel-list"')
    assert "id_q" not in text


def test_card_shows_the_curve_and_the_change(page: Client, three: list[Channel]) -> None:
    text = text_of(page.get("/app/"))
    assert text.count('class="spark"') == 3
    assert 'aria-label="Average reach by day, the last 30 days"' in text
    assert "+1,000" in plain(text)


def test_channels_are_chosen_for_the_comparison(page: Client, three: list[Channel]) -> None:
    text = text_of(page.get("/app/"))
    for channel in three:
        assert f'name="channels" value="@{channel.username}"' in text
    assert '<form class="list-tools__compare" id="compare" method="get" action="/app/compare/">' in text


def test_single_channel_needs_no_tools(page: Client, full: Channel) -> None:
    assert "id_sort" not in text_of(page.get("/app/"))


NARROWED: list[tuple[str, list[str]]] = [
    ("sort=subscribers&dir=asc", ["Тоgʻ", "anor", "Яблоко", "@delta_new"]),  # the unknown stays last
    ("sort=name&dir=desc", ["Яблоко", "Тоgʻ", "anor", "@delta_new"]),
    ("state=pending", ["@delta_new"]),
    ("state=complete", ["Тоgʻ", "anor", "Яблоко"]),
    ("state=nonsense", ["@delta_new", "Тоgʻ", "anor", "Яблоко"]),
    ("relation=owned", ["anor"]),
    ("relation=watched&state=complete&q=яб", ["Яблоко"]),
    ("relation=owned&state=failed", []),
]


def test_list_is_narrowed_and_turned_by_the_address(page: Client, three: list[Channel]) -> None:
    TrackedChannel.objects.filter(channel=three[1]).update(relation="owned")
    for query, found in NARROWED:
        assert names(page.get(f"/app/?{query}")) == found, query
        assert plain_names(page.get(f"/app/?{query}&view=table")) == found, query


def plain_names(response: "Response") -> list[str]:
    """Titles of the table's rows."""
    return [plain(name) for name in re.findall(r'class="list-table__name"[^>]*>(.*?)</', text_of(response))]


def test_table_says_how_it_is_ordered_and_turns_at_a_press(page: Client, three: list[Channel]) -> None:
    text = text_of(page.get("/app/?view=table&sort=reach"))
    (heading,) = re.findall(r'<th scope="col" class="number" aria-sort="(\w+)"><a [^>]*href="([^"]+)"', text)
    assert heading == ("descending", "/app/?sort=reach&amp;dir=asc&amp;view=table")
    turned = text_of(page.get(unescape(heading[1])))
    assert 'aria-sort="ascending"' in turned
    assert turned.count("<tr") == 5
    assert 'name="channels" value="@alpha"' in turned


def test_long_list_goes_on_behind_the_last_ones_key(page: Client, workspace: Workspace, now: datetime) -> None:
    channels = Channel.objects.bulk_create(
        Channel(tg_id=9_000 + number, username=f"many_{number:03d}", title=f"Many {number:03d}", created_at=now)
        for number in range(120)
    )
    TrackedChannel.objects.bulk_create(
        TrackedChannel(workspace=workspace, channel=channel, relation="watched", created_at=now) for channel in channels
    )
    for query in ("sort=name", "sort=subscribers", ""):
        first = page.get(f"/app/?{query}")
        address = unescape(re.findall(r'href="/app/([^"]+)" rel="next"', text_of(first))[0])
        second = page.get(f"/app/{address}")
        seen = [*names(first), *names(second)]
        assert (len(names(first)), len(seen), len(set(seen))) == (100, 120, 120), query
        assert 'rel="next"' not in text_of(second)
    gone = page.get("/app/?after=999999")
    assert len(names(gone)) == 100


def test_list_costs_the_same_statements_however_long(
    page: Client, three: list[Channel], django_assert_num_queries: Any
) -> None:
    # Person, memberships; who is listed, two of numbers, the page's rows, tags; first steps.
    for query, statements in (("", 9), ("sort=reach", 9), ("sort=posted&view=table", 9), ("tag=x&q=al", 6)):
        with django_assert_num_queries(statements):
            page.get(f"/app/?{query}")
