"""The list of channels: its numbers, its order, its search."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analytics.period import last_days, zone_named
from analytics.queries import StatsQuery, overview, reach
from analytics.queries.channel_list import CURVE_DAYS, LIST_DAYS, METRICS, list_channels
from channels_app.models import Channel, Post, SubscriberSample
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
    listed = {one.status.channel_id: one for one in list_channels(workspace, now=now, zone=ZONE)}
    for channel in three:
        period = last_days(LIST_DAYS, now=now, zone=ZONE)
        page = overview(StatsQuery(channel.pk, period, now=now)).current
        assert listed[channel.pk].numbers == {name: page[name] for name in METRICS}
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
