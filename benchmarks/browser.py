"""A slow phone: Chromium with a slow network and a slow processor, and what it sees of a page.

The profile is that of "slow 4G" (1.6 Mb/s down, 150 ms for each answer to begin) with a processor four times slower.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.browser import browser_program

_BITS = 8
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / _BITS,
    "uploadThroughput": 750_000 / _BITS,
}
SLOWER = 4
# The page is left alone so long, in seconds, after it has loaded: late scripts and shifts are seen as well.
QUIET = 1.0
# Time of a task beyond this blocks; what comes before the first paint blocks nobody who could act.
_TASK_MS = 50

_WATCH = """
window.seen = { lcp: 0, cls: 0, tasks: [] };
new PerformanceObserver((list) => { for (const e of list.getEntries()) seen.lcp = e.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.cls += e.value; })
  .observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => { for (const e of list.getEntries()) seen.tasks.push([e.startTime, e.duration]); })
  .observe({ type: "longtask", buffered: true });
"""
_TELL = """() => ({
  ...seen, fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  ttfb: performance.getEntriesByType("navigation")[0].responseStart,
})"""


class Visit(NamedTuple):
    """One look at a page: milliseconds, and bytes as they came over the network by kind."""

    ttfb: float
    fcp: float
    lcp: float
    cls: float
    tbt: float
    bytes: dict[str, int]
    requests: int


@contextmanager
def slow_browser(cookies: list[Any]) -> Iterator[Any]:
    """A function `look(address) -> Visit`; each look is of a browser that has kept nothing."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_program(), args=["--headless", "--no-sandbox"])

        def look(address: str) -> Visit:
            context = chromium.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
            try:
                context.add_cookies(cookies)
                return _look(context, address)
            finally:
                context.close()

        yield look
        chromium.close()


def _look(context: Any, address: str) -> Visit:
    page = context.new_page()
    page.add_init_script(_WATCH)
    devtools = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools.on("Network.responseReceived", lambda told: kinds.__setitem__(told["requestId"], told["type"]))
    devtools.on(
        "Network.loadingFinished", lambda told: sizes.__setitem__(told["requestId"], int(told["encodedDataLength"]))
    )
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load", timeout=60_000)
    until = time.monotonic() + QUIET
    while time.monotonic() < until:
        page.wait_for_timeout(100)
    told = page.evaluate(_TELL)
    by_kind: dict[str, int] = {}
    for request, size in sizes.items():
        kind = kinds.get(request, "Other")
        by_kind[kind] = by_kind.get(kind, 0) + size
    blocked = sum(max(0.0, length - _TASK_MS) for begun, length in told["tasks"] if begun + length > told["fcp"])
    return Visit(told["ttfb"], told["fcp"], told["lcp"], told["cls"], blocked, by_kind, len(sizes))
