"""Zooming into charts: plotly.js comes at the first wish, from our origin, and within the content policy."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.face.section_world import enrich
from tests.face.world import full_channel, track
from tests.factories import make_user, make_workspace
from tests.journeys.conftest import Travel, Traveller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHANNEL = "/app/channels/@qulay_savdo/"
GROWTH = CHANNEL + "growth/?period=28d"


@pytest.fixture
def person(transactional_db: None) -> User:
    now = timezone.now()
    person = make_user("bob@example.org")
    channel = full_channel(now=now, days=60)
    track(make_workspace(owner=person), channel, now=now, owned=True)
    enrich(channel, now=now)
    return person


def asked_for(traveller: Traveller) -> list[str]:
    addresses: list[str] = []
    traveller.page.on("request", lambda request: addresses.append(request.url))
    return addresses


def test_a_chart_is_zoomed_into_and_left_by_mouse_and_keys(travel: Travel, person: User) -> None:
    traveller = travel()
    page, asked = traveller.page, asked_for(traveller)
    traveller.come_back(person)
    traveller.go(GROWTH)
    page.locator(".chart__frame").first.hover()
    assert not [address for address in asked if "plotly" in address or "plot.js" in address]

    tools = page.locator(".chart__tools").first
    tools.get_by_role("button", name="Zoom and explore").click()
    plot = page.locator(".plot .main-svg").first
    expect(plot).to_be_visible()
    assert all(address.startswith(traveller.server.url) for address in asked if address.startswith("http"))
    frame = page.locator(".chart__frame").first
    expect(frame).to_be_hidden()
    expect(tools.get_by_role("button", name="Zoom in")).to_be_focused()

    page.keyboard.press("Enter")
    assert span_of(page) == pytest.approx(14, abs=0.1)
    tools.get_by_role("button", name="Show all").click()
    assert span_of(page) == pytest.approx(28, abs=0.1)
    with page.expect_download() as saved:
        tools.get_by_role("button", name="PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")

    page.keyboard.press("Escape")
    expect(frame).to_be_visible()
    expect(tools.get_by_role("button", name="Zoom and explore")).to_be_focused()
    frame.focus()
    page.keyboard.press("Enter")
    expect(plot).to_be_visible()
    tools.get_by_role("button", name="Back to the picture").click()
    expect(frame).to_be_visible()
    assert page.locator("style").count() == 0


def test_plots_say_what_the_table_says_in_each_language(travel: Travel, person: User) -> None:
    User.objects.update(language="ru")
    traveller = travel(color_scheme="dark")
    page = traveller.page
    traveller.come_back(person)
    traveller.go(GROWTH)
    page.locator(".chart__tools [data-act=open]").first.click()
    expect(page.locator(".plot .main-svg").first).to_be_visible()
    figure = json.loads(page.locator("[data-figure]").first.get_attribute("data-figure") or "")
    texts = page.evaluate("document.querySelector('.plot').data[0].text")
    values = page.evaluate("document.querySelector('.plot').data[0].y")
    cells = page.locator("table[id$=-table]").first.locator("tbody tr td:nth-child(2)").all_text_contents()
    known = [text for text, value in zip(texts, values, strict=True) if value is not None]
    assert known == [cell for cell in cells if any(letter.isdigit() for letter in cell)]
    assert [value for value in values if value is not None] == [v for v in figure["series"][0]["y"] if v is not None]
    # What was not observed is not drawn over.
    assert None in values
    assert page.evaluate("document.querySelector('.plot').data[0].connectgaps") is False
    assert page.evaluate("document.querySelector('.plot')._fullLayout.separators") == ",\u00a0"
    page.locator(".plot .nsewdrag").hover()
    expect(page.locator(".plot .hoverlayer")).to_contain_text("нояб")


def span_of(page: Page) -> float:
    """Days that the plot shows."""
    return float(
        page.evaluate(
            "(() => { const [a, b] = document.querySelector('.plot').layout.xaxis.range;"
            " return (Date.parse(b.replace(' ', 'T')) - Date.parse(a.replace(' ', 'T'))) / 86400000; })()"
        )
    )
