"""What a person does first: sign up, add a channel, read its page, in every light and width."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User, Workspace
from channels_app.importing import run_due_imports
from channels_app.models import Channel, ChannelSync, Post, SyncState, TrackedChannel
from tests.face.world import full_channel, posts_of_days, track, whole_world
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "pass-word-1234"


@pytest.fixture
def person(transactional_db: None) -> User:
    """Somebody with a workspace."""
    person = make_user("bob@example.org", password=PASSWORD)
    make_workspace(owner=person)
    return person


@pytest.fixture
def workspace(person: User) -> Workspace:
    """Their workspace."""
    return person.workspaces.get()


@pytest.fixture
def now() -> datetime:
    """The present."""
    return timezone.now()


def test_sign_up_add_a_channel_and_see_it_collected(travel: Travel, transactional_db: None) -> None:
    traveller = travel(timezone_id="Asia/Tashkent")
    page = traveller.page
    traveller.go("/")
    page.get_by_role("link", name="Create an account").first.click()
    page.get_by_label("Email").fill("new@example.org")
    page.get_by_label("Password").fill("very-long-pass-1")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("heading", name="No channels yet")).to_be_visible()
    assert Workspace.objects.get().time_zone == "Asia/Tashkent"

    page.get_by_label("Add a channel").fill("not a channel")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("does not name a channel")

    page.get_by_label("Add a channel").fill("https://t.me/some_channel")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="@some_channel")).to_be_visible()
    expect(page.get_by_text("Waiting to start")).to_be_visible()

    channel = Channel.objects.get(username="some_channel")
    Channel.objects.filter(pk=channel.pk).update(title="Some channel")
    ChannelSync.objects.filter(channel=channel).update(state=SyncState.COMPLETE, reached_start=True)
    expect(page.get_by_role("link", name="Some channel")).to_be_visible(timeout=8000)
    expect(page.get_by_text("Up to date")).to_be_visible()
    # The only 4xx of this journey was the refusal at the input.
    traveller.complaints[:] = [text for text in traveller.complaints if "422" not in text]


def test_period_is_changed_and_the_way_back_restores(
    travel: Travel, person: User, workspace: Workspace, now: datetime
) -> None:
    track(workspace, full_channel(now=now, days=120), now=now)
    month = str(posts_of_days(28, now=now))
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.get_by_role("link", name="Qulay savdo").click()
    posts = page.locator('[data-metric="posts"] .figure__value')
    expect(posts).to_have_text(month)
    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="7 days", exact=True).click()
    expect(posts).to_have_text(str(posts_of_days(7, now=now)))
    assert page.url.endswith("?period=7d")
    page.go_back()
    expect(posts).to_have_text(month)
    page.get_by_role("link", name="Earlier period").click()
    expect(page).to_have_url(re.compile(r"\?first=\d{4}-\d\d-\d\d&last="))
    expect(posts).to_have_text("56")
    page.locator("[data-opens-period]").click()
    page.get_by_label("Last day", exact=True).fill("2020-01-07")
    page.get_by_label("First day", exact=True).fill("2020-01-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Jan 1 – Jan 7, 2020")).to_be_visible()
    expect(posts).to_have_text("0")


def test_numbers_explain_themselves_by_mouse_and_by_keyboard(
    travel: Travel, person: User, workspace: Workspace, now: datetime
) -> None:
    track(workspace, full_channel(now=now, days=30), now=now)
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    traveller.go("/app/channels/@qulay_savdo/")
    formula = page.get_by_text("Average reach ÷ subscribers × 100.")
    expect(formula).to_be_hidden()
    summary = page.locator('[data-metric="err"] summary')
    summary.hover()
    expect(formula).to_be_visible()
    page.mouse.move(5, 5)
    expect(formula).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(formula).to_be_visible()
    page.keyboard.press("Escape")
    expect(formula).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.locator("[data-chart=subscribers] > svg").hover(position={"x": 200, "y": 60})
    expect(page.locator(".chart__tip")).to_be_visible()


def test_channel_is_removed_after_asking(travel: Travel, person: User, workspace: Workspace, now: datetime) -> None:
    track(workspace, full_channel(now=now, days=3), now=now)
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.get_by_label("More about Qulay savdo").click()
    page.get_by_role("button", name="Remove from this workspace").click()
    expect(page.get_by_text("was removed from this workspace")).to_be_visible()
    assert not TrackedChannel.objects.exists()


def test_reading_needs_no_javascript(travel: Travel, person: User, workspace: Workspace, now: datetime) -> None:
    whole_world(workspace, now=now, days=60)
    traveller = travel(java_script_enabled=False)
    page = traveller.page
    traveller.sign_in(person.email, PASSWORD)
    expect(page.get_by_role("link", name="Refresh").first).to_be_visible()
    page.get_by_role("link", name="Qulay savdo").click()
    page.locator("[data-opens-period]").click()
    page.get_by_role("link", name="7 days", exact=True).click()
    expect(page.locator('[data-metric="posts"] .figure__value')).to_have_text(str(posts_of_days(7, now=now)))
    page.locator(".chart__more summary").first.click()
    expect(page.get_by_role("table").first).to_be_visible()
    page.locator('[data-metric="err"] summary').click()
    expect(page.get_by_text("Average reach ÷ subscribers × 100.")).to_be_visible()
    traveller.go("/app/")
    page.get_by_label("Add a channel").fill("@without_scripts")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="@without_scripts")).to_be_visible()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_way_by_keyboard_reaches_content_and_menus(
    travel: Travel, person: User, workspace: Workspace, now: datetime
) -> None:
    track(workspace, full_channel(now=now, days=3), now=now)
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Add a channel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("summary", has_text="Or an export of it")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Or an export of it")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Imported files")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Put away")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    page.get_by_role("link", name="Imported files").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Qulay savdo")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove from this workspace")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Remove from this workspace")).to_be_hidden()


PAGES = [
    "/",
    "/app/",
    "/account/",
    "/app/channels/@qulay_savdo/",
    "/app/channels/@qulay_savdo/?period=all",
    "/app/channels/@growing_history/",
    "/app/channels/@no_such_channel_at_all/",
    "/account/email/",
    "/account/logout/",
]


GROUND = {"light": "rgb(247, 246, 243)", "dark": "rgb(16, 18, 22)"}

# Luminance contrast of every visible text against the nearest painted ground (WCAG 2.2, 1.4.3).
CONTRAST = """
() => {
  const scale = (c) => c.startsWith("color(srgb") ? 255 : 1;
  const parse = (c) => c.match(/[\\d.]+/g).map((v, i) => i < 3 ? v * scale(c) : Number(v));
  const lum = (c) => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 }); return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.closest("svg")) continue;
    if (e.closest(".visually-hidden, .skip, noscript, script")) continue;
    const style = getComputedStyle(e);
    if (!/^rgb/.test(style.color)) continue;
    const a = lum(parse(style.color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(e.className + ": " + e.textContent.trim().slice(0, 30) + " " + ratio.toFixed(2));
  }
  return bad;
}
"""  # noqa: E501 - a script


# What a finger has to hit: at least 44 px high, unless it stands in a sentence.
SMALL_TARGETS = """
() => [...document.querySelectorAll("button, summary, input:not([type=hidden]), select, .nav a, .period a, a.button")]
  .filter(e => e.checkVisibility() && !e.closest(".visually-hidden"))
  .filter(e => !["radio", "checkbox"].includes(e.type))
  .filter(e => e.getBoundingClientRect().height < 43.5)
  .map(e => e.tagName + " " + e.textContent.trim().slice(0, 30) + " " + e.getBoundingClientRect().height)
