"""Search of posts by their words: the page, and the lines of the palette."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from analytics.models import PostWords, WordsMark
from analytics.queries.search import search_posts
from analytics.search.work import fill_words
from channels_app.models import Channel, Post, PostRevision
from tests.factories import make_channel, make_tracked, make_workspace

PAGE, LINES = "/app/search/", "/app/palette/posts/"


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def post(channel: Channel, number: int, text: str, *, now: datetime, days: int = 1, **more: Any) -> Post:
    return Post.objects.create(
        channel=channel, message_id=number, published_at=now - timedelta(days=days), text=text, text_hash=b"1",
        media_kind="none", first_seen_at=now, first_source="mtproto", **more,
    )  # fmt: skip


@pytest.fixture
def posts(workspace: Workspace, now: datetime) -> Channel:
    """A channel with texts of all scripts, old and new."""
    channel = make_tracked(workspace, make_channel("savdo", title="Savdo")).channel
    post(channel, 1, "БЕСПЛАТНАЯ доставка: ЁЛКИ и игрушки", now=now, days=3)
    post(channel, 2, "Yangi tariflar e'lon qilindi, narxi 19 000 so‘mdan", now=now, days=2)
    post(channel, 3, "We measured it: example.org and e-mail, 100% <b>free</b>", now=now, days=400)
    post(channel, 4, "доставка отменена", now=now, deleted_at=now)
    post(channel, 5, "", now=now)
    post(channel, 6, "Ўзбекистон ҚУРИЛИШ #Aksiya @kanal", now=now, days=500)
    fill_words()
    return channel


FOUND: list[tuple[str, list[int]]] = [
    ("доставка", [1]),
    ("ДОСТАВ", [1]),
    ("елки", [1]),
    ("ёлки игрушки", [1]),
    ("ёлки tariflar", []),
    ("somdan", [2]),
    ("so'mdan", [2]),
    ("soʻmdan", [2]),
    ("E’LON", [2]),
    ("19 000", [2]),
    ("example.org", [3]),
    ("e-mail", [3]),
    ("100%", [3]),
    ("free", [3]),
    ("қурилиш", [6]),
    ("#aksiya", [6]),
    ("@kanal", [6]),
    ("остав", []),  # words are found by their beginning
    ("' & | ! : * (\\", []),
    ("доставка & !x", []),
    ("':* | 'd", []),
]


def test_words_are_found_by_their_beginning_in_any_case(workspace: Workspace, posts: Channel, now: datetime) -> None:
    for text, found in FOUND:
        assert [one.message_id for one in search_posts(workspace.pk, text, now=now)] == found, text


def test_page_shows_where_the_words_stand(page: Client, posts: Channel) -> None:
    html = page.get(PAGE, {"q": "free measured"}).content.decode()
    assert "<mark>measured</mark>" in html
    assert "&lt;b&gt;<mark>free</mark>&lt;/b&gt;" in html
    assert 'href="/app/channels/@savdo/posts/3/"' in html
    channels = page.get(PAGE, {"q": "savd"}).content.decode()
    assert '<a href="/app/channels/@savdo/">Savdo</a>' in channels
    for text in ("q", "nothing so"):
        assert page.get(PAGE, {"q": text}).status_code == 200


@pytest.mark.parametrize("text", ["x" * 101, "a " * 9, '"><script>alert(1)</script>', "\ufffd\u202e x"])
def test_what_cannot_be_looked_for_is_said_and_harms_nothing(page: Client, posts: Channel, text: str) -> None:
    response = page.get(PAGE, {"q": text})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert page.get(LINES, {"q": text}).status_code == 200


def test_long_text_is_cut_around_the_hit(page: Client, posts: Channel, now: datetime) -> None:
    post(posts, 9, "начало " * 100 + "сокровище " + "конец " * 100, now=now)
    fill_words()
    text = plain(page.get(PAGE, {"q": "сокровище"}).content.decode())
    assert "… начало" in text
    assert "сокровище" in text
    assert "конец …" in text


def test_lines_of_the_palette_are_not_sent_twice(page: Client, posts: Channel) -> None:
    first = page.get(LINES, {"q": "tarif"})
    assert 'href="/app/channels/@savdo/posts/2/"' in first.content.decode()
    assert first.content.decode().strip().startswith("<li data-found>")
    again = page.get(LINES, {"q": "tarif"}, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.get(LINES, {"q": "t"}).content.strip() == b""


def test_posts_of_others_are_not_found(page: Client, posts: Channel, now: datetime) -> None:
    theirs = make_tracked(make_workspace(name="Other"), make_channel("theirs_only")).channel
    post(theirs, 1, "секретная доставка", now=now)
    fill_words()
    assert "theirs_only" not in page.get(PAGE, {"q": "доставка"}).content.decode()
    assert "theirs_only" not in page.get(LINES, {"q": "секретная"}).content.decode()


def test_newest_twenty_are_enough_and_one_statement_finds_them(
    workspace: Workspace, posts: Channel, now: datetime
) -> None:
    for number in range(100, 130):
        post(posts, number, "акция дня", now=now, days=number)
    fill_words()
    with CaptureQueriesContext(connection) as queries:
        found = search_posts(workspace.pk, "акция", now=now)
    assert len(queries) == 1
    assert [one.message_id for one in found] == list(range(100, 120))
    dates = [one.published_at for one in found]
    assert dates == sorted(dates, reverse=True)


def test_search_costs_few_statements(page: Client, posts: Channel, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # person, memberships, posts
        page.get(LINES, {"q": "tarif"})
    with django_assert_num_queries(4):  # and channels
        page.get(PAGE, {"q": "tarif"})


def test_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE, {"q": "x"})["Location"].startswith("/account/login/")


def test_words_are_filled_in_behind_ingest_and_follow_edits(
    workspace: Workspace, posts: Channel, now: datetime
) -> None:
    assert PostWords.objects.count() == 5  # a post without text has none
    assert fill_words() == 0
    new = post(posts, 50, "первая редакция", now=now)
    assert search_posts(workspace.pk, "редакция", now=now) == ()
    assert fill_words() == 1
    assert len(search_posts(workspace.pk, "редакция", now=now)) == 1
    Post.objects.filter(pk=new.pk).update(text="второе слово")
    PostRevision.objects.create(post=new, text="первая редакция", text_hash=b"1", seen_at=now, replaced_at=now)
    assert fill_words() == 1
    assert search_posts(workspace.pk, "редакция", now=now) == ()
    assert len(search_posts(workspace.pk, "второе", now=now)) == 1


def test_post_that_came_late_is_found_all_the_same(workspace: Workspace, posts: Channel, now: datetime) -> None:
    late = post(posts, 60, "опоздавшая запись", now=now)
    WordsMark.objects.update(post_id=late.pk + 5)
    fill_words()
    assert len(search_posts(workspace.pk, "опоздавшая", now=now)) == 1
    late.delete()
    assert not PostWords.objects.filter(post_id=late.pk).exists()
    assert search_posts(workspace.pk, "опоздавшая", now=now) == ()
