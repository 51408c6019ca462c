"""Every page of the product is opened once and looked at from all sides.

axe-core finds nothing in light and in dark; the browser has nothing to complain of; nothing is wider than 320 px; the
keyboard reaches everything and shows where it is; what is shown stands in the page without JavaScript; and no text is
outside translation.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from django.conf import settings
from playwright.sync_api import Error as PlaywrightError

from analytics.palette import GROUPS
from tests.api.routes import all_routes
from tests.browser import wait_until
from tests.journeys.crawl import NO_PAGES, PAGES, Page, Who, script
from tests.journeys.crawl_world import World, built_world
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


class Window:
    """A window of one visitor, and whatever the browser complained of: console, exceptions, policy, requests."""

    def __init__(self, context: "BrowserContext") -> None:
        self.complaints: list[str] = []
        context.add_init_script(script("listen"))
        self.page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def open(self, address: str) -> "Response":
        """Go there, with light colours and a wide window, and forget what was complained of before."""
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(WIDE)
        self.complaints.clear()
        response = self.page.goto(address)
        assert response is not None
        return response

    def _said(self, message: "ConsoleMessage") -> None:
        # Django's server of tests knows no WebSockets; pages then ask by themselves.
        if message.type in {"error", "warning"} and not message.text.startswith("WebSocket connection to"):
            self.complaints.append(message.text)

    def _failed(self, request: "Request") -> None:
        # Who leaves a page ends what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: "Response") -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> Iterator[World]:
    """One world and one server for all pages; they speak the language made for tests."""
    with pseudo_language(), built_world(django_db_blocker) as world:
        world.owner.language = LANGUAGE
        world.owner.save()
        yield world


@pytest.fixture(scope="module")
def windows(world: World, chromium: "Browser") -> Iterator[dict[str, Window]]:
    """One window each for the owner, for somebody who is not signed in, and for a visitor of the public demo."""
    kind: Any = {"viewport": WIDE, "locale": LANGUAGE, "reduced_motion": "reduce"}
    contexts = {who: chromium.new_context(**kind) for who in get_args(Who)}
    contexts["owner"].add_cookies([world.session()])
    contexts["visitor"].request.get(f"{world.server.url}/demo/")
    yield {who: Window(context) for who, context in contexts.items()}
    for context in contexts.values():
        context.close()


def test_every_address_is_crawled_or_told_why_not() -> None:
    pages = {page.route for page in PAGES if page.status == 200}
    told = {route for routes in NO_PAGES.values() for route in routes}
    # A match does not tell where in its route a regular expression began.
    # The panel of the staff has a journey of its own (`test_superadmin`), which its own list of pages makes.
    elsewhere = ("api/v2/", "superadmin/")
    routes = {route.replace("/^", "/") for route in all_routes() if not route.startswith(elsewhere)}

    assert sorted(routes - pages - told) == []
    assert sorted((pages | told) - routes) == []
    assert sorted(pages & told) == []


@pytest.mark.parametrize("place", PAGES, ids=str)
def test_page(windows: dict[str, Window], world: World, place: Page) -> None:
    window = windows[place.who]
    response = window.open(world.server.url + place.address.format(**world.things))

    assert response.status == place.status
    found = look(window.page, world, source=response.text())
    complaints = [text for text in window.complaints if place.status == 200 or str(place.status) not in text]
    problems = [f"{what}: {text}" for what, texts in found.items() for text in texts[:TOLD]] + complaints
    assert not problems, "\n".join(problems)


def look(page: Any, world: World, *, source: str) -> dict[str, Any]:
    """One visit: light and wide, by keyboard, then everything opened, dark and narrow."""
    options = {"language": LANGUAGE, "known": sorted(world.words | NAMES), "source": source}
    inspect = script("inspect")

    def asked(*checks: str) -> dict[str, Any]:
        return page.evaluate(inspect, options | {"checks": checks})

    page.evaluate(script("axe"))
    wait_until(page, "() => !document.querySelector('noscript[data-waits]')")
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


# --- keys ---------------------------------------------------------------------------------------------------------

# Pages on which, together, each key has something to press.
KEYED = (
    "/app/channels/@qulay_savdo/", "/app/channels/@qulay_savdo/posts/{previous}/", "/app/", "/app/compare/",
    "/app/channels/@qulay_savdo/growth/?first=2026-11-01&last=2026-11-03",
)  # fmt: skip
SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
# What the scripts call keys, and what the sheet calls them.
SPELT = {
    "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓", "PageUp": "PgUp", "PageDown": "PgDn",
    "Escape": "Esc", "Home": "Home", "End": "End",
}  # fmt: skip
# Enter presses what has the focus, everywhere and in every program.
UNTOLD = {"Enter"}
SHEET = """() => [...document.querySelectorAll("[data-keys]")].map(({ dataset }) => ({ ...dataset }))"""
# What the key would press is pressed, but leads nowhere.
CATCH = """(selector) => {
  window.caught = null;
  const found = document.querySelector(selector);
  if (!found) return false;
  const kind = found.matches("input") ? "focus" : "click";
  const hear = (event) => { event.preventDefault(); event.stopImmediatePropagation(); window.caught = selector; };
  found.addEventListener(kind, hear, { capture: true, once: true });
  return true;
}"""


def test_each_key_of_the_sheet_presses_what_it_says(windows: dict[str, Window], world: World) -> None:
    window = windows["owner"]
    page = window.page
    left: dict[str, str] | None = None
    for address in KEYED:
        window.open(world.server.url + address.format(**world.things))
        page.keyboard.press("?")
        page.locator("#keys[open]").wait_for()
        page.keyboard.press("Escape")
        if left is None:
            left = {row["keys"]: row["press"] for row in page.evaluate(SHEET) if row.get("press")}
            assert len(left) > 25
        for keys, selector in list(left.items()):
            if not page.evaluate(CATCH, selector):
                continue
            for key in keys.split():
                page.keyboard.press(key)
            try:
                wait_until(page, "selector => window.caught === selector", selector)
            except PlaywrightError:
                pytest.fail(f"{keys} does not press {selector} on {address}")
            page.evaluate("document.activeElement.blur()")
            del left[keys]
    assert left == {}
    assert window.complaints == []


def test_no_key_is_heard_that_the_sheet_does_not_tell() -> None:
    told = {part for group in GROUPS for one in group.shortcuts for part in one.parts}
    heard = {
        name
        for path in SCRIPTS.glob("*.js")
        for name in re.findall(r"\b(Arrow\w+|Page(?:Up|Down)|Escape|Enter|Home|End|Delete|Tab|F\d+)\b", code_of(path))
    }
    assert {SPELT.get(name, name) for name in heard - UNTOLD} <= told
    # One script hears the keys of the page, and it knows them from the sheet.
    hearing = {path.name for path in SCRIPTS.glob("*.js") if "keydown" in code_of(path)}
    assert hearing <= {"keys.js", "chart.js", "page.js", "plot.js", "live.js"}


def code_of(path: Path) -> str:
    """A script without its comments and without names of its own in capitals."""
    return re.sub(r"^\s*//.*$|\s// .*$", "", path.read_text(), flags=re.MULTILINE)


def test_no_key_fires_while_somebody_types(windows: dict[str, Window], world: World) -> None:
    window = windows["owner"]
    page = window.page
    address = world.server.url + f"/app/channels/@qulay_savdo/notes/{world.things['note']}/"
    window.open(address)
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    page.keyboard.press("Escape")
    field = page.locator("main input[type=text], main textarea").first
    field.fill("")
    field.press_sequentially("?/gcx[1n")
    assert field.input_value() == "?/gcx[1n"
    assert page.url == address
    assert page.locator("dialog[open]").count() == 0


def test_way_back_restores_place_and_filters(windows: dict[str, Window], world: World) -> None:
    window = windows["owner"]
    page = window.page
    address = world.server.url + "/app/channels/@qulay_savdo/posts/?period=28d&forwarded=no"
    window.open(address)
    page.locator("#posts tbody tr a[href*='/posts/']").nth(15).scroll_into_view_if_needed()
    place = page.evaluate("window.scrollY")
    assert place > 300
    page.locator("#posts tbody tr a[href*='/posts/']").nth(15).click()
    page.wait_for_url("**/posts/*/")

    page.go_back()

    assert page.url == address
    wait_until(page, "place => Math.abs(window.scrollY - place) < 80", place)
