"""From the start page to the first chart of a channel: real browser, real collector, a Telegram of our own."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User, Workspace
from accounts.preferences import show_as_demo
from analyticbot.core.audit import SYSTEM
from mtproto.sign_in import sign_in_sandbox
from tests.channels_app.collect.world import running_collector, write_channel
from tests.face.world import full_channel, posts_of_days, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel
from tests.telegram import SandboxProcess

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_INPUTS = 3
MOST_SECONDS = 60


@pytest.fixture
def telegram(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[SandboxProcess]:
    """A Telegram with one channel, and an account of ours that is signed in there."""
    folder = tmp_path / "channels"
    folder.mkdir()
    write_channel(folder, "first_news", 400, start=timezone.now() - timedelta(days=2))
    with SandboxProcess(channels=folder) as telegram:
        settings.TELEGRAM_SERVER, settings.TELEGRAM_SERVER_KEY = telegram.server, telegram.public_key
        settings.TELEGRAM_API_ID, settings.TELEGRAM_API_HASH = 1, "sandbox"
        settings.SANDBOX = settings.MTPROTO_HISTORY_ENABLED = True
        # The browser's event loop counts as running in this thread.
        with ThreadPoolExecutor(1) as other:
            other.submit(_sign_in).result()
        yield telegram


def _sign_in() -> None:
    try:
        sign_in_sandbox(workspace_id=None, now=timezone.now())
    finally:
        connection.close()


def test_first_chart_takes_three_inputs_and_less_than_a_minute(travel: Travel, telegram: SandboxProcess) -> None:
    traveller = travel(timezone_id="Asia/Tashkent")
    page, inputs = traveller.page, 0

    def fill(label: str, text: str) -> None:
        nonlocal inputs
        page.get_by_label(label).fill(text)
        inputs += 1

    with running_collector():
        started = time.monotonic()
        traveller.go("/")
        page.get_by_role("link", name="Create an account").first.click()
        fill("Email", "new@example.org")
        fill("Password", "very-long-pass-1")
        page.get_by_role("button", name="Create an account").click()
        fill("Add a channel", "@first_news")
        page.get_by_role("button", name="Add", exact=True).click()
        page.locator("a.channel__name", has_text="first_news").click(timeout=MOST_SECONDS * 1000)
        expect(page.locator("[data-chart=reach] > svg .chart__bars").first).to_be_attached(timeout=MOST_SECONDS * 1000)
        taken = time.monotonic() - started
    assert inputs <= MOST_INPUTS
    assert taken < MOST_SECONDS


@pytest.fixture
def owner(transactional_db: None, settings: Any) -> User:
    """Whose workspace the demo shows."""
    settings.PUBLIC_DEMO = True
    owner, now = make_user("owner@example.org"), timezone.now()
    workspace: Workspace = make_workspace(owner=owner, name="Demo")
    track(workspace, full_channel(now=now, days=40), now=now)
    show_as_demo(workspace, actor=SYSTEM, now=now)
    return owner


def test_demo_is_looked_at_and_refuses_what_is_sent(travel: Travel, owner: User) -> None:
    traveller = travel()
    page = traveller.page
    traveller.go("/")
    page.get_by_role("link", name="Open the live demo").first.click()
    expect(page.get_by_text("You are looking at a demo")).to_be_visible()
    page.get_by_role("link", name="Qulay savdo").click()
    expect(page.locator("[data-chart=reach] > svg")).to_be_visible()
    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="7 days", exact=True).click()
    expect(page.locator('[data-metric="posts"] .figure__value')).to_have_text(str(posts_of_days(7, now=timezone.now())))
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")

    # A form that was open before: what it sends is refused where it stands, with a way on.
    traveller.go("/app/import/")
    page.get_by_label("Channel").fill("@x")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Nothing is changed in the demo")).to_be_visible()
    page.get_by_role("link", name="Back to the demo").click()
    page.evaluate("htmx.ajax('POST', '/app/add/', {target: '#channels', values: {ref: '@x'}})")
    expect(page.get_by_role("alert")).to_contain_text("Sign up to have channels of your own")

    page.get_by_role("button", name="Leave the demo").click()
    expect(page.get_by_role("link", name="Create an account").first).to_be_visible()
    traveller.go("/app/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # The only complaints were the two refusals.
    traveller.complaints[:] = [text for text in traveller.complaints if "403" not in text]
