"""What stands above a section: the comparison, the zone, filters and their names, downloads."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.conf import settings
from django.db.models import Sum
from django.test import Client

from accounts.models import Membership, Role, User, Workspace
from analyticbot.core.models import AuditEntry
from analytics.comparison import WAYS
from analytics.exports.models import ExportFile
from analytics.exports.work import run_due_exports
from analytics.period import Period, last_days, zone_named
from analytics.picker import LABELS
from analytics.queries.statistics import Comparison, compared_period
from analytics.saved.models import SavedSegment
from analytics.sections.files import MOST_ROWS
from analytics.sections.places import FIRST, SECTIONS
from channels_app.models import Channel, ChannelHour, ChannelSync, Post, SyncState
from tests.face.section_world import enrich
from tests.face.test_sections import HTMX, figure, plain, table, text_of
from tests.face.world import full_channel, track
from tests.factories import make_user, make_workspace

BASE = "/app/channels/@qulay_savdo/"
ADDRESSES = [BASE, *(f"{BASE}{name}/" for name in SECTIONS)]
COMPARED = [BASE, *(f"{BASE}{one.name}/" for one in SECTIONS.values() if one.compares)]


@pytest.fixture
def rich(full: Channel, now: datetime) -> Channel:
    """The channel with one of everything, and views counted by the hour for forty days."""
    enrich(full, now=now)
    ChannelSync.objects.filter(channel=full).update(started_at=now - timedelta(days=40))
    hour = now.replace(minute=0, second=0, microsecond=0)
    ChannelHour.objects.bulk_create(
        ChannelHour(channel=full, hour=hour - timedelta(hours=number), views=400 + number % 7, forwards=1)
        for number in range(24 * 40)
    )
    return full


@pytest.fixture
def last28(now: datetime) -> Period:
    """The default period of the page."""
    return last_days(28, now=now, zone=zone_named("Asia/Tashkent"))


def posts_of(channel: Channel, period: Period, **filters: Any) -> Any:
    """The posts of a period, counted by the ORM: the oracle."""
    return Post.objects.filter(
        channel=channel, deleted_at=None, published_at__gte=period.start, published_at__lt=period.end, **filters
    )


def difference(text: str, name: str) -> str:
    """The exact difference that a figure tells."""
    card = plain(text.split(f'data-metric="{name}"')[1].split("</li>", maxsplit=1)[0])
    found = re.search(r"Difference: ([^ ]+)\.", card)
    assert found, card
    return found[1].replace("−", "-").replace(",", "").replace("\xa0", "")


def test_every_page_opens_for_each_period_and_comparison(page: Client, workspace: Workspace, rich: Channel) -> None:
    periods = [f"period={name}" for name in LABELS]
    ways = [*WAYS, "channel:@qulay_savdo", "nonsense"]
    for number, address in enumerate(ADDRESSES):
        # Every period and every comparison with those that compare, in turns; the others with some.
        for place, period in enumerate(periods[number % 2 :: 2] if address in COMPARED else periods[number % 5 :: 5]):
            asked = f"{address}?{period}&compare={ways[(number + place) % len(ways)]}"
            assert page.get(asked, headers=HTMX).status_code == 200, asked


@pytest.mark.parametrize("way", ["previous", "weekdays", "year"])
def test_differences_are_those_of_the_database(page: Client, rich: Channel, last28: Period, way: str) -> None:
    then = compared_period(last28, Comparison(way))
    Post.objects.filter(channel=rich, published_at__lt=last28.start - timedelta(days=29)).update(
        published_at=then.start + timedelta(hours=5), views=1234, forwards=7
    )
    text = text_of(page.get(f"{BASE}?compare={way}"))
    ours, theirs = posts_of(rich, last28), posts_of(rich, then)
    assert theirs.count() > 0
    assert difference(text, "posts") == f"{ours.count() - theirs.count():+d}".replace("+0", "0")
    views = [posts.aggregate(sum=Sum("views"))["sum"] for posts in (ours, theirs)]
    assert difference(text, "views") == f"{views[0] - views[1]:+d}"
    assert "chart__compared" in text.split('id="reach-heading"')[1].split("</section>")[0]
    assert f"Compared with {then_words(text)}" in plain(text)


def then_words(text: str) -> str:
    """How the legend names the other period."""
    keys = text.split('id="reach-heading"')[1].split('class="chart__keys">')[1].split("</ul>", maxsplit=1)[0]
    return plain(keys).removeprefix("This period ")


def test_comparison_can_be_switched_off_and_goes_along(page: Client, rich: Channel) -> None:
    text = unescape(text_of(page.get(f"{BASE}?compare=none&period=7d")))
    assert "before:" not in plain(text)
    assert "chart__compared" not in text
    assert f'{BASE}growth/?period=7d&compare=none"' in text
    assert 'data-preset="90d" href="?period=90d&compare=none"' in text


def test_steps_of_a_table_tell_their_difference(page: Client, rich: Channel) -> None:
    week = table(text_of(page.get(f"{BASE}growth/?period=7d&compare=weekdays")), "steps")
    month = table(text_of(page.get(f"{BASE}growth/?period=28d&compare=none")), "steps")
    known = {row[0]: row[1] for row in month}
    days, compared = [*known], 0
    for row in week:
        count, _space, gone = row[1].partition(" ")
        before = known[days[days.index(row[0]) + 7]]
        if "—" not in (count, before):
            compared += 1
            told = int(gone.replace(",", "").replace("−", "-"))
            assert told == int(count.replace(",", "")) - int(before.replace(",", ""))
    assert compared


def test_another_channel_stands_beside(page: Client, workspace: Workspace, rich: Channel, now: datetime) -> None:
    other = full_channel(now=now, username="boshqa", title="Boshqa", days=40)
    track(workspace, other, now=now)
    Post.objects.filter(channel=other).update(views=5000)
    text = text_of(page.get(f"{BASE}?compare=channel:@boshqa"))
    assert "there: 5,000" in plain(text.split('data-metric="avg_reach"')[1].split("</li>")[0])
    assert 'data-compare="channel:@boshqa"' in text
    stranger = make_workspace(name="Other")
    track(stranger, full_channel(now=now, username="secret", days=5), now=now)
    answer = page.get(f"{BASE}?compare=channel:@secret")
    assert answer.status_code == 200
    assert 'role="alert"' in text_of(answer)


def test_days_can_be_those_of_the_reader(page: Client, person: User, rich: Channel) -> None:
    assert "data-zone" in text_of(page.get(BASE))  # a person begins with UTC, the workspace is in Tashkent
    person.time_zone = "America/New_York"
    person.save()
    Post.objects.filter(channel=rich).delete()
    Post.objects.create(
        channel=rich,
        message_id=1,
        published_at=datetime.fromisoformat("2026-03-05T02:00:00+00:00"),
        text="late",
        text_hash=b"0",
        media_kind="none",
        views=5,
        first_seen_at=rich.created_at,
        first_source="mtproto",
    )
    day = "first=2026-03-04&last=2026-03-04"
    assert figure(text_of(page.get(f"{BASE}?{day}")), "posts") == "0"
    own = unescape(text_of(page.get(f"{BASE}?{day}&zone=own")))
    assert figure(own, "posts") == "1"
    assert ", 21:00" in own or "Wed 21:00" in plain(own)
    assert f'{BASE}growth/?first=2026-03-04&last=2026-03-04&zone=own"' in own
    person.time_zone = "Asia/Tashkent"
    person.save()
    assert "data-zone" not in text_of(page.get(BASE))


def test_sums_under_a_filter_are_those_of_the_database(page: Client, rich: Channel, last28: Period) -> None:
    for query, filters in (
        ("media=video", {"media_kind": "video"}),
        ("hashtag=aksiya", {"hashtags__contains": ["aksiya"]}),
        ("forwarded=true", {"is_forward": True}),
        ("weekday=3", {"published_at__in": of_weekday(rich, 3)}),
    ):
        wanted = posts_of(rich, last28, **filters)
        for address in (BASE, f"{BASE}posts/"):
            text = text_of(page.get(f"{address}?{query}&compare=none"))
            assert figure(text, "posts") == str(wanted.count()), query
            exact = re.search(r'title="([\d,]+)"', text.split('data-metric="views"')[1].split('figure__value">')[1])
            assert exact, query
            assert int(exact[1].replace(",", "")) == wanted.aggregate(sum=Sum("views"))["sum"], query
            assert 'class="chip"' in text
            assert "data-clears" in text


def of_weekday(channel: Channel, weekday: int) -> list[datetime]:
    """Moments of posts of a local weekday."""
    zone = zone_named("Asia/Tashkent")
    moments = Post.objects.filter(channel=channel).values_list("published_at", flat=True)
    return [moment for moment in moments if moment.astimezone(zone).isoweekday() == weekday]


def test_whatever_a_filter_cannot_narrow_gives_way(page: Client, rich: Channel) -> None:
    text = text_of(page.get(f"{BASE}?media=video"))
    assert 'data-metric="followers"' not in text
    assert 'id="anomalies-title"' not in text
    assert 'id="views-heading"' in text
    clicked = unescape(text_of(page.get(BASE)))
    for value in ("media=video", "hashtag=aksiya", "forwarded=true", "weekday=", "hour="):
        assert f'href="?{value}' in clicked


def test_filters_are_kept_under_names(page: Client, workspace: Workspace, person: User, rich: Channel) -> None:
    where = f"{BASE}posts/?period=90d&media=video&weekday=3"
    assert page.post("/app/segments/", {"name": " Videos  of Wednesday ", "next": where})["Location"] == where
    [row] = SavedSegment.objects.all()
    assert (row.name, row.filters) == ("Videos of Wednesday", {"media": "video", "weekday": "3"})
    text = unescape(text_of(page.get(f"{BASE}timing/?period=7d&hashtag=aksiya")))
    assert 'href="?period=7d&media=video&weekday=3"' in text
    assert "Videos of Wednesday" in text
    held = unescape(text_of(page.get(where)))
    assert 'href="?period=90d&media=video&weekday=3" aria-current="true"' in held

    answer = page.post("/app/segments/", {"name": "videos of wednesday", "next": where}, follow=True)
    assert "There are saved filters of this name already." in text_of(answer)
    answer = page.post("/app/segments/", {"name": "Nothing", "next": f"{BASE}posts/"}, follow=True)
    assert "Choose at least one filter first." in text_of(answer)
    page.post(f"/app/segments/{row.public_id}/", {"name": "Wednesdays", "next": where})
    row.refresh_from_db()
    assert row.name == "Wednesdays"
    assert page.post(f"/app/segments/{row.public_id}/remove/", {"next": "https://evil.example/"})["Location"] == "/app/"
    assert not SavedSegment.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="analytics:segment").order_by("pk")
    assert [one.action.rpartition(":")[2] for one in actions] == ["saved", "renamed", "removed"]


def test_viewers_use_saved_filters_and_change_none(
    page: Client, workspace: Workspace, person: User, rich: Channel, now: datetime
) -> None:
    kept = SavedSegment.objects.create(workspace=workspace, name="Videos", filters={"media": "video"}, created_at=now)
    other = SavedSegment.objects.create(
        workspace=make_workspace(name="Other"), name="Theirs", filters={"media": "poll"}, created_at=now
    )
    assert page.post(f"/app/segments/{other.public_id}/remove/").status_code == 404
    assert page.post(f"/app/segments/{uuid4()}/").status_code == 404
    Membership.objects.filter(user=person).update(role=Role.VIEWER)
    text = text_of(page.get(f"{BASE}posts/?media=video"))
    assert "Videos" in text
    assert "Theirs" not in text
    assert "Save these filters as" not in text
    for address in ("/app/segments/", f"/app/segments/{kept.public_id}/", f"/app/segments/{kept.public_id}/remove/"):
        assert page.post(address, {"name": "x", "next": BASE}).status_code == 403


def rows_in(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_downloads_are_what_the_page_shows(page: Client, rich: Channel, last28: Period) -> None:
    query = "?media=video&compare=weekdays"
    text = text_of(page.get(BASE + query))
    totals = {row["metric"]: row for row in rows_in(page.get(f"{BASE}overview/files/headline.csv{query}"))}
    assert totals["posts"]["value"] == figure(text, "posts")
    assert float(totals["views"]["difference"]) == float(difference(text, "views"))
    steps = rows_in(page.get(f"{BASE}overview/files/statistics.csv{query}"))
    assert sum(int(row["posts"]) for row in steps) == int(totals["posts"]["value"])
    assert all(float(row["difference_posts"]) == float(row["posts"]) - float(row["compared_posts"]) for row in steps)
    answer = orjson.loads(page.get(f"{BASE}overview/files/statistics.json{query}").content)
    assert answer["data"]["totals"]["views"] == int(totals["views"]["value"])
    listed = rows_in(page.get(f"{BASE}posts/files/posts.csv?order=views"))
    views = posts_of(rich, last28).order_by("-views", "-message_id")
    assert len(listed) == views.count() > 25
    assert listed[0]["msg_id"] == str(views.exclude(views=None)[0].message_id)
    picture = page.get(f"{BASE}overview/files/chart-reach.png{query}")
    assert picture.content.startswith(b"\x89PNG")
    drawing = page.get(f"{BASE}overview/files/chart-reach.svg{query}").content.decode()
    assert "Video" in drawing
    assert "chart__compared" in drawing
    book = page.get(f"{BASE}growth/files/statistics.xlsx")
    assert book.content[:2] == b"PK"
    assert "attachment" in book["Content-Disposition"]
    assert AuditEntry.objects.filter(action="analytics:export:streamed").count() == 7


def test_files_tell_no_change_where_the_page_tells_none(page: Client, rich: Channel, last28: Period) -> None:
    """Half of the weeks before are not collected yet: as many posts more are no growth."""
    before = last28.previous
    Post.objects.filter(channel=rich, published_at__lt=before.start + (before.end - before.start) / 2).delete()
    ChannelSync.objects.filter(channel=rich).update(reached_start=False, state=SyncState.RUNNING)
    shown = text_of(page.get(BASE)).split('data-metric="posts"')[1].split("</li>")[0]
    assert "change--" not in shown
    (row,) = (one for one in rows_in(page.get(f"{BASE}overview/files/headline.csv")) if one["metric"] == "posts")
    assert row["compared"] != ""
    assert (row["difference"], row["percent"]) == ("", "")


def test_every_download_of_every_section_can_be_had(page: Client, rich: Channel) -> None:
    settings.API_LIMIT_FACTOR, before = 1000, settings.API_LIMIT_FACTOR
    try:
        for number, address in enumerate(ADDRESSES):
            menu = unescape(text_of(page.get(address))).split("downloads__panel")[1:]
            links = re.findall(r'href="([^"]+)" download', menu[0]) if menu else []
            assert links or address.endswith(("changes/", "notes/")), address
            # Some of each section.
            for link in links[number % 3 :: max(1, len(links) // 2)]:
                assert page.get(link).status_code == 200, link
    finally:
        settings.API_LIMIT_FACTOR = before


def test_downloads_are_for_those_who_may(page: Client, person: User, rich: Channel, settings: Any) -> None:
    file = f"{BASE}overview/files/headline.csv"
    assert page.get(f"{BASE}overview/files/secrets.csv").status_code == 404
    assert page.get(f"{BASE}nowhere/files/headline.csv").status_code == 404
    assert page.get(f"{BASE}overview/files/headline.exe").status_code == 404
    settings.EXPORT_ENABLED = False
    assert page.get(file).status_code == 403
    assert "data-opens-downloads" not in text_of(page.get(BASE))
    settings.EXPORT_ENABLED = True
    assert "data-opens-downloads" in text_of(page.get(BASE))
    Membership.objects.filter(user=person).update(role=Role.VIEWER)
    assert page.get(file).status_code == 403
    assert "data-opens-downloads" not in text_of(page.get(BASE))


@pytest.fixture
def export_folder(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Files of exports of this test."""
    settings.EXPORT_DIR = tmp_path
    yield


