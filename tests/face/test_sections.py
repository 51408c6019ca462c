"""The sections of a channel's page: their numbers are the questions' answers, their state is the address."""

import re
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Workspace
from analyticbot.core.charts import words
from analytics.network.work import run_due_network
from analytics.period import last_days, zone_named
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import Reader, ask_channel, ask_workspace, channel_for
from analytics.sections.difference import Kind, difference
from analytics.sections.places import SECTIONS
from channels_app.models import Channel, Post, SyncState, TrackedChannel
from tests.face.section_world import enrich
from tests.face.world import full_channel, new_channel, track
from tests.factories import make_user, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

BASE = "/app/channels/@qulay_savdo/"
HTMX = {"HX-Request": "true"}
ALL = tuple(SECTIONS)


@pytest.fixture
def rich(full: Channel, now: datetime) -> Channel:
    """The channel with one of everything."""
    enrich(full, now=now)
    return full


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def table(text: str, name: str) -> list[list[str]]:
    """The cells of the body of a table, row by row, as a person reads them."""
    body = text.split(f'id="{name}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in body.split("<tr")[1:]]


def figure(text: str, name: str) -> str:
    card = text.split(f'data-metric="{name}"')[1].split("</li>", maxsplit=1)[0]
    return plain(card.split('class="figure__value">')[1].split("</p>")[0])


def asked(workspace: Workspace, question: str, now: datetime, **parameters: str) -> Answer:
    """The answer that the API gives for the last 28 days."""
    reader = Reader(workspace.pk, workspace.time_zone)
    period = last_days(28, now=now, zone=zone_named(workspace.time_zone))
    texts = {"from": iso(period.start), "to": iso(period.end), **parameters}
    texts = {name: text for name, text in texts.items() if text}
    declared = next(one for one in CHANNEL_QUESTIONS if one.name == question)
    head = channel_for(reader, "@qulay_savdo")
    return declared.answer(ask_channel(reader, head, texts, now=now, segmented=declared.takes_segment))


def whole(value: Any) -> str:
    return words.full_number(value, "en", digits=1)


@pytest.mark.parametrize("name", ALL)
def test_section_is_a_page_a_part_and_a_tab(page: Client, rich: Channel, name: str) -> None:
    text = text_of(page.get(f"{BASE}{name}/"))
    assert "<html" in text
    assert re.findall(r'href="([^"]+)" aria-current="page">', text.split('class="tabs', 1)[1]) == [f"{BASE}{name}/"]
    part = page.get(f"{BASE}{name}/", headers=HTMX)
    assert text_of(part).strip().startswith('<div id="report"')
    assert "HX-Request" in part["Vary"]
    restored = page.get(f"{BASE}{name}/", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in text_of(restored)


@pytest.mark.parametrize("name", ALL)
def test_section_is_not_found_by_strangers(client: Client, rich: Channel, name: str) -> None:
    stranger = make_user("stranger@example.org")
    make_workspace(owner=stranger, name="Stranger")
    client.force_login(stranger)
    assert client.get(f"{BASE}{name}/").status_code == 404
    client.logout()
    assert client.get(f"{BASE}{name}/").status_code == 302


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("query", ["?period=today", "?period=all", "?first=2020-01-01&last=2020-01-07", "?period=x"])
def test_section_of_each_period_is_a_page(page: Client, rich: Channel, name: str, query: str) -> None:
    assert page.get(f"{BASE}{name}/{query}").status_code == 200


@pytest.mark.parametrize("name", ALL)
def test_section_of_a_channel_that_is_watched_or_new_is_a_page(
    page: Client, workspace: Workspace, now: datetime, name: str
) -> None:
    track(workspace, full_channel(now=now, username="watched", days=20), now=now)
    track(workspace, new_channel("just_added", now=now), now=now)
    track(workspace, new_channel(None, now=now), now=now)
    failed = new_channel("never_read", now=now, state=SyncState.FAILED, error="PEER_NOT_FOUND: not found")
    track(workspace, failed, now=now)
    assert "Telegram knows no channel by this name" in text_of(page.get(f"/app/channels/@never_read/{name}/"))
    assert page.get(f"/app/channels/@watched/{name}/").status_code == 200
    assert page.get(f"/app/channels/@just_added/{name}/").status_code == 200
    assert page.get(f"/app/channels/+AbCdEfGhIj/{name}/").status_code == 200


def test_period_and_filters_go_along_from_tab_to_tab(page: Client, rich: Channel) -> None:
    text = unescape(text_of(page.get(f"{BASE}posts/?period=90d&media=video&order=views&q=month")))
    assert f'{BASE}timing/?period=90d&media=video"' in text
    assert 'href="?period=7d&media=video&order=views&q=month"' in text
    assert 'name="media" value="video"' in text.split("period__custom")[1].split("</form>")[0]


def test_filters_that_do_not_apply_are_told(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}growth/?media=video"))
    assert "filters do not apply here" in text
    assert page.get(f"{BASE}posts/?weekday=9").status_code == 200
    assert 'role="alert"' in text_of(page.get(f"{BASE}posts/?weekday=9"))


def test_growth_shows_the_numbers_of_its_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = text_of(page.get(f"{BASE}growth/"))
    answer = asked(workspace, "statistics", now, metrics="followers,followers_change,joined,left,net")
    assert figure(text, "joined") == words.compact_number(answer.data["totals"]["joined"], "en")
    assert figure(text, "net") == words.signed_number(answer.data["totals"]["net"], "en")
    rows = table(text, "steps")
    points = answer.data["points"][::-1]
    assert len(rows) == len(points) == 28
    assert [row[1].split()[0] for row in rows] == [whole(point["followers"]) for point in points]
    assert [row[4].split()[0] for row in rows] == [whole(point["joined"]) for point in points]


def test_reconciliation_shows_the_numbers_of_its_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = text_of(page.get(f"{BASE}growth/?of=views"))
    answer = asked(workspace, "reconciliation", now)
    days = [day["views"] for day in answer.data["points"][::-1] if day["views"]["official"] is not None]
    rows = table(text, "reconciliation")
    assert [row[1] for row in rows] == [whole(day["official"]) for day in days]
    assert [row[2] for row in rows] == [whole(day["counted"]) for day in days]
    assert len(days) > 20


def test_growth_of_a_watched_channel_tells_what_would_be_needed(page: Client, rich: Channel) -> None:
    TrackedChannel.objects.update(relation="watched")
    text = text_of(page.get(f"{BASE}growth/"))
    assert "Prove that the channel is yours" in text
    assert 'data-metric="joined"' not in text
    assert 'id="reconciliation"' not in text


def test_growth_is_not_told_against_a_count_made_later(page: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, full_channel(now=now, username="young", days=20), now=now)
    text = text_of(page.get("/app/channels/@young/growth/"))
    assert 'class="change' not in text.split('data-metric="followers"')[1].split("</li>")[0]


def test_posts_are_those_of_the_question_page_by_page(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    address, seen = f"{BASE}posts/?order=views", []
    for _page in range(3):
        text = text_of(page.get(address))
        seen += re.findall(r'data-post="(\d+)"', text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        if older is None:
            break
        address = f"{BASE}posts/{unescape(older[1])}"
    answer = asked(workspace, "posts", now, order="views", limit="100")
    assert seen == [str(post["msg_id"]) for post in answer.data]
    assert 52 <= len(seen) <= 56  # two a day, one is deleted, and today is not over
    assert "First page" in text


def test_posts_are_filtered_by_a_clicked_value(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = unescape(text_of(page.get(f"{BASE}posts/")))
    hashtag = re.search(r'href="(\?hashtag=aksiya)"', text)
    kind = re.search(r'href="(\?media=video)"', text)
    weekday, hour = re.search(r'href="(\?weekday=\d)"', text), re.search(r'href="(\?hour=\d+)"', text)
    for link in (hashtag, kind, weekday, hour):
        assert link is not None
        name, value = link[1].removeprefix("?").split("=")
        narrowed = text_of(page.get(f"{BASE}posts/{link[1]}"))
        answer = asked(workspace, "posts", now, limit="25", **{name: value})
        assert re.findall(r'data-post="(\d+)"', narrowed) == [str(post["msg_id"]) for post in answer.data]
        assert re.search(r'class="chip" href="\?"', narrowed)


def test_posts_are_searched(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}posts/?q=morning"))
    assert text.count("<tr data-post") == text.count("in the morning") > 0
    nothing = text_of(page.get(f"{BASE}posts/?q=nowhereatall&media=video"))
    assert "No post of this period fits." in nothing
    assert "Remove a filter" in nothing


@pytest.mark.parametrize("order", ["views", "er", "forwards", "reactions", "replies", "growth"])
def test_top_posts_are_those_of_the_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime, order: str
) -> None:
    text = text_of(page.get(f"{BASE}posts/?show=top&order={order}"))
    answer = asked(workspace, "top-posts", now, order=order, limit="20")
    assert re.findall(r'data-post="(\d+)"', text) == [str(post["msg_id"]) for post in answer.data]


def test_cursor_of_another_order_is_explained(page: Client, rich: Channel) -> None:
    older = re.search(r'rel="next" href="([^"]+)"', text_of(page.get(f"{BASE}posts/")))
    assert older
    assert page.get(f"{BASE}posts/{unescape(older[1])}&order=views").status_code == 400


def test_best_time_shows_each_hour_with_enough_posts(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = text_of(page.get(f"{BASE}timing/"))
    reader = asked(workspace, "best-time", now, **{"from": "", "to": ""})
    enough = [cell for cell in reader.data["points"] if cell["enough"]]
    shown = re.findall(r'class="week__cell week__cell--\S+" href="\S+"[^>]*>([^<]+)</a>', text)
    by_hour = sorted(enough, key=lambda cell: (cell["hour"], cell["weekday"]))
    assert shown == [words.signed_number(cell["effect"], "en") for cell in by_hour]
    assert len(enough) > 7
    assert f"{reader.more['posts']} own posts of" in text


def test_hours_with_too_little_data_say_so(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}timing/?period=28d"))
    assert "Too little data: no hour of the week has 5 compared posts yet." in text
    assert "week__cell--few" in text


def test_calendar_shows_the_days_of_the_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = text_of(page.get(f"{BASE}timing/?period=28d"))
    days = asked(workspace, "calendar", now).data["points"][::-1]
    rows = table(text, "calendar")
    assert [row[1] for row in rows] == [whole(day["posts"]) for day in days]
    assert [row[2] for row in rows] == [whole(day["views"]) for day in days]
    assert [row[5] for row in rows] == [whole(day["joined"]) for day in days]


@pytest.mark.parametrize("by", ["media", "length", "hashtag", "emoji", "link", "forwarded", "weekday", "hour"])
def test_effects_are_those_of_the_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime, by: str
) -> None:
    text = text_of(page.get(f"{BASE}content/?by={by}"))
    groups = asked(workspace, "content-effects", now, **{"by": by, "from": "", "to": ""}).data
    rows = table(text, "effects")
    assert [row[1] for row in rows] == [whole(group["posts"]) for group in groups]
    assert [row[2] for row in rows] == [whole(group["n"]) for group in groups]
    for row, group in zip(rows, groups, strict=True):
        if group["enough"]:
            digits = 2 if abs(group["effect"]) < 1 else 1
            assert row[3] == words.signed_percent(group["effect"], "en", digits=digits)
        else:
            assert row[3] in {"too little data", "counters are the original's"}


def test_trending_shows_both_methods_with_their_expectation(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    best = Post.objects.filter(channel=rich, is_forward=False, deleted_at=None).latest("published_at")
    Post.objects.filter(pk=best.pk).update(views=900_000)
    text = text_of(page.get(f"{BASE}trending/"))
    median = asked(workspace, "trending", now, **{"from": "", "to": ""}).data
    moving = asked(workspace, "trending", now, **{"method": "ewma", "from": "", "to": ""}).data
    assert re.findall(r'<li class="ahead__one" data-post="(\d+)"', text)[: len(median)] == [
        str(row["msg_id"]) for row in median
    ]
    assert median[0]["msg_id"] == moving[0]["msg_id"] == best.message_id
    assert f"The median of {median[0]['n']} earlier posts had" in text
    assert f"<dd>{words.full_number(median[0]['score'], 'en', digits=2)}</dd>" in text
    assert f"<dd>{words.full_number(moving[0]['score'], 'en', digits=2)}</dd>" in text


def test_nothing_runs_ahead_says_why(page: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, full_channel(now=now, username="young", days=3), now=now)
    assert "at least 10 earlier posts must be known" in text_of(page.get("/app/channels/@young/trending/"))


def test_sources_show_the_rows_of_the_question(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    text = text_of(page.get(f"{BASE}sources/"))
    answer = asked(workspace, "sources", now)
    [row] = table(text, "sources")
    assert row[:5] == ["Boshqa kanal", "Mention", whole(answer.data[0]["count"]), "2,703", "12.4K"]
    assert "No collected channel" in text_of(page.get(f"{BASE}sources/?kind=forward"))
    assert "mentioned and forwarded nobody" in text_of(page.get(f"{BASE}sources/?direction=out&kind=mention"))


def test_citation_and_benchmarks_are_those_of_the_questions(
    page: Client, workspace: Workspace, rich: Channel, now: datetime
) -> None:
    for number in range(6):
        peer = full_channel(now=now, username=f"peer_{number}", days=40)
        Post.objects.filter(channel=peer).update(views=4_000 + number * 2_000)
    empty = text_of(page.get(f"{BASE}sources/"))
    assert "This channel has no place yet." in empty
    assert "There is nothing to compare with yet." in empty
    run_due_network(now=now)
    text = text_of(page.get(f"{BASE}sources/"))
    reader, api = Reader(workspace.pk, workspace.time_zone), {one.name: one for one in WORKSPACE_QUESTIONS}
    [citation] = api["citation-index"].answer(ask_workspace(reader, {"channels": "@qulay_savdo"}, now=now)).data
    facts = plain(text.split('class="facts">')[1].split("</dl>")[0])
    assert facts.startswith(f"Place {citation['place']} of ")
    assert facts.endswith("Citing channels 1 Citing posts 3")
    found = api["benchmarks"].answer(ask_workspace(reader, {"channel": "@qulay_savdo"}, now=now)).data
    rows = table(text, "benchmarks")
    assert [row[6] for row in rows] == [whole(row["channels"]) for row in found["standing"]]
    err = next(row for row in found["standing"] if row["metric"] == "err")
    band = next(
        row for row in found["bands"] if row["metric"] == "err" and row["subscribers_from"] == err["subscribers_from"]
    )
    assert rows[0][1:6] == [
        words.percent(value, "en") for value in (err["value"], err["percentile"], band["p25"], band["p50"], band["p75"])
    ]


def test_audience_draws_official_graphs_for_owners(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}audience/"))
    assert re.findall(r'data-graph="(\w+)"', text) == ["languages", "views_by_source", "top_hours"]
    assert "Uzbek" in text
    assert "Telegram did not offer:" in text
    assert "Notifications on" in text


def test_audience_of_a_watched_channel_tells_what_would_be_needed(page: Client, rich: Channel) -> None:
    TrackedChannel.objects.update(relation="watched")
    text = text_of(page.get(f"{BASE}audience/"))
    assert "Telegram tells this to owners only" in text
    assert "What would be needed" in text
    assert "Uzbek" not in text


def test_changes_show_edits_deletions_and_renaming(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}changes/"))
    assert "<del>100</del><ins>150</ins>" in text
    assert "<del>Qulay savdo</del>" in text
    assert text.count('class="badge badge--bad">Deleted') == 1
    assert "Deleted" not in text_of(page.get(f"{BASE}changes/?kind=edit")).split('id="ledger"')[1]


def test_numbers_of_sections_explain_themselves(page: Client, rich: Channel) -> None:
    for name in ALL:
        if name == "notes":  # words of people
            continue
        text = plain(text_of(page.get(f"{BASE}{name}/")))
        assert "How it is counted" in text, name
        assert "Source" in text, name


def test_text_of_posts_is_never_markup(page: Client, rich: Channel) -> None:
    Post.objects.filter(channel=rich).update(text="<script>alert(1)</script> #<b>x")
    for name in ("posts", "changes", "trending"):
        assert "<script>alert" not in text_of(page.get(f"{BASE}{name}/?period=all"))


# Of them three find the session, the person with the workspace, and the channel with its progress.
STATEMENTS = {
    "now": 9,
    "growth": 16,
    "posts": 10,
    "timing": 9,
    "content": 7,
    "trending": 9,
    "sources": 11,
    "audience": 13,
    "changes": 7,
    "notes": 5,
}


@pytest.mark.parametrize("name", ALL)
def test_section_takes_as_many_statements(
    page: Client, rich: Channel, name: str, django_assert_num_queries: Any
) -> None:
    page.get(f"{BASE}{name}/")
    with django_assert_num_queries(STATEMENTS[name]):
        page.get(f"{BASE}{name}/")


@given(before=st.text(max_size=300), after=st.text(max_size=300))
def test_difference_is_made_of_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    if any("…" in piece.text for piece in pieces):
        return
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.GONE) == after
