"""From the list to a comparison, to a post, to an export; by mouse, by keyboard, and on a small screen."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User, Workspace
from analytics.exports.work import run_due_exports
from channels_app.models import Channel, Post
from tests.face.post_world import full_post
from tests.face.world import full_channel, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(transactional_db: None) -> User:
    """Somebody with a workspace."""
    person = make_user("bob@example.org")
    make_workspace(owner=person)
    return person


@pytest.fixture
def now() -> datetime:
    """The present."""
    return timezone.now()


@pytest.fixture
def channels(person: User, now: datetime) -> list[Channel]:
    """Two channels of theirs."""
    workspace: Workspace = person.workspaces.get()
    made = [full_channel(now=now, days=40), full_channel(now=now, username="other_side", days=40, title="Boshqa tomon")]
    for channel in made:
        track(workspace, channel, now=now, owned=True)
    return made


@pytest.fixture
def post(channels: list[Channel], now: datetime) -> Post:
    """A post with everything."""
    return full_post(channels[0], now=now)


def test_list_is_searched_ordered_and_compared(travel: Travel, person: User, channels: list[Channel]) -> None:
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.get_by_label("Find").press_sequentially("boshqa")
    expect(page.get_by_role("link", name="Qulay savdo")).to_have_count(0)
    expect(page.get_by_label("Find")).to_be_focused()
    assert "q=boshqa" in page.url
    page.get_by_label("Find").fill("")
    expect(page.get_by_role("link", name="Qulay savdo")).to_be_visible()
    # What is ticked stays ticked while the list is ordered anew.
    page.get_by_label("Compare Boshqa tomon").check()
    page.get_by_label("Compare Qulay savdo").check()
    page.get_by_label("Order").select_option("Name")
    expect(page).to_have_url(re.compile(r"sort=name"))
    expect(page.locator(".channel__name").first).to_have_text("Boshqa tomon")
    expect(page.get_by_label("Compare Boshqa tomon")).to_be_checked()
    page.get_by_role("button", name="Compare the chosen").click()
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    assert "channels=@other_side,@qulay_savdo" in page.url
    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="7 days", exact=True).click()
    expect(page.locator(".period__label")).to_have_text("7 days")
    page.get_by_role("link", name="ERR", exact=True).click()
    expect(page).to_have_url(re.compile(r"channels=@other_side,@qulay_savdo&metric=err&period=7d"))
    expect(page.get_by_role("heading", name="ERR", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Average reach", exact=True)).to_have_attribute("aria-current", "true")


def test_post_is_read_by_keyboard(travel: Travel, person: User, post: Post) -> None:
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    traveller.go(f"/app/channels/@qulay_savdo/posts/{post.message_id}/")
    hidden = page.get_by_text("qovun").first
    expect(hidden).to_be_hidden()
    page.get_by_text("Hidden text").focus()
    page.keyboard.press("Enter")
    expect(hidden).to_be_visible()
    previous = page.get_by_role("link", name="Previous post")
    previous.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Post 6", exact=True)).to_be_visible()


def test_export_is_made_and_downloaded(
    travel: Travel, person: User, channels: list[Channel], settings: Any, tmp_path: Path
) -> None:
    settings.EXPORT_DIR = tmp_path
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.get_by_role("link", name="Exports", exact=True).click()
    page.get_by_label("Channel").select_option("Boshqa tomon")
    page.get_by_label("What").select_option("Subscribers by day")
    page.get_by_label("Format").select_option("CSV, plain table")
    page.get_by_role("button", name="Make the export").click()
    expect(page.get_by_text("Queued")).to_be_visible()

    run_due_exports()

    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("other_side-growth-")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The export was removed.")).to_be_visible()


def test_pages_fit_a_small_screen_without_scripts(travel: Travel, person: User, post: Post) -> None:
    traveller = travel(viewport={"width": 320, "height": 640}, java_script_enabled=False, color_scheme="dark")
    traveller.come_back(person)
    for address, heading in (
        ("/app/", "Channels"),
        ("/app/compare/?channels=@qulay_savdo,@other_side", "Compare channels"),
        (f"/app/channels/@qulay_savdo/posts/{post.message_id}/", "Views by age"),
        ("/app/exports/", "Exports"),
    ):
        traveller.go(address)
        expect(traveller.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        assert not traveller.has_sideways_scroll(), address


def test_everything_is_reached_by_keys(travel: Travel, person: User, post: Post) -> None:
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    start = page.get_by_role("link", name="Qulay savdo")
    start.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Find a channel, a page, a post")).to_be_visible()
    page.keyboard.press("Escape")
    expect(start).to_be_focused()

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("Earlier period")).to_be_visible()
    page.keyboard.press("x")  # an open dialog has the keys to itself
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(start).to_be_focused()

    page.keyboard.press("/")
    expect(page.get_by_label("Find", exact=True)).to_be_focused()
    page.keyboard.type("gs?x")
    expect(page.get_by_label("Find", exact=True)).to_have_value("gs?x")
    assert "/account/" not in page.url
    expect(sheet).to_be_hidden()

    start = page.get_by_role("link", name="Settings")
    start.focus()
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox", name="Find a channel, a page, a post").fill("boshqa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/channels/@other_side/")
    page.keyboard.press("p")
    page.keyboard.press("w")
    expect(page.locator(".period__label")).to_have_text("7 days")
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(r"compare=none"))
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(r"compare=none.*first=|first=.*compare=none"))

    for keys, address in (("gc", "/app/"), ("go", "/app/compare/"), ("ge", "/app/exports/"), ("gs", "/account/")):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(f"**{address}")
    traveller.go(f"/app/channels/@qulay_savdo/posts/{post.message_id}/")
    page.keyboard.press("k")
    expect(page.get_by_text("Post 6", exact=True)).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("Narxlar").first).to_be_visible()
