"""Telegram's own graphs of the audience: all of them, drawn, for owners alone."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from analyticbot.core.charts import Hours, draw
from channels_app.models import Channel, OfficialGraph, TrackedChannel
from tests.core.charts.making import check_markup
from tests.face.section_world import _graph

PAGE = "/app/channels/@qulay_savdo/audience/"
_MILLISECOND = 1000


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def graphs(full: Channel, now: datetime) -> Channel:
    """A channel with every graph that Telegram has, one it may have one day, and one it does not offer."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    axis = [int((midnight - timedelta(days=day)).timestamp()) * _MILLISECOND for day in range(24, 0, -1)]
    many = {
        name: 90 - place * 9 for place, name in enumerate(("Uzbek", "Russian", "English", "Kazakh", "Tajik", "Farsi"))
    }
    for name, series, kind in (
        ("languages_graph", many, "area"),
        ("views_by_source_graph", {"Followers": 900, "Search": 80, "<b>URL</b>": 40}, "bar"),
        ("new_followers_by_source_graph", {"Search": 9, "Channels": 5}, "bar"),
        ("mute_graph", {"Muted": 9, "Unmuted": 4}, "line"),
        ("interactions_graph", {"Views": 20_000, "Shares": 200}, "line"),
        ("growth_graph", {"Total followers": 48_000}, "line"),
        ("followers_graph", {"Joined": 60, "Left": 20}, "line"),
        ("iv_interactions_graph", {"Views": 40, "Shares": 4}, "line"),
        ("reactions_by_emotion_graph", {"Positive": 60, "Negative": 20}, "bar"),
        ("story_interactions_graph", {"Views": 40, "Shares": 30}, "line"),
        ("story_reactions_by_emotion_graph", {"Positive": 6}, "bar"),
        ("boosts_of_tomorrow_graph", {"Boosts": 6}, "line"),
    ):
        _graph(full, name, axis, series, now=now, kind=kind)
    hours = {"Nov 15 - Nov 21": 300, "Nov 8 - Nov 14": 280}
    _graph(full, "top_hours_graph", list(range(24)), hours, now=now, kind="line")
    return full


def test_every_graph_is_drawn(page: Client, graphs: Channel) -> None:
    html = page.get(PAGE).content.decode()
    cards = re.findall(r'data-graph="(\w+)"(.*?)</section>', html, re.DOTALL)
    assert len(cards) == 13
    for name, card in cards:
        assert "chart__svg" in card, name
        assert "chart__keys" in card or card.count("chart__svg ") >= 1, name
    drawn = dict(cards)
    assert "boosts of tomorrow" in plain(drawn["boosts_of_tomorrow"])
    # On one scale the shares would be flat.
    assert drawn["interactions"].count('<svg class="chart__svg') == 2
    assert drawn["mute"].count('<svg class="chart__svg') == 1
    assert "<b>URL" not in html


def test_shares_of_languages_are_percent_and_what_is_beyond_five_is_other(page: Client, graphs: Channel) -> None:
    html = page.get(PAGE).content.decode()
    card = plain(html.split('data-graph="languages"')[1].split("</section>")[0])
    assert "Shares of the day's viewers, in percent." in card
    assert "Other" in card
    assert "Farsi" in card  # in the table of counts


def test_hours_of_the_day_are_drawn_by_hour(page: Client, graphs: Channel) -> None:
    html = page.get(PAGE).content.decode()
    card = html.split('data-graph="top_hours"')[1].split("</section>")[0]
    assert '<th scope="row">23:00</th>' in card
    assert "most at" in plain(card)


def test_note_stands_on_the_graphs(page: Client, graphs: Channel, now: datetime) -> None:
    day = (now - timedelta(days=5)).date().isoformat()
    page.post("/app/channels/@qulay_savdo/notes/add/", {"text": "Ad in @durov", "day": day})
    card = page.get(PAGE).content.decode().split('data-graph="mute"')[1].split("</section>")[0]
    assert "chart__badge--own" in card
    assert "Ad in @durov" in card


def test_graph_that_telegram_does_not_offer_says_why(page: Client, full: Channel, now: datetime) -> None:
    OfficialGraph.objects.create(
        channel=full, graph="mute_graph", loaded_at=now, error="Not enough <i>data</i> to display.", digest="x"
    )
    html = page.get(PAGE).content.decode()
    assert "Not enough <i>data</i> to display." in plain(html)
    assert "<i>data" not in html


def test_watchers_are_told_what_would_prove_it_theirs(page: Client, graphs: Channel) -> None:
    TrackedChannel.objects.update(relation="watched")
    html = page.get(PAGE).content.decode()
    assert "data-graph" not in html
    assert "Telegram tells this to owners only" in plain(html)
    assert "Uzbek" not in html


@pytest.mark.parametrize("count", [0, 1, 5])
def test_hours_are_well_formed(count: int) -> None:
    values = tuple(None if hour % 5 == 0 else hour * 3 for hour in range(24))
    drawn = draw(Hours("hours", "<Hours>", tuple((f"<s{n}>", values) for n in range(count))))
    check_markup(drawn)
    assert drawn.has_data == bool(count)
    assert drawn.table.count("<tr") == 24


def test_hours_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="24 hours"):
        draw(Hours("hours", "Hours", (("a", (1, 2)),)))
