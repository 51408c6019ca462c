"""Every page of the product is opened once and looked at from all sides.

axe-core finds nothing in light and in dark; the browser has nothing to complain of; nothing is wider than 320 px; the
keyboard reaches everything and shows where it is; what is shown stands in the page without JavaScript; and no text is
outside translation.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.routes import all_routes
from tests.journeys.crawl import NO_PAGES, PAGES, Page, World, built_world, script
from tests.journeys.pseudo import LANGUAGE, pseudo_language

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response
    from pytest_django import DjangoDbBlocker

# The world is committed before the tests begin: they themselves write nothing.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WIDE: Any = {"width": 1280, "height": 900}
PHONE: Any = {"width": 320, "height": 640}
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What depends on colours alone: the second theme needs no more.
COLOURS = ["color-contrast", "link-in-text-block"]
# Places told of each thing that is wrong: they are mostly of one kind.
TOLD = 4
# What is the same in every language: names of products, formats and zones.
NAMES = {
    "analyticbot", "api", "ctrl", "err", "er", "gif", "utc", "csv", "json", "xlsx", "png", "svg", "pdf", "html",
    "telegram", "esc",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> Iterator[World]:
    """One world and one server for all pages; they speak the language made for tests."""
    with pseudo_language(), built_world(django_db_blocker) as world:
        world.owner.language = LANGUAGE
        world.owner.save()
        yield world


@pytest.fixture(scope="module")
def visitors(world: World, chromium: "Browser") -> Iterator[dict[str, "BrowserContext"]]:
    """The owner, and somebody who is not signed in."""
    contexts = {
        who: chromium.new_context(viewport=WIDE, locale=LANGUAGE, reduced_motion="reduce")
        for who in ("owner", "nobody")
    }
    contexts["owner"].add_cookies([world.session()])
    for context in contexts.values():
        context.add_init_script(script("listen"))
    yield contexts
    for context in contexts.values():
        context.close()


def test_every_address_is_crawled_or_told_why_not() -> None:
    pages = {page.route for page in PAGES if page.status == 200}
    told = {route for routes in NO_PAGES.values() for route in routes}
    # A match does not tell where in its route a regular expression began.
    routes = {route.replace("/^", "/") for route in all_routes() if not route.startswith("api/v2/")}

    assert sorted(routes - pages - told) == []
    assert sorted((pages | told) - routes) == []
    assert sorted(pages & told) == []


@pytest.mark.parametrize("place", PAGES, ids=str)
def test_page(visitors: dict[str, "BrowserContext"], world: World, place: Page) -> None:
    page = visitors[place.who].new_page()
    complaints: list[str] = []
    listen(page, complaints)
    try:
        response = page.goto(world.address(place))
        assert response is not None
        assert response.status == place.status
        found = look(page, world, source=response.text())
    finally:
        page.close()
    if place.status != 200:  # that it is not there is no complaint
        complaints = [text for text in complaints if str(place.status) not in text]
    problems = [f"{what}: {text}" for what, texts in found.items() for text in texts[:TOLD]] + complaints
    assert not problems, "\n".join(problems)


def listen(page: Any, complaints: list[str]) -> None:
    """Whatever the browser complains of: console, exceptions, violated policy, failed requests."""

    def hear(message: "ConsoleMessage") -> None:
        # Django's server of tests knows no WebSockets.
        if message.type in {"error", "warning"} and not message.text.startswith("WebSocket connection to"):
            complaints.append(message.text)

    def failed(request: "Request") -> None:
        complaints.append(f"failed: {request.url} {request.failure}")

    def answered(response: "Response") -> None:
        if response.status >= 400:
            complaints.append(f"{response.status}: {response.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", failed)
    page.on("response", answered)


def look(page: Any, world: World, *, source: str) -> dict[str, Any]:
    """One visit: light and wide, by keyboard, then everything opened, dark and narrow."""
    options = {"language": LANGUAGE, "known": sorted(world.words | NAMES), "source": source}
    inspect = script("inspect")

    def asked(*checks: str) -> dict[str, Any]:
        return page.evaluate(inspect, options | {"checks": checks})

    page.evaluate(script("axe"))
    found = asked("frame", "forms", "came", "words", "width", "trim")
    found |= judged(page, {"runOnly": STANDARD, "rules": {"target-size": {"enabled": True}}}, "axe, light")
    found |= asked("focus", "walk")
    for _ in range(page.evaluate("crawl.presses")):
        page.keyboard.press("Tab")
    found |= asked("walked")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    found |= asked("width", "targets")
    page.evaluate("for (const e of document.querySelectorAll('main details')) e.open = true")
    found |= judged(page, {"runOnly": {"type": "rule", "values": COLOURS}}, "axe, dark")
    return found


def judged(page: Any, options: dict[str, Any], name: str) -> dict[str, Any]:
    """What axe-core finds: rule, how to mend it, where."""
    answer = page.evaluate("(o) => axe.run(document, o)", {"resultTypes": ["violations"], **options})
    told = [
        f"{rule['id']} ({len(rule['nodes'])}): {' '.join(node['failureSummary'].split())[:200]} in {node['html'][:160]}"
        for rule in answer["violations"]
        for node in rule["nodes"][:TOLD]
    ]
    return {name: told} if told else {}