"""


@pytest.mark.parametrize(("language", "scheme"), [("ru", "dark"), ("uz", "light")])
def test_pages_fit_a_small_phone(
    travel: Travel, person: User, workspace: Workspace, now: datetime, language: str, scheme: Literal["light", "dark"]
) -> None:
    whole_world(workspace, now=now, days=60)
    person.language = language
    person.save()
    traveller = travel(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    traveller.come_back(person)
    page = traveller.page
    for address in PAGES:
        traveller.go(address)
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == GROUND[scheme]
        assert not traveller.has_sideways_scroll(), address
        assert page.evaluate(CONTRAST) == [], address
        assert page.evaluate(SMALL_TARGETS) == [], address


def test_upload_an_export_and_see_its_channel(
    travel: Travel, person: User, workspace: Workspace, tmp_path: Path, settings: Any
) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    export = tmp_path / "posts.csv"
    export.write_text("id,date,text,views,forwards,replies\n7,2026-05-01T10:00:00Z,Hello,1234,3,\n")
    os.utime(export, (1_780_000_000, 1_780_000_000))
    traveller = travel()
    traveller.come_back(person)
    page = traveller.page
    page.get_by_label("Add a channel").fill("@from_a_file")
    page.get_by_label("Or an export of it").set_input_files(export)
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/app/import/")
    expect(page.get_by_text("Checking the file")).to_be_visible()

    run_due_imports(now=timezone.now())

    expect(page.get_by_text("Imported", exact=True)).to_be_visible()
    page.get_by_role("link", name="See the channel").click()
    expect(page.get_by_role("heading", name="@from_a_file")).to_be_visible()
    assert Post.objects.get().counters_at == datetime.fromtimestamp(1_780_000_000, UTC)
