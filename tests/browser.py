"""The browser of this machine, found in one way by all tests that need one."""

import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
# How long an expectation waits, in milliseconds: a busy machine is not a wrong page.
PATIENCE = 20_000


def browser_program() -> str:
    """The path of the browser: CHROMIUM, or the first that is installed. Skips the test where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on this machine: set CHROMIUM to its path, or install one of {', '.join(NAMES)}")
    return found


def wait_until(page: "Page", script: str, arg: Any = None) -> None:
    """Wait until a script of the page says true. The driver's own way needs `eval`, which our policy refuses."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(script, arg):
        assert time.monotonic() < end, script
        page.wait_for_timeout(50)
