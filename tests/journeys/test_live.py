"""Live pages over a real uvicorn: posts arrive, counters move; the socket refused, the tab hidden, Redis away."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from channels_app.ingest import ingest_messages
from channels_app.models import Channel
from mtproto.records import Counters, MessageRecord, Source
from tests.face.world import full_channel, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Traveller
from tests.web import WebProcess, web_process

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHANNEL = "/app/channels/@qulay_savdo/"
WITHIN = 2.0  # seconds from ingest to the page


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def channel(transactional_db: None, now: datetime) -> Channel:
    person = make_user("bob@example.org")
    workspace = make_workspace(owner=person)
    channel = full_channel(now=now, days=60)
    track(workspace, channel, now=now, owned=True)
    return channel


@pytest.fixture
def server(channel: Channel) -> Iterator[WebProcess]:
    with web_process() as server:
        yield server


def tell(channel: Channel, number: int, *, views: int, text: str = "", published: datetime | None = None) -> None:
    """What a collector does when Telegram shows it a message."""
    at = timezone.now()
    record = MessageRecord(
        number,
        published or at - timedelta(minutes=3),
        text or f"News number {number}",
        counters=Counters(views=views, forwards=3),
    )
    ingest_messages(channel.pk, [record], source=Source.MTPROTO, observed_at=at)


def visitor(chromium: object, server: WebProcess) -> Traveller:
    traveller = Traveller(chromium, server)  # type: ignore[arg-type]  # it needs an address only
    traveller.come_back(User.objects.get(email="bob@example.org"))
    return traveller


WATCH = """(text) => {
  window.seenAt = null;
  const look = () => {
    if (!window.seenAt && document.querySelector("#report").textContent.includes(text)) window.seenAt = Date.now();
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def seconds_until(page: Page, text: str, happen: Callable[[], None]) -> float:
    """How long it takes from what happens until the report holds the text."""
    page.evaluate(WATCH, text)
    began = time.time()
    happen()
    expect(page.locator("#report")).to_contain_text(text)
    return float(page.evaluate("window.seenAt")) / 1000 - began


def test_news_arrive_by_socket(chromium: object, channel: Channel, server: WebProcess) -> None:
    tell(channel, 99_000, views=500, text="Already here")
    traveller = visitor(chromium, server)
    page = traveller.page
    traveller.go(CHANNEL + "?period=7d")
    expect(page.locator("#live")).to_have_text("Live")
    details = page.locator("details.chart__more").first
    details.locator("summary").click()
    page.evaluate("window.scrollTo(0, 700)")
    before = page.evaluate("window.scrollY")

    fresh = "Fresh from the press"
    arrived = seconds_until(page, fresh, lambda: tell(channel, 99_001, views=10, text=fresh))
    expect(page.locator("tr.live-new")).to_contain_text("Fresh from the press")
    expect(page.locator("#live-voice")).to_have_text("There is a new post")

    moved = seconds_until(page, "777K", lambda: tell(channel, 99_000, views=777_000, text="Already here"))
    print(f"post {arrived:.2f} s, counters {moved:.2f} s after ingest")
    assert max(arrived, moved) < WITHIN
    assert details.get_attribute("open") is not None
    assert abs(page.evaluate("window.scrollY") - before) < 80  # the new row may push what is read by its height
    assert traveller.complaints == []
    traveller.context.close()
