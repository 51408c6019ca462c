"""A link is made, opened by a stranger, held in a frame of another site, and taken back."""

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from accounts.models import User, Workspace
from channels_app.models import Channel
from tests.browser import wait_until
from tests.face.conftest import full, now, person, workspace
from tests.journeys.conftest import Travel

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

__all__ = ["full", "now", "person", "workspace"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


class _Site:
    """Another site: one page, whatever is asked for. A name of its own makes it another origin."""

    def __init__(self) -> None:
        self.page = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.page.encode())

            def log_message(self, *_args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site() -> Iterator[_Site]:
    found = _Site()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def test_a_link_is_shared_opened_embedded_and_revoked(
    travel: Travel, person: User, workspace: Workspace, full: Channel, now: datetime, site: _Site,
    live_server: "LiveServer",
) -> None:  # fmt: skip
    owner = travel()
    owner.come_back(person)
    owner.go(f"/app/channels/@{full.username}/growth/?period=7d")
    owner.page.get_by_role("link", name="Share", exact=True).click()
    owner.page.get_by_label("Overview").check()
    owner.page.get_by_label("Password, if one is to be asked for").fill("tea with milk")
    owner.page.get_by_text("Colours and embedding").click()
    owner.page.get_by_label("Sites that may embed it").fill(site.origin)
    owner.page.get_by_role("button", name="Make the link").click()
    address = owner.page.locator("#share-address").inner_text().removeprefix(live_server.url)
    made = owner.page.url

    reader = travel(java_script_enabled=False, locale="ru", user_agent=PERSON)
    reader.go(address)
    assert full.title not in reader.page.content()
    reader.page.get_by_label("Пароль").fill("tea with milk")
    reader.page.keyboard.press("Enter")
    reader.page.get_by_role("link", name="Рост").click()
    assert reader.page.locator("#steps tbody tr").count() == 7
    assert reader.page.locator("h1").inner_text() == full.title
    assert not reader.has_sideways_scroll()

    frame = f'<iframe src="{live_server.url}{address}embed/?section=growth" width="600" height="100"></iframe>'
    site.page = (
        f'<title>x</title><link rel="icon" href="data:,">{frame}<script src="{live_server.url}/s/embed.js"></script>'
    )
    guest = travel(user_agent=PERSON)
    guest.page.goto(site.origin)
    gate = guest.page.frame_locator("iframe").get_by_role("link", name="Open in a new tab")
    assert gate.get_attribute("href") == address
    owner.page.get_by_role("button", name="Ask for none").click()
    owner.page.wait_for_url("**/app/shared/*-*/")
    guest.page.reload()
    guest.page.frame_locator("iframe").locator("#steps").wait_for()
    wait_until(guest.page, "() => document.querySelector('iframe').getBoundingClientRect().height > 600")

    owner.page.reload()
    assert owner.page.locator(".figure__value").inner_text() == "2"
    owner.page.get_by_role("button", name="Revoke").click()
    owner.page.wait_for_url("**/app/shared/")
    assert made
    for visitor in (reader, guest):
        found = visitor.go(address)
        assert found and found.status == 404
        visitor.complaints.clear()  # of the 404 itself


def test_a_site_that_is_not_named_cannot_hold_the_link(
    travel: Travel, person: User, workspace: Workspace, full: Channel, now: datetime, site: _Site,
    live_server: "LiveServer",
) -> None:  # fmt: skip
    from tests.face.sharing_world import sharing

    _link, root = sharing(person, workspace, full, now=now)(frame_ancestors=("https://example.org",))
    site.page = f'<title>x</title><link rel="icon" href="data:,"><iframe src="{live_server.url}{root}embed/"></iframe>'
    guest = travel(user_agent=PERSON)

    with guest.page.expect_event("console", predicate=lambda message: "frame-ancestors" in message.text):
        guest.page.goto(site.origin)

    assert guest.page.frame_locator("iframe").locator("#report").count() == 0
    guest.complaints.clear()  # that was the complaint
