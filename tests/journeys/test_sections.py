"""A journey through the sections of a channel: by mouse, by keyboard, without JavaScript, on a small phone."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User, Workspace
from channels_app.models import Post
from tests.face.section_world import enrich
from tests.face.world import full_channel, posts_of_days, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "pass-word-1234"
CHANNEL = "/app/channels/@qulay_savdo/"


@pytest.fixture
def now() -> datetime:
    """The present."""
    return timezone.now()


@pytest.fixture
def person(transactional_db: None, now: datetime) -> User:
    """Somebody with a channel of which there is much to tell."""
    person = make_user("bob@example.org", password=PASSWORD)
    workspace: Workspace = make_workspace(owner=person)
    channel = full_channel(now=now, days=60)
    track(workspace, channel, now=now, owned=True)
    enrich(channel, now=now)
    return person


def test_sections_are_walked_filtered_and_left_again(travel: Travel, person: User, now: datetime) -> None:
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)
    week = Post.objects.filter(published_at__gte=first, deleted_at__isnull=True)
    all_of_them = posts_of_days(7, now=now) - 1  # one is deleted
    videos = week.filter(media_kind="video").count()
    assert 0 < videos < all_of_them
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.get_by_role("link", name="Qulay savdo").click()
    tabs = page.get_by_role("navigation", name="Sections of this channel")
    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="7 days", exact=True).click()
    expect(page.locator("[data-opens-period]")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?period=7d$"))
    tabs.get_by_role("link", name="Posts").click()
    expect(page).to_have_url(re.compile(r"/posts/\?period=7d$"))
    expect(page).to_have_title(re.compile("^Posts · Qulay savdo"))
    expect(tabs.get_by_role("link", name="Posts")).to_be_focused()
    rows = page.locator("#posts tbody tr")
    expect(rows).to_have_count(all_of_them)

    page.get_by_role("link", name="Video").first.click()
    expect(page).to_have_url(re.compile("media=video"))
    expect(page.locator(".chip")).to_have_text(re.compile("Video"))
    expect(rows).to_have_count(videos)
    page.keyboard.press("Escape")
    expect(rows).to_have_count(all_of_them)
    page.go_back()
    expect(rows).to_have_count(videos)
    page.go_back()
    expect(rows).to_have_count(all_of_them)

    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="28 days", exact=True).click()
    expect(rows).to_have_count(25)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="First page")).to_be_visible()
    page.get_by_label("Words in the text").fill("morning")
    page.get_by_role("button", name="Show").last.click()
    expect(page).to_have_url(re.compile("q=morning"))
    expect(page.locator("#posts")).to_contain_text("in the morning")

    for name in ("Timing", "Content", "Trending", "Sources", "Audience", "Changes", "Growth", "Overview"):
        tabs.get_by_role("link", name=name).click()
        expect(tabs.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")


def test_numbers_of_a_table_explain_themselves_by_keyboard(travel: Travel, person: User) -> None:
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    traveller.go(f"{CHANNEL}content/")
    told = page.locator(".told").first
    told.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("An effect is no cause")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("An effect is no cause")).to_be_hidden()
    expect(told.locator("summary")).to_be_focused()


def test_sections_need_no_javascript(travel: Travel, person: User) -> None:
    traveller = travel(java_script_enabled=False)
    page = traveller.page
    traveller.sign_in(person.email, PASSWORD)
    traveller.go(f"{CHANNEL}posts/")
    page.get_by_text("More filters").click()
    page.get_by_label("Kind").select_option("video")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator(".chip")).to_have_text(re.compile("Video"))
    page.get_by_role("navigation", name="Sections of this channel").get_by_role("link", name="Changes").click()
    expect(page.locator("#renamings ins")).to_have_text("Qulay savdo · Удобные покупки")
