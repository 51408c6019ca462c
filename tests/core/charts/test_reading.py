"""Charts in a browser: reading by pointer and by keys, on narrow screens, under the policy of our pages."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Page, expect, sync_playwright

from analyticbot.core.charts import Comparison, Drawable, Effect, Effects, Mark, Shape, draw
from tests.browser import browser_program
from tests.core.charts.making import DAY, START, chart, points
from tests.core.charts.test_kinds import week

pytestmark = pytest.mark.browser

_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"


class _Pages(SimpleHTTPRequestHandler):
    """The charts' page and our static files, under a policy without anything inline."""

    page = ""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        body = self.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", _POLICY)
        super().end_headers()

    def log_message(self, *_said: object) -> None:
        """Quiet."""


def _page() -> str:
    past = START - DAY * 3
    earlier = Comparison("before", points([1, 2, 3], start=past), past)
    marks = (Mark(START + DAY, "mentioned"),)
    long_name = "A question in the first line of a post that is long"
    with translation.override("en"):
        charts: list[Drawable] = [
            chart(10, None, 30, name="lines", label="now", comparison=earlier, marks=marks),
            chart(10, 20, 30, name="bars", shape=Shape.BARS),
            week(*range(168), name="heat"),
            Effects("effects", "Effects", (Effect(long_name, 10, 2, 18, 40), Effect("Poll", -5, -9, 1, 4))),
        ]
        body = "".join(render_to_string("parts/chart.html", {"chart": draw(one)}) for one in charts)
    sheets = "".join(
        f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "base", "components", "charts")
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>'
        '<link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{sheets}'
        f'<script type="module" src="/static/js/chart.js"></script></head><body><main>{body}</main></body></html>'
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = type("Pages", (_Pages,), {"page": _page()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(Path(settings.BASE_DIR))))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A narrow page with charts; any error or breach of the policy fails the test."""
    said: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=browser_program(), args=arguments)
        page = browser.new_page(viewport={"width": 320, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        yield page
        browser.close()
    assert said == []


def test_pointer_reads_every_series_and_the_note(page: Page) -> None:
    frame = page.locator("[data-chart=lines]")
    box = frame.bounding_box()
    assert box
    frame.hover(position={"x": box["width"] / 2, "y": 80})
    tip = frame.locator(".chart__tip")
    expect(tip).to_have_text("Mar 2, 2026now—before21: mentioned")
    # What is unknown has no spot.
    expect(frame.locator(".chart__spot")).to_have_count(1)
    page.mouse.move(1, 1)
    expect(tip).to_have_count(0)


def test_keys_move_the_reading_line_and_are_spoken(page: Page) -> None:
    frame = page.locator("[data-chart=lines]")
    voice = page.locator("#chart-voice")
    frame.focus()
    for key, spoken in (
        ("ArrowRight", "Mar 1, 2026: now 10, before 1"),
        ("ArrowRight", "Mar 2, 2026: now —, before 2. 1: mentioned"),
        ("End", "Mar 3, 2026: now 30, before 3"),
        ("ArrowRight", "Mar 3, 2026: now 30, before 3"),
        ("Home", "Mar 1, 2026: now 10, before 1"),
    ):
        page.keyboard.press(key)
        expect(voice).to_have_text(spoken)
    page.keyboard.press("Escape")
    expect(frame.locator(".chart__tip")).to_have_count(0)


def test_keys_walk_a_map_by_hours_and_days(page: Page) -> None:
    page.locator("[data-chart=heat]").focus()
    voice = page.locator("#chart-voice")
    for key, spoken in (
        ("ArrowRight", "Monday 00:00: 0"),
        ("ArrowDown", "Tuesday 00:00: 24"),
        ("ArrowRight", "Tuesday 01:00: 25"),
        ("ArrowUp", "Monday 01:00: 1"),
        ("ArrowUp", "Monday 01:00: 1"),
    ):
        page.keyboard.press(key)
        expect(voice).to_have_text(spoken)


def test_pointer_reads_the_cell_and_the_bar_under_it(page: Page) -> None:
    heat = page.locator("[data-chart=heat]")
    box = heat.bounding_box()
    assert box
    heat.hover(position={"x": box["width"] * 23.5 / 24, "y": 4 + 28 * 6.5})
    expect(heat.locator(".chart__tip")).to_have_text("167Sunday 23:00")
    effects = page.locator("[data-chart=effects]")
    effects.hover(position={"x": 10, "y": 4 + 44 + 28})
    expect(effects.locator(".chart__when")).to_have_text("Poll")


def test_narrow_page_does_not_scroll_sideways_whatever_is_read(page: Page) -> None:
    for name in ("lines", "bars", "heat", "effects"):
        frame = page.locator(f"[data-chart={name}]")
        frame.focus()
        for key in ("Home", "End"):
            page.keyboard.press(key)
            box = frame.locator(".chart__tip").bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