def stickers(channel: Channel, count: int, *, now: datetime) -> None:
    """So many posts of a kind of their own, the later the more views."""
    Post.objects.bulk_create(
        Post(
            channel=channel,
            message_id=1_000_000 + number,
            published_at=now - timedelta(hours=2),
            text="",
            text_hash=b"0",
            media_kind="sticker",
            views=number,
            first_seen_at=now,
            first_source="mtproto",
        )
        for number in range(count)
    )


def test_a_long_list_becomes_due_work(
    page: Client, person: User, rich: Channel, now: datetime, export_folder: None
) -> None:
    person.time_zone = "America/New_York"
    person.save()
    stickers(rich, MOST_ROWS + 1, now=now)
    answer = page.get(f"{BASE}posts/files/posts.csv?period=7d&media=sticker&order=views&zone=own")
    assert answer["Location"] == "/app/exports/"
    [row] = ExportFile.objects.all()
    assert {"media": "sticker", "order": "views", "whole": "true", "zone": "America/New_York"}.items() <= (
        row.parameters.items()
    )
    Post.objects.filter(channel=rich, media_kind="sticker", views__gte=230).delete()
    assert run_due_exports() == 1
    row.refresh_from_db()
    with row.path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(one["views"]) for one in rows] == list(range(230))[::-1]
    assert rows[0]["date"].endswith(("-04:00", "-05:00"))


def test_numbers_of_every_page_explain_themselves(page: Client, rich: Channel) -> None:
    post = Post.objects.filter(channel=rich, deleted_at=None).latest("published_at")
    for address in (*ADDRESSES, f"{BASE}posts/{post.message_id}/", "/app/compare/?channels=@qulay_savdo"):
        text = text_of(page.get(address))
        for card in text.split("data-metric=")[1:]:
            told = card.split("</li>", maxsplit=1)[0]
            assert "explain__formula" in told, address
            assert "<dt>Source</dt>" in told, address


def test_stranger_finds_no_files(client: Client, rich: Channel) -> None:
    stranger = make_user("stranger@example.org")
    make_workspace(owner=stranger, name="Stranger")
    client.force_login(stranger)
    assert client.get(f"{BASE}overview/files/headline.csv").status_code == 404


def test_overview_takes_as_many_statements(page: Client, rich: Channel, django_assert_num_queries: Any) -> None:
    page.get(BASE)
    with django_assert_num_queries(STATEMENTS):
        page.get(BASE)
    assert FIRST.compares


# Of them three find the session, the person with the workspace, and the channel with its progress.
STATEMENTS = 19
