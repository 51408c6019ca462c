"""Shared links as strangers see them: the numbers of the app, the period and the sections of the link, nothing else."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from analyticbot.core.audit import SYSTEM
from analytics.network.work import run_due_network
from analytics.notes.models import Note
from analytics.sharing.links import change_link, revoke_link, rotate_link
from analytics.sharing.models import SHAREABLE, SharedLink
from analytics.sharing.terms import Terms, terms_of
from channels_app.models import Channel, SyncState, TrackedChannel
from channels_app.tracking import untrack_channel
from tests.face.sharing_world import PUBLIC, Share, rich, share, sharing, stranger
from tests.face.world import new_channel, track
from tests.factories import bearer, make_token

__all__ = ["rich", "share", "stranger"]
TASHKENT = ZoneInfo("Asia/Tashkent")
FIGURE = re.compile(r'<p class="figure__value">(.*?)</p>')
CELL = re.compile(r'<td class="number.*?>(.*?)</td>', re.DOTALL)
ADDRESS = re.compile(r'(?:href|action|src|hx-get|hx-post)="([^"]+)"')


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def numbers(text: str) -> tuple[list[str], list[str]]:
    return FIGURE.findall(text), CELL.findall(text)


def test_stranger_sees_no_way_out_and_nothing_of_the_workspace(
    rich: Channel, share: Share, stranger: Client, workspace: Workspace, person: User
) -> None:
    link, root = share(sections=SHAREABLE, owner_facts=True, exports=True, frame_ancestors=("https://example.org",))
    Note.objects.create(
        workspace=workspace, channel=rich, author=person, at=timezone.now() - timedelta(days=3), text="Paid campaign",
        created_at=timezone.now(), changed_at=timezone.now(),
    )  # fmt: skip

    for address in (*(f"{root}{name}/" for name in SHAREABLE), root, f"{root}embed/"):
        text = text_of(stranger, address)

        for way in ADDRESS.findall(text):
            inside = way.startswith(("?", root, "/static/", "https://t.me/", "#"))
            inside = inside or way in {"/privacy/", "/terms/", "/cookies/"}
            assert inside or way.startswith(f"http://testserver{root}"), (address, way)
        for secret in (str(link.public_id), str(workspace.public_id), person.email, "Paid campaign", "For advertisers"):
            assert secret not in text, (address, secret)
        assert 'name="robots" content="noindex' in text
        assert "/app/" not in text


def test_answers_are_kept_by_nobody_and_indexed_by_nobody(share: Share, stranger: Client) -> None:
    _link, root = share(password="open sesame")

    for address in (root, f"{root}posts/", "/s/nothing/", f"{root}badge.svg"):
        headers = stranger.get(address).headers
        assert headers["X-Robots-Tag"].startswith("noindex")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == ("no-cache" if address.endswith(".svg") else "private, no-store")
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", ["overview", "growth", "posts", "content", "sources"])
def test_numbers_are_those_of_the_app(rich: Channel, share: Share, stranger: Client, page: Client, name: str) -> None:
    _link, root = share(sections=SHAREABLE, owner_facts=True, compares=True)
    place = "" if name == "overview" else f"{name}/"

    shared = numbers(text_of(stranger, f"{root}{name}/"))

    assert shared == numbers(text_of(page, f"/app/channels/@{rich.username}/{place}?period=28d"))
    assert any(shared)


def test_numbers_are_those_of_the_api(
    rich: Channel, share: Share, stranger: Client, workspace: Workspace, now: datetime
) -> None:
    days = {"first_day": (now - timedelta(days=20)).date(), "last_day": (now - timedelta(days=11)).date()}
    _link, root = share(preset="", exports=True, owner_facts=True, **days)
    query = f"from={days['first_day']}&to={days['last_day'] + timedelta(days=1)}"

    told = stranger.get(f"{root}overview/files/statistics.json").json()["data"]["totals"]

    address = f"/api/v2/analytics/channels/@{rich.username}/overview?{query}"
    headers = bearer(make_token(workspace))
    answer = Client().get(address, headers=headers).json()["data"]
    assert answer["posts"] > 0
    for name in ("followers", "avg_reach", "err", "posts", "views", "reactions", "er_views"):
        assert told[name] == pytest.approx(answer[name]), name


def test_the_period_cannot_be_left(full: Channel, share: Share, stranger: Client, now: datetime) -> None:
    first, last = (now - timedelta(days=20)).date(), (now - timedelta(days=11)).date()
    _link, root = share(preset="", first_day=first, last_day=last, exports=True)
    wild = (
        "period=365d&compare=year&zone=Pacific/Kiritimati",
        f"first=2020-01-01&last=2030-01-01&from=2020-01-01&to=2030-01-01&compare=channel:@{full.username}",
    )

    for name in ("", "growth/", "posts/", "timing/", "content/", "sources/"):
        plain = text_of(stranger, f"{root}{name}")
        assert plain.count(f"{first:%b} {first.day}") > 0
        for query in wild:
            assert text_of(stranger, f"{root}{name}?{query}") == plain, (name, query)
    plain = stranger.get(f"{root}posts/files/posts.json").json()
    found = [datetime.fromisoformat(post["date"]).astimezone(TASHKENT).date() for post in plain["data"]]
    assert (min(found), max(found)) == (first, last)
    asked = stranger.get(f"{root}posts/files/posts.json?from=2020-01-01&to=2030-01-01").json()
    assert asked["data"] == plain["data"]


def test_days_long_past_do_not_tell_how_the_channel_stands_today(
    full: Channel, share: Share, stranger: Client, now: datetime
) -> None:
    run_due_network(now=now)
    first, last = (now - timedelta(days=20)).date(), (now - timedelta(days=11)).date()
    _past, root = share(preset="", first_day=first, last_day=last, exports=True)
    assert "citation-title" not in text_of(stranger, f"{root}sources/")
    for name in ("citation-index", "benchmarks"):
        assert stranger.get(f"{root}sources/files/{name}.json").status_code == 404
    _present, root = share(exports=True)
    assert "citation-title" in text_of(stranger, f"{root}sources/")
    assert stranger.get(f"{root}sources/files/benchmarks.json").status_code == 200


def test_trending_looks_no_further_back_than_the_period(
    full: Channel, share: Share, stranger: Client, now: datetime
) -> None:
    day = (now - timedelta(days=5)).date()
    _link, root = share(preset="", first_day=day, last_day=day, exports=True)

    assert "7 days" not in text_of(stranger, f"{root}trending/?window=168")
    found = stranger.get(f"{root}trending/files/trending.json?window=168").json()["meta"]["period"]
    start, end = (datetime.fromisoformat(found[name]) for name in ("from", "to"))
    assert end - start <= timedelta(days=1)


def test_a_moving_period_moves_with_the_days(share: Share, stranger: Client) -> None:
    _link, root = share(preset="7d")

    assert "7 days" in text_of(stranger, root)


def test_sections_that_are_not_shared_are_not_there(full: Channel, share: Share, stranger: Client) -> None:
    _link, root = share(sections=("posts",), exports=True)

    text = text_of(stranger, root)

    assert 'data-metric="followers"' not in text and 'id="posts"' in text
    for name in ("overview", "growth", "timing", "audience", "changes", "notes", "nothing"):
        assert stranger.get(f"{root}{name}/").status_code == 404, name
        assert stranger.get(f"{root}{name}/files/statistics.csv").status_code == 404
    _link, root = share(sections=("overview", "timing", "content"))
    for name in ("", "timing/", "content/"):
        assert f"{root}posts/" not in text_of(stranger, f"{root}{name}")


def test_what_is_for_owners_is_shown_only_where_the_link_says_so(rich: Channel, share: Share, stranger: Client) -> None:
    _hidden, without = share(exports=True)
    _shown, told = share(sections=SHAREABLE, owner_facts=True)

    assert 'data-metric="joined"' in text_of(stranger, f"{told}growth/")
    assert "Uzbek" in text_of(stranger, f"{told}audience/")
    for name in PUBLIC:
        text = text_of(stranger, f"{without}{name}/")
        assert 'data-metric="joined"' not in text
        assert "Official" not in text and "as Telegram counts" not in text, name
        assert "Prove that the channel is yours" not in text
    told_days = stranger.get(f"{without}growth/files/statistics.json").json()["data"]["points"]
    assert not any("joined" in point for point in told_days)


def test_what_is_for_owners_ends_with_owning(
    rich: Channel, share: Share, stranger: Client, workspace: Workspace
) -> None:
    _link, root = share(sections=SHAREABLE, owner_facts=True)
    TrackedChannel.objects.filter(workspace=workspace).update(relation="watched")

    assert 'data-metric="joined"' not in text_of(stranger, f"{root}growth/")


def test_revoked_expired_rotated_and_unknown_addresses_answer_the_same(
    share: Share, stranger: Client, settings: Any, now: datetime
) -> None:
    revoked, over, turned, off = (share(exports=True) for _number in range(4))
    for _link, root in (revoked, over, turned, off):
        assert stranger.get(root).status_code == 200
    revoke_link(revoked[0], actor=SYSTEM, now=now)
    SharedLink.objects.filter(pk=over[0].pk).update(created_at=now - timedelta(days=3), expires_at=now)
    _row, token = rotate_link(turned[0], actor=SYSTEM, now=now)
    assert stranger.get(f"/s/{token}/").status_code == 200

    unknown = stranger.get("/s/AAAAAAAAAAAAAAAAAAAAAAAAAAA/")

    assert unknown.status_code == 404
    answers = [stranger.get(f"{root}{end}") for _link, root in (revoked, over, turned) for end in ENDS]
    answers.append(stranger.get("/s/short/"))
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {unknown.content}
    settings.SHARE_LINKS_ENABLED = False
    assert stranger.get(off[1]).content == unknown.content


ENDS = ("", "posts/", "embed/", "badge.svg", "og.png", "posts/files/posts.csv")


def test_a_link_ends_with_the_channel_or_the_workspace(share: Share, stranger: Client, now: datetime) -> None:
    link, root = share()

    untrack_channel(link.tracked, actor=SYSTEM, now=now)

    assert stranger.get(root).status_code == 404


def test_only_a_hash_of_the_address_is_kept(share: Share) -> None:
    tokens = {share()[1].split("/")[2] for _number in range(20)}

    assert len(tokens) == 20
    for token in tokens:
        assert len(token) == 27  # 160 bits, 30 of them told in the list
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM analytics_sharedlink s WHERE s::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM core_auditentry a WHERE a::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,)


def test_a_visitor_reads_in_their_language_and_colours(share: Share, stranger: Client) -> None:
    _link, root = share(theme="dark")

    first = stranger.get(root, headers={"Accept-Language": "uz"})
    assert '<html lang="uz" data-theme="dark"' in first.content.decode()
    chosen = stranger.get(f"{root}?lang=ru&theme=light")
    assert '<html lang="ru" data-theme="light"' in chosen.content.decode()
    later = stranger.get(f"{root}growth/", headers={"Accept-Language": "uz"})
    assert '<html lang="ru" data-theme="light"' in later.content.decode()
    assert all(cookie["path"] == "/s/" for cookie in stranger.cookies.values())
    assert 'href="?lang=uz&amp;media=photo"' in text_of(stranger, f"{root}posts/?media=photo")


def test_files_are_given_only_where_the_link_allows_them(full: Channel, share: Share, stranger: Client) -> None:
    _open, root = share(exports=True)
    _closed, shut = share()

    files = re.findall(r'href="([^"]*/files/[^"]*)"', text_of(stranger, f"{root}timing/?media=photo"))

    assert {file.rpartition(".")[2].partition("?")[0] for file in files} == {"csv", "xlsx", "json", "png", "svg"}
    for file in files:
        answer = stranger.get(file.replace("&amp;", "&"))
        assert answer.status_code == 200 and "media=photo" in file
        assert answer["Content-Disposition"].startswith("attachment")
    assert "/files/" not in text_of(stranger, f"{shut}timing/")
    assert stranger.get(f"{shut}timing/files/calendar.csv").status_code == 404
    assert stranger.get(f"{root}timing/files/statistics.csv").status_code == 404
    everything = stranger.get(f"{root}posts/files/posts.csv").content.decode().splitlines()
    assert len(everything) > 50  # all posts of the period, not the page


def test_terms_take_effect_at_once(share: Share, stranger: Client, now: datetime) -> None:
    link, root = share()
    terms = terms_of(link)

    changed = Terms(name="x", expires_at=terms.expires_at, sections=("growth",), preset="7d")
    change_link(link, terms=changed, actor=SYSTEM, now=now)

    assert "7 days" in text_of(stranger, root)
    assert stranger.get(f"{root}posts/").status_code == 404


def test_unreadable_channels_are_told_as_such(
    person: User, workspace: Workspace, stranger: Client, now: datetime
) -> None:
    channel = new_channel("nothing_here", now=now, state=SyncState.FAILED, error="PEER_NOT_FOUND: no such peer")
    track(workspace, channel, now=now)
    _link, root = sharing(person, workspace, channel, now=now)()

    text = text_of(stranger, root)

    assert "no such peer" not in text and "Nothing could be collected" in text


def test_a_page_that_many_look_at_is_drawn_once(
    full: Channel, share: Share, stranger: Client, now: datetime, django_assert_num_queries: Any
) -> None:
    link, root = share()
    first = text_of(stranger, root)

    with django_assert_num_queries(2):  # the link, its channel
        assert text_of(stranger, root) == first
    assert text_of(stranger, f"{root}?lang=ru") != first
    Channel.objects.filter(pk=full.pk).update(title="Another name", version=full.version + 1)
    assert "Another name" in text_of(stranger, f"{root}?lang=en")
    revoke_link(link, actor=SYSTEM, now=now)
    assert stranger.get(root).status_code == 404
