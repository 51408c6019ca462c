"""Somebody writes a note by keyboard, sees it on the chart, and finds a post by its words."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from analytics.models import Note
from analytics.search.work import fill_words
from tests.face.world import full_channel, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(transactional_db: None) -> User:
    """Somebody with a workspace and a channel whose posts can be found."""
    person, now = make_user("bob@example.org"), timezone.now()
    track(make_workspace(owner=person), full_channel(now=now, days=40), now=now)
    fill_words()
    return person


def test_note_is_written_where_the_chart_is(travel: Travel, person: User) -> None:
    traveller = travel()
    page = traveller.page
    traveller.come_back(person)
    page.goto(f"{traveller.server.url}/app/channels/@qulay_savdo/growth/")
    page.keyboard.press("n")
    page.get_by_label("Note", exact=True).fill("Ad in @durov")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".chart__badge--own").first).to_be_attached()
    assert page.url.endswith("/growth/")
    assert Note.objects.get().text == "Ad in @durov"

    page.keyboard.press("Control+k")
    page.get_by_role("searchbox", name="Find a channel, a page, a post").fill("bugungi kurs")
    expect(page.locator("#palette [data-found]").first).to_contain_text("Bugungi kurs")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/channels/@qulay_savdo/posts/*/")
