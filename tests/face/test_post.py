"""The page of one post: its text, its numbers against what is usual, its neighbours."""

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
from analytics.questions.asking import Reader, ask_channel, channel_for
from analytics.questions.post import QUESTIONS
from channels_app.models import Channel, Post, PostSnapshot, Relation, TrackedChannel
from tests.face.post_world import full_post, watched_posts

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

# Person, memberships, channel, post, readings, band, neighbours.
QUERIES_OF_A_POST = 8


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def address(post: Post) -> str:
    return f"/app/channels/@qulay_savdo/posts/{post.message_id}/"


def test_text_is_shown_as_in_telegram(page: Client, full: Channel, now: datetime) -> None:
    text = text_of(page.get(address(full_post(full, now=now))))
    assert "😀 <strong>Narxlar</strong> e&#x27;lon qilindi <em>&lt;b&gt;19 000&lt;/b&gt;</em>" in text
    assert '<a href="https://example.org" rel="noreferrer nofollow">example.org</a>' in text
    assert '<a href="https://t.me/qulay_savdo" rel="noreferrer nofollow">@qulay_savdo</a>' in text
    assert '<span class="rich__hidden">qovun</span></details>' in text


def test_numbers_are_those_of_the_question(page: Client, workspace: Workspace, full: Channel, now: datetime) -> None:
    post = full_post(full, now=now)
    text = text_of(page.get(address(post)))
    reader = Reader(workspace.pk, workspace.time_zone)
    asked = ask_channel(reader, channel_for(reader, "@qulay_savdo"), {}, now=timezone.now(), path={
        "msg_id": post.message_id})  # fmt: skip
    data = QUESTIONS[0].answer(asked).data
    table = text.split('aria-labelledby="ages-title"')[1].split("</table>")[0]
    rows = re.findall(r'<tr> <th scope="row">.*?</tr>', table)
    known = [age for age in data["ages"] if age["views"] is not None or age["expected_n"]]
    assert len(rows) == len(known) == 6
    for row, age in zip(rows, known, strict=True):
        cells = [plain(re.sub(r'<span class="fold__name".*?</span>', "", cell)) for cell in row.split("<td")[1:]]
        shown = [cell.partition(">")[2].strip() for cell in cells]
        assert shown[0] == ("—" if age["views"] is None else written(age["views"]))
        assert shown[4] == str(age["expected_n"])
    views = text.split('data-metric="views"')[1].split("</li>")[0]
    assert written(data["views"]) in plain(views)
    assert "counted by us in Telegram" in plain(views)


def test_a_post_that_nobody_saw_young_says_so(page: Client, full: Channel, now: datetime) -> None:
    """Four others are too few for what is usual: a table of dashes would tell nothing."""
    posts = watched_posts(full, now=now, count=5)
    PostSnapshot.objects.filter(post=posts[-1]).delete()
    text = text_of(page.get(address(posts[-1])))
    section = text.split('aria-labelledby="ages-title"')[1].split("</section>")[0]
    assert "Nothing is known of the first hours and days" in section
    assert "<table" not in section


def written(value: float) -> str:
    return f"{value / 1000:.1f}K" if value >= 10_000 else f"{value:,.0f}"


def test_curve_lies_on_the_usual_band(page: Client, full: Channel, now: datetime) -> None:
    text = text_of(page.get(address(full_post(full, now=now))))
    assert 'class="chart__band"' in text
    assert 'id="curve-table"' in text


def test_half_life_says_why_it_is_unknown(page: Client, full: Channel, now: datetime) -> None:
    text = text_of(page.get(address(full_post(full, now=now))))
    card = plain(text.split('data-metric="half_life"')[1].split("</li>")[0])
    assert "Known once the post is 7 days old." in card
    assert card.endswith("—")


def test_edits_show_what_changed(page: Client, full: Channel, now: datetime) -> None:
    text = text_of(page.get(address(full_post(full, now=now))))
    edits = text.split('aria-labelledby="edits-title"')[1]
    assert "<del>18</del><ins>19</ins>" in edits
    assert "<del>17</del><ins>18</ins>" in edits
    assert edits.index("<del>18</del>") < edits.index("<del>17</del>")


def test_reactions_are_named(page: Client, full: Channel, now: datetime) -> None:
    text = plain(text_of(page.get(address(full_post(full, now=now)))))
    assert "👍 30" in text
    assert "Custom emoji 2286 10" in text
    assert "Paid with Stars 5" in text


def test_public_forwards_are_for_owners(page: Client, full: Channel, now: datetime) -> None:
    post = full_post(full, now=now)
    assert "Boshqa &lt;kanal&gt;" in text_of(page.get(address(post)))
    TrackedChannel.objects.update(relation=Relation.WATCHED)
    text = text_of(page.get(address(post)))
    assert "Boshqa" not in text
    assert "Prove that the channel is yours" in text


def test_neighbours_are_linked_and_end_at_the_ends(page: Client, full: Channel, now: datetime) -> None:
    posts = sorted(full.posts.all(), key=lambda post: (post.published_at, post.message_id))
    text = text_of(page.get(address(posts[5])))
    assert re.search(rf'rel="prev" href="[^"]*/posts/{posts[4].message_id}/"', text)
    assert re.search(rf'rel="next" href="[^"]*/posts/{posts[6].message_id}/"', text)
    assert 'rel="prev"' not in text_of(page.get(address(posts[0])))
    assert 'rel="next"' not in text_of(page.get(address(posts[-1])))


def test_deleted_post_says_so_and_is_nobodys_neighbour(page: Client, full: Channel, now: datetime) -> None:
    posts = sorted(full.posts.all(), key=lambda post: (post.published_at, post.message_id))
    Post.objects.filter(pk=posts[5].pk).update(deleted_at=now)
    assert "This post was found deleted" in text_of(page.get(address(posts[5])))
    assert f"/posts/{posts[6].message_id}/" in text_of(page.get(address(posts[4])))


def test_unknown_post_is_not_found(page: Client, full: Channel) -> None:
    assert page.get("/app/channels/@qulay_savdo/posts/999999/").status_code == 404
    assert page.get("/app/channels/@qulay_savdo/posts/99999999999999999999/").status_code == 404
    assert page.get("/app/channels/@nobody_here/posts/10/").status_code == 404


def test_post_of_unknown_counters_is_not_zero(page: Client, full: Channel) -> None:
    post = full.posts.filter(views=None).first()
    assert post is not None
    text = text_of(page.get(address(post)))
    for name in ("views", "forwards", "reactions", "er_views"):
        assert plain(text.split(f'data-metric="{name}"')[1].split("</li>")[0]).endswith("—")


@pytest.mark.parametrize("count", [1, 9])
def test_post_takes_the_same_queries_however_much_there_is(
    page: Client, full: Channel, now: datetime, count: int
) -> None:
    post = watched_posts(full, now=now, count=count)[-1]
    with CaptureQueriesContext(connection) as queries:
        assert page.get(address(post)).status_code == 200
    assert len(queries) == QUERIES_OF_A_POST
