"""The page of one channel: period, numbers, charts, posts."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analytics.period import last_days, zone_named
from analytics.queries import StatsQuery, overview
from channels_app.models import Channel, Post, SyncState
from tests.face.world import full_channel, new_channel, track

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ADDRESS = "/app/channels/@qulay_savdo/"
HTMX = {"HX-Request": "true"}


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def figure(text: str, name: str) -> str:
    card = text.split(f'data-metric="{name}"')[1].split("</li>", maxsplit=1)[0]
    return plain(card.split('class="figure__value">')[1].split("</p>")[0])


def test_page_shows_the_numbers_of_the_query(page: Client, workspace: Workspace, full: Channel) -> None:
    text = text_of(page.get(ADDRESS + "?period=7d"))
    period = last_days(7, now=timezone.now(), zone=zone_named("Asia/Tashkent"))
    answer = overview(StatsQuery(full.pk, period, owned=True))
    assert figure(text, "posts") == str(answer.current["posts"].value)
    assert figure(text, "err") == f"{answer.current['err'].value:.1f}%"
    assert figure(text, "followers") == "48.2K"


def test_number_explains_itself(page: Client, full: Channel) -> None:
    text = plain(text_of(page.get(ADDRESS)))
    assert "Average reach ÷ subscribers × 100." in text
    assert "Source counted by us in Telegram" in text
    assert "Last observed" in text
    assert "Coverage" in text


@pytest.mark.parametrize("query", ["", "?period=today", "?period=7d", "?period=90d", "?period=365d", "?period=all"])
def test_each_period_is_a_page(page: Client, full: Channel, query: str) -> None:
    response = page.get(ADDRESS + query)
    assert response.status_code == 200
    name = query.partition("=")[2] or "28d"
    chosen = re.search(r'href="\?period=(\w+)" aria-current="true"', text_of(response))
    assert chosen is not None
    assert chosen[1] == name


def test_own_days_are_both_included(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS + "?first=2026-01-05&last=2026-01-11"))
    assert "Jan 5 – Jan 11, 2026" in text
    assert "?first=2025-12-29&amp;last=2026-01-04" in text
    assert "?first=2026-01-12&amp;last=2026-01-18" in text


def test_period_of_the_api_is_understood(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS + "?from=2026-01-05&to=2026-01-12"))
    assert "Jan 5 – Jan 11, 2026" in text


def test_later_period_is_not_offered_from_today(page: Client, full: Channel) -> None:
    assert "Later period" not in text_of(page.get(ADDRESS))
    assert "Later period" in text_of(page.get(ADDRESS + "?first=2026-01-05&last=2026-01-11"))


@pytest.mark.parametrize(
    "query",
    [
        "?period=century",
        "?first=2026-02-30",
        "?first=2026-05-02&last=2026-05-01",
        "?last=0001-01-01",
        "?from=x",
        "?first=9999-12-31",
    ],
)
def test_period_that_cannot_be_understood_shows_the_default_and_says_so(
    page: Client, full: Channel, query: str
) -> None:
    response = page.get(ADDRESS + query)
    assert response.status_code == 200
    assert 'role="alert"' in text_of(response)


def test_htmx_gets_the_report_alone_and_history_gets_the_page(page: Client, full: Channel) -> None:
    part = page.get(ADDRESS + "?period=7d", headers=HTMX)
    assert text_of(part).strip().startswith('<div id="report"')
    assert "HX-Request" in part["Vary"]
    whole = page.get(ADDRESS, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in text_of(whole)


def test_charts_have_text_and_table(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS))
    for name in ("subscribers", "reach"):
        assert f'aria-labelledby="{name}-title {name}-desc"' in text
        assert f'id="{name}-table"' in text
    assert 'fill="url(#subscribers-hatch)"' in text
    drawn = text.count('class="chart__svg chart__svg--')
    assert text.count("<title") == 1 + drawn + text.count('class="chart__gap"') + text.count('<g class="chart__badge')


def test_unknown_counters_of_a_post_are_not_zero(page: Client, full: Channel) -> None:
    Post.objects.filter(channel=full).update(views=None, forwards=None, replies=None, reactions_total=None)
    text = text_of(page.get(ADDRESS))
    body = text.split('class="table table--posts"')[1].split("</table>")[0]
    assert ">0<" not in body
    assert body.count('class="unknown"') == 10 * 5
    assert figure(text, "views") == "—"
    assert figure(text, "posts") != "—"


def test_posts_are_told_apart(page: Client, full: Channel) -> None:
    text = plain(text_of(page.get(ADDRESS)))
    assert "Album of 4" in text
    assert "Forwarded" in text
    assert "Poll" in text


def test_links_lead_to_telegram_without_a_referrer(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS))
    assert 'href="https://t.me/qulay_savdo" rel="noreferrer"' in text
    assert re.search(r'href="https://t.me/qulay_savdo/\d+" rel="noreferrer"', text)


def test_page_while_the_history_comes_in(page: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, new_channel("just_added", now=now), now=now)
    text = text_of(page.get("/app/channels/@just_added/"))
    assert 'id="progress"' in text
    assert figure(text, "posts") == "—"
    assert "No data for this period" in text
    assert "The first posts appear here in a moment." in text


def test_change_is_not_told_against_what_was_not_collected(page: Client, workspace: Workspace, now: datetime) -> None:
    channel = new_channel("half", now=now, state=SyncState.RUNNING, posts=0)
    whole = full_channel(now=now, username="donor", days=20)
    Post.objects.filter(channel=whole).update(channel=channel)
    track(workspace, channel, now=now)
    text = text_of(page.get("/app/channels/@half/?period=28d"))
    assert 'class="change' not in text.split('data-metric="posts"')[1].split("</li>")[0]


def test_days_are_those_of_the_workspace(page: Client, workspace: Workspace, full: Channel, now: datetime) -> None:
    late = now.replace(hour=20, minute=30)  # the next day in Tashkent
    Post.objects.filter(channel=full).delete()
    Post.objects.create(
        channel=full,
        message_id=1,
        published_at=late - timedelta(days=3),
        text="late",
        text_hash=b"0",
        media_kind="none",
        views=5,
        counters_at=now,
        counters_source="mtproto",
        first_seen_at=now,
        first_source="mtproto",
    )
    local = (late - timedelta(days=3)).astimezone(zone_named("Asia/Tashkent")).date().isoformat()
    text = text_of(page.get(f"{ADDRESS}?first={local}&last={local}"))
    assert figure(text, "posts") == "1"
    assert ", 01:30" in text


def test_long_period_is_drawn_by_the_week_and_adds_up(page: Client, workspace: Workspace, now: datetime) -> None:
    channel = full_channel(now=now, days=420)
    track(workspace, channel, now=now)
    text = text_of(page.get(ADDRESS + "?period=all"))
    assert "Average reach by week of publication" in text
    rows = text.split('id="reach-table"')[1].split("</table>")[0].count("<tr data-x")
    assert 60 <= rows <= 62
