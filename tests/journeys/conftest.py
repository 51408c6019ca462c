"""A real browser over a real server. What the browser complains of fails the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict, Unpack

import pytest

from tests.browser import PATIENCE, browser_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Response, ViewportSize
    from pytest_django.live_server_helper import LiveServer

    from accounts.models import User

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """What translators wrote, as Django reads it."""
    from analyticbot.local.catalogues import compile_catalogues

    compile_catalogues(Path(__file__).resolve().parent.parent.parent / "locale")


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """One browser for the journeys of a module; its pages share nothing.

    Not for the whole session: while Playwright is on, its event loop counts as running in this thread, and every
    test after it that runs a loop of its own would fail.
    """
    program = browser_program()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Options(TypedDict, total=False):
    """What a traveller's browser differs in."""

    viewport: "ViewportSize"
    locale: str
    timezone_id: str
    java_script_enabled: bool
    user_agent: str
    color_scheme: Literal["light", "dark"]


class Traveller:
    """A browser page of one person, and what it complained of."""

    def __init__(self, chromium: "Browser", server: "LiveServer", **options: Unpack[Options]) -> None:
        self.server = server
        chosen: Options = {"viewport": {"width": 1280, "height": 900}, "locale": "en", **options}
        self.context = chromium.new_context(**chosen)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (e) => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )

    def _hear(self, message: "ConsoleMessage") -> None:
        # Django's server of tests knows no WebSockets; pages then ask by themselves (tests/journeys/test_live.py).
        if message.type in {"error", "warning"} and not message.text.startswith("WebSocket connection to"):
            self.complaints.append(message.text)

    def go(self, address: str) -> "Response | None":
        """Open an address of ours."""
        return self.page.goto(self.server.url + address)

    def sign_in(self, email: str, password: str) -> None:
        """Through the form, as a person does."""
        self.go("/account/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/app/**")

    def come_back(self, person: "User") -> None:
        """With the session of an earlier visit: signing in is limited, and is not what most journeys are about."""
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.server.url}])
        self.go("/app/")

    def has_sideways_scroll(self) -> bool:
        """Whether the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


class Travel(Protocol):
    """Starts one more traveller."""

    def __call__(self, **options: Unpack[Options]) -> Traveller: ...


@pytest.fixture
def travel(chromium: "Browser", live_server: "LiveServer") -> Iterator[Travel]:
    """Makes travellers; none of them may have complained at the end."""
    travellers: list[Traveller] = []

    def start(**options: Unpack[Options]) -> Traveller:
        travellers.append(Traveller(chromium, live_server, **options))
        return travellers[-1]

    yield start
    complaints = [complaint for traveller in travellers for complaint in traveller.complaints]
    for traveller in travellers:
        traveller.context.close()
    assert complaints == []
