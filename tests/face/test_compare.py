"""Channels side by side: the numbers, the best of them, the lines, the address."""

import re
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from analytics.compare_pages import COMPARED
from analytics.period import last_days, zone_named
from analytics.questions.asking import Reader, ask_workspace
from analytics.questions.compare import QUESTIONS
from channels_app.models import Channel, Post
from tests.face.world import full_channel, track
from tests.factories import make_tracked, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

# Person, memberships, chosen channels; sums and context of the totals and of the steps; channels to choose from; saved
# filters.
QUERIES_OF_A_COMPARISON = 9


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def several(workspace: Workspace, now: datetime) -> list[Channel]:
    """Seven channels, each with more views than the one before."""
    made = []
    for number in range(7):
        channel = full_channel(now=now, username=f"side_{number}", days=35, title=f"Side {number}")
        Post.objects.filter(channel=channel).update(views=1000 * (number + 1))
        track(workspace, channel, now=now)
        made.append(channel)
    return made


def rows_of(text: str) -> list[list[str]]:
    body = (
        text.split('class="table table--fold table--compare"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    )
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    cells = [re.findall(r'<td class="number.*?</td>', row) for row in rows]
    return [[plain(re.sub(r'<span class="fold__name".*?</span>', "", cell)) for cell in row] for row in cells]


def test_numbers_are_those_of_the_question(page: Client, workspace: Workspace, several: list[Channel]) -> None:
    text = text_of(page.get("/app/compare/?channels=@side_0,@side_2&period=7d"))
    period = last_days(7, now=timezone.now(), zone=zone_named("Asia/Tashkent"))
    parameters = {
        "channels": "@side_0,@side_2", "metrics": ",".join(COMPARED),
        "from": period.start.isoformat(), "to": period.end.isoformat(),
    }  # fmt: skip
    asked = ask_workspace(Reader(workspace.pk, workspace.time_zone), parameters, now=timezone.now())
    answer = QUESTIONS[0].answer(asked).data["channels"]
    for shown, told in zip(rows_of(text), answer, strict=True):
        at = COMPARED.index
        assert shown[at("posts")].endswith(str(told["totals"]["posts"]))
        assert shown[at("avg_reach")].endswith(f"{told['totals']['avg_reach']:,.0f}")
        assert shown[at("err")].endswith(f"{told['totals']['err']:.1f}".rstrip("0").rstrip(".") + "%")


def test_best_is_marked_by_more_than_colour(page: Client, several: list[Channel]) -> None:
    rows = rows_of(text_of(page.get("/app/compare/?channels=@side_0,@side_2")))
    reach, posts = COMPARED.index("avg_reach"), COMPARED.index("posts")
    assert rows[1][reach].startswith("★ the most: 3,000")
    assert "★" not in rows[0][reach]
    assert all("★" not in row[posts] for row in rows)


def test_nobody_is_best_alone(page: Client, several: list[Channel]) -> None:
    assert "the most:" not in text_of(page.get("/app/compare/?channels=@side_0"))


def test_ticked_boxes_become_one_address(page: Client, several: list[Channel]) -> None:
    response = page.get("/app/compare/?channels=@side_0&channels=@side_1&period=7d")
    assert response.status_code == 302
    assert response["Location"] == "/app/compare/?channels=@side_0,@side_1&period=7d"


def test_period_and_metric_keep_the_channels(page: Client, several: list[Channel]) -> None:
    text = unescape(text_of(page.get("/app/compare/?channels=@side_0,@side_1&metric=err&period=7d")))
    assert "?period=90d&channels=%40side_0%2C%40side_1&metric=err" in text
    assert "?channels=@side_0,@side_1&metric=views&period=7d" in text
    assert re.search(r'<a class="pick" href="[^"]*metric=err[^"]*" aria-current="true">ERR</a>', text)


def test_chart_has_five_lines_at_most_and_says_so(page: Client, several: list[Channel]) -> None:
    names = ",".join(f"@side_{number}" for number in range(7))
    text = text_of(page.get(f"/app/compare/?channels={names}"))
    head = plain(text.split('id="compare-table"')[1].split("</thead>")[0])
    assert "Side 4" in head
    assert "Side 5" not in head
    assert "The chart shows the first five channels" in text
    assert len(rows_of(text)) == 7


@pytest.mark.parametrize("period", ["today", "7d", "90d", "365d", "all"])
def test_each_period_is_a_page(page: Client, several: list[Channel], period: str) -> None:
    assert page.get(f"/app/compare/?channels=@side_0,@side_1&period={period}").status_code == 200


def test_without_channels_there_is_a_choice(page: Client, several: list[Channel]) -> None:
    text = text_of(page.get("/app/compare/"))
    assert text.count('type="checkbox" name="channels"') == 7
    assert '<details class="card choose" open>' in text


def test_empty_workspace_is_told_what_to_do(page: Client) -> None:
    assert "Nothing to compare yet" in text_of(page.get("/app/compare/"))


@pytest.mark.parametrize(
    ("channels", "status"),
    [("@nobody", 404), ("@side_0,@side_0", 400), (",".join(f"@side_{n}" for n in range(11)), 400), (",", 400)],
)
def test_what_cannot_be_compared_says_why(page: Client, several: list[Channel], channels: str, status: int) -> None:
    response = page.get(f"/app/compare/?channels={channels}")
    assert response.status_code == status
    assert 'role="alert"' in text_of(response)
    assert 'type="checkbox" name="channels"' in text_of(response)


def test_channels_of_others_cannot_be_named(page: Client, several: list[Channel]) -> None:
    other = make_tracked(make_workspace(name="Other"))
    response = page.get(f"/app/compare/?channels=@side_0,@{other.channel.username}")
    assert response.status_code == 404
    assert other.channel.title not in text_of(response)


@pytest.mark.parametrize("count", [1, 3])
def test_comparison_takes_the_same_queries_for_any_number(page: Client, several: list[Channel], count: int) -> None:
    names = ",".join(f"@side_{number}" for number in range(count))
    with CaptureQueriesContext(connection) as queries:
        assert page.get(f"/app/compare/?channels={names}").status_code == 200
    assert len(queries) == QUERIES_OF_A_COMPARISON


def test_htmx_gets_the_report_alone(page: Client, several: list[Channel]) -> None:
    text = text_of(page.get("/app/compare/?channels=@side_0", headers={"HX-Request": "true"}))
    assert text.strip().startswith('<div id="report"')


def test_filters_narrow_the_comparison(page: Client, workspace: Workspace, full: Channel, now: datetime) -> None:
    address = "/app/compare/?channels=@qulay_savdo&period=90d"
    whole, narrow = (
        table_of(" ".join(page.get(address + more).content.decode().split())) for more in ("", "&media=video")
    )
    videos = Post.objects.filter(channel=full, media_kind="video", deleted_at=None).count()
    assert whole[0][8] == str(Post.objects.filter(channel=full, deleted_at=None).count())
    assert narrow[0][8] == str(videos)
    text = unescape(page.get(address + "&media=video").content.decode())
    assert re.search(r'class="chip"\s+href="\?channels=@qulay_savdo&period=90d"', text)
    assert "metric=err&period=90d" in text or "media=video&period=90d" in text
    assert "Average reach ÷ subscribers × 100." in text


def table_of(text: str) -> list[list[str]]:
    """The cells of the table as a person reads them, without what is hidden."""
    body = text.split("table--compare")[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr")[1:]]
    return [[re.sub(r"<[^>]+>", "", re.sub(r'<span class="fold__name".*?</span>', "", cell)).strip() for cell in row]
            for row in rows]  # fmt: skip
