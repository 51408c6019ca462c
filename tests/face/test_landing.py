"""The start page: what it says without a demo, and that its numbers are those of the demo's own pages."""

import gzip
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Workspace
from accounts.preferences import show_as_demo
from analyticbot.core.audit import SYSTEM
from analyticbot.core.charts import words
from analytics.landing_pages import SHOWN, live_of
from analytics.landing_texts import FEATURES, HONESTY, QUESTIONS
from analytics.period import last_days, zone_named
from analytics.queries import StatsQuery, overview
from channels_app.models import Channel, Post
from tests.face.world import full_channel, new_channel, track

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

LARGEST = 60_000  # bytes of HTML as they travel


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def shown(workspace: Workspace, now: datetime, settings: Settings) -> Workspace:
    """A demo with two channels that were read and one that waits."""
    settings.PUBLIC_DEMO = True
    for name, days in (("qulay_savdo", 60), ("anor_market", 40)):
        track(workspace, full_channel(now=now, username=name, days=days), now=now)
    track(workspace, new_channel("just_added", now=now), now=now)
    return show_as_demo(workspace, actor=SYSTEM, now=now)


def test_start_page_without_a_demo_shows_no_number(client: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, full_channel(now=now, days=40), now=now)
    response = client.get("/")
    assert response.status_code == 200
    text = text_of(response)
    assert 'class="showcase"' in text
    assert "<dl" not in text and "data-chart" not in text and "<table" not in text
    assert 'href="/demo/"' not in text
    assert "Qulay savdo" not in text


def test_start_page_of_a_demo_without_data_shows_no_number_but_the_way_in(
    client: Client, workspace: Workspace, now: datetime, settings: Settings
) -> None:
    settings.PUBLIC_DEMO = True
    track(workspace, new_channel("just_added", now=now), now=now)
    show_as_demo(workspace, actor=SYSTEM, now=now)
    text = text_of(client.get("/"))
    assert 'class="showcase"' in text
    assert "data-chart" not in text
    assert 'href="/demo/"' in text


def test_numbers_are_those_of_the_demos_channel_page(shown: Workspace) -> None:
    now = timezone.now()
    live = live_of(shown, now=now)
    assert live is not None
    channel = Channel.objects.get(username=live.handle.removeprefix("@"))
    period = last_days(28, now=now, zone=zone_named(shown.time_zone))
    truth = overview(StatsQuery(channel.pk, period, now=now)).current
    assert [figure.value for figure in live.figures] == [truth[name].value for name in SHOWN]
    assert live.channels[0].handle == live.handle
    views = [one.numbers[-1].value or 0 for one in live.channels]
    assert views == sorted(views, reverse=True)
    assert live.channels[-1].handle == "@just_added"
    # Nobody has counted its subscribers, and no post of it is known.
    assert [number.value for number in live.channels[-1].numbers[:3]] == [None, None, None]
    assert live.sources == ("counted by us in Telegram",)


def test_page_tells_the_numbers_their_age_and_that_they_are_the_sandboxs(
    client: Client, shown: Workspace, settings: Settings
) -> None:
    settings.SANDBOX = True
    text = text_of(client.get("/"))
    live = live_of(shown, now=timezone.now())
    assert live is not None
    for figure in live.figures:
        assert figure.label in text
    views = live.figures[-1].value
    assert words.full_number(views, "en", digits=1) in text
    assert "demo data from the sandbox Telegram" in text
    assert "12 min ago" in text
    assert 'data-chart="reach"' in text
    assert "not observed" in text
    settings.SANDBOX = False
    assert "demo data from the sandbox Telegram" not in text_of(client.get("/"))
    assert "live from the demo" in text_of(client.get("/"))


def test_new_data_of_the_demo_is_seen_at_once(client: Client, shown: Workspace) -> None:
    before = live_of(shown, now=timezone.now())
    channel = Channel.objects.get(username="qulay_savdo")
    Post.objects.filter(channel=channel, published_at__gt=timezone.now() - timedelta(days=2)).update(views=900_000)
    kept = live_of(shown, now=timezone.now())
    Channel.objects.filter(pk=channel.pk).update(version=channel.version + 1)
    after = live_of(shown, now=timezone.now())
    assert before is not None and kept is not None and after is not None
    assert kept.figures == before.figures
    assert (after.figures[-1].value or 0) > (before.figures[-1].value or 0)


def test_start_page_asks_little_once_it_is_known(client: Client, shown: Workspace) -> None:
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len(queries) == 2  # the demo, and the versions of its channels


@pytest.mark.parametrize("language", ["en", "ru", "uz"])
def test_start_page_is_light_and_whole_in_each_language(client: Client, shown: Workspace, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get("/")
    text = text_of(response)
    assert f'<html lang="{language}"' in text
    assert len(gzip.compress(response.content)) < LARGEST
    assert text.count('class="feature"') == len(FEATURES)
    assert text.count('class="asked__one"') == len(QUESTIONS)
    assert text.count("honesty__number") == len(HONESTY)


def test_language_is_that_of_the_browser_until_another_is_chosen(client: Client, db: None) -> None:
    spoken = {"Accept-Language": "uz-UZ,uz;q=0.9,en;q=0.1"}
    assert '<html lang="uz"' in text_of(client.get("/", headers=spoken))
    client.post("/i18n/setlang/", {"language": "ru", "next": "/"})
    assert '<html lang="ru"' in text_of(client.get("/", headers=spoken))
    assert '<html lang="en"' in text_of(Client().get("/", headers={"Accept-Language": "de"}))


def test_start_page_can_be_shared(client: Client, db: None, settings: Settings) -> None:
    text = text_of(client.get("/"))
    found = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)"', text))
    assert found["og:title"] == "Honest statistics for Telegram channels"
    assert found["og:url"] == f"{settings.SITE_URL}/"
    assert found["og:image"].startswith(f"{settings.SITE_URL}/static/img/og")
    assert (Path(django_settings.BASE_DIR) / "static/img/og.png").stat().st_size < 100_000
    assert found["og:description"] and found["og:locale"] == "en"


def test_start_page_answers_why_numbers_differ(client: Client, db: None) -> None:
    text = plain(client.get("/").content.decode())
    assert "Why do the numbers differ from TGStat?" in text
    assert "an album is one post" in text
    assert "Why do they differ from Telegram's own statistics?" in text


def test_who_is_signed_in_is_led_to_their_channels(page: Client) -> None:
    text = text_of(page.get("/"))
    assert "Go to your channels" in text
    assert 'href="/account/signup/"' not in text
