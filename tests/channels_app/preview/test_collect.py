"""Collecting from preview pages over a real socket."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from channels_app.models import Channel, ChannelSync, Post, SubscriberSample, SyncState, TrackedChannel
from channels_app.preview.collect import collect_preview
from channels_app.preview.fetch import MAX_PAGE, PageAddress, PreviewFailed, fetch_page
from channels_app.preview.parser import PreviewUnavailable, Unavailable
from mtproto.models import TelegramAccount
from tests.channels_app.preview.pages import CONTACT, TEXT, page, post
from tests.factories import make_workspace

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass
class Site:
    """A site on this machine: what it answers to each path, and what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    url: str = ""

    def put(self, path: str, body: str, *, status: int = 200, **headers: str) -> None:
        """Answer `path` with this."""
        self.answers[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.agents.add(self.headers["User-Agent"])
            status, headers, body = site.answers.get(self.path, (404, {}, "not here"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: Any) -> None:
            """Be quiet."""

    return Handler


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    found = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    found.url = f"http://127.0.0.1:{server.server_port}"
    settings.TELEGRAM_PREVIEW_URL = found.url
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def posts(*numbers: int) -> list[str]:
    return [post(number, TEXT.format(f"post {number}")) for number in numbers]


@pytest.fixture
def three_pages(site: Site) -> Site:
    site.put("/s/some_channel", page(posts(5, 6), before=5))
    site.put("/s/some_channel?before=5", page(posts(3, 4), before=3))
    site.put("/s/some_channel?before=3", page(posts(1, 2)))
    return site


def make_channel() -> Channel:
    return Channel.objects.create(username="some_channel", created_at=NOW)


@pytest.mark.django_db
def test_pages_are_read_back_to_the_beginning(three_pages: Site) -> None:
    channel = make_channel()

    outcome = collect_preview(channel, pages=10, now=NOW, pause=0)

    assert (outcome.pages, outcome.messages, outcome.new_posts, outcome.reached_start) == (3, 6, 6, True)
    assert set(Post.objects.values_list("message_id", "views", "counters_approximate", "counters_source")) == {
        (number, 1200, True, "preview") for number in range(1, 7)
    }
    assert three_pages.asked == ["/s/some_channel", "/s/some_channel?before=5", "/s/some_channel?before=3"]
    assert all("AnalyticBot" in agent for agent in three_pages.agents)


@pytest.mark.django_db
def test_no_more_pages_than_asked_for(three_pages: Site) -> None:
    outcome = collect_preview(make_channel(), pages=2, now=NOW, pause=0)

    assert (outcome.pages, outcome.reached_start, Post.objects.count()) == (2, False, 4)


@pytest.mark.django_db
def test_channel_facts_are_filled_in_and_marked(three_pages: Site) -> None:
    channel = make_channel()

    collect_preview(channel, pages=1, now=NOW, pause=0)

    channel.refresh_from_db()
    assert (channel.title, channel.about, channel.tg_id) == ("Some & Channel", "About\nus", None)
    assert (channel.subscribers, channel.subscribers_approximate, channel.subscribers_source) == (
        12_300,
        True,
        "preview",
    )
    sample = SubscriberSample.objects.get()
    assert (sample.count, sample.approximate, sample.source) == (12_300, True, "preview")


@pytest.mark.django_db
def test_what_telegram_told_stays(three_pages: Site) -> None:
    channel = make_channel()
    Channel.objects.update(title="Own", subscribers=12_345, subscribers_source="mtproto", subscribers_at=NOW)

    collect_preview(channel, pages=1, now=NOW, pause=0)

    channel.refresh_from_db()
    assert (channel.title, channel.subscribers, channel.subscribers_approximate) == ("Own", 12_345, False)


@pytest.mark.django_db
def test_nothing_is_asked_where_an_account_can_serve(three_pages: Site) -> None:
    TelegramAccount.objects.create(tg_id=1, label="one", session="sealed", created_at=NOW)

    outcome = collect_preview(make_channel(), pages=3, now=NOW, pause=0)

    assert (outcome.pages, three_pages.asked) == (0, [])


@pytest.mark.django_db
def test_reading_again_changes_nothing(three_pages: Site) -> None:
    channel = make_channel()
    collect_preview(channel, pages=3, now=NOW, pause=0)

    again = collect_preview(channel, pages=3, now=NOW, pause=0)

    assert [(r.new_posts, r.changed_posts, r.snapshots) for r in again.results] == [(0, 0, 0)] * 3


@pytest.mark.django_db
def test_circle_of_pages_ends(site: Site) -> None:
    site.put("/s/some_channel", page(posts(5), before=5))
    site.put("/s/some_channel?before=5", page(posts(5), before=5))

    assert collect_preview(make_channel(), pages=10, now=NOW, pause=0).pages == 2


def break_with(**answer: Any) -> Callable[[Site], None]:
    return lambda site: site.put("/s/some_channel", answer.pop("body", ""), **answer)


@pytest.mark.parametrize(
    ("prepare", "words", "retry_after"),
    [
        (break_with(status=429, Retry_After="30"), "later", 30),
        (break_with(status=500), "status 500", None),
        (break_with(status=302, Location="http://example.org/s/some_channel"), "another host", None),
        (break_with(status=302, Location="/s/some_channel"), "status 302|cannot be reached", None),
        (break_with(body="x" * (MAX_PAGE + 1)), "too long", None),
        (break_with(body="x", Content_Length="10"), "cut off", None),
    ],
    ids=["flood", "fault", "elsewhere", "circle", "long", "cut"],
)
def test_failures_that_may_pass(
    site: Site, prepare: Callable[[Site], None], words: str, retry_after: int | None
) -> None:
    prepare(site)

    with pytest.raises(PreviewFailed, match=words) as failed:
        fetch_page(PageAddress(site.url, "some_channel"))

    assert failed.value.retry_after == retry_after


def test_nobody_there_is_a_failure_that_may_pass(site: Site) -> None:
    with pytest.raises(PreviewFailed, match="cannot be reached"):
        fetch_page(PageAddress("http://127.0.0.1:1", "some_channel"))


def test_unknown_name_is_unavailable(site: Site) -> None:
    with pytest.raises(PreviewUnavailable) as raised:
        fetch_page(PageAddress(site.url, "nobody"))

    assert raised.value.reason is Unavailable.NOT_FOUND


@pytest.mark.django_db
def test_command_follows_the_channel_and_leaves_its_sync_alone(three_pages: Site) -> None:
    make_workspace()
    out = StringIO()

    call_command("load_preview", "https://t.me/Some_Channel", pages=1, stdout=out)

    assert "1 pages, 2 posts shown, 2 new" in out.getvalue()
    assert TrackedChannel.objects.get().channel.username == "some_channel"
    assert ChannelSync.objects.get().state == SyncState.PENDING


@pytest.mark.django_db
def test_command_leaves_nothing_of_a_channel_without_preview(site: Site) -> None:
    make_workspace()
    extra = '<div class="tgme_page_extra">5 subscribers</div>'
    contact = CONTACT.format(title='<div class="tgme_page_title">C</div>', extra=extra)
    site.put("/s/some_channel", "", status=302, Location="/some_channel")
    site.put("/some_channel", contact)

    with pytest.raises(CommandError, match="only in Telegram"):
        call_command("load_preview", "some_channel", stdout=StringIO())

    assert not Channel.objects.exists()
