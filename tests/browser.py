"""The browser of this machine, found in one way by all tests that need one."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# How long an expectation waits, in milliseconds: a busy machine is not a wrong page.
PATIENCE = 20_000


def browser_program() -> str:
    """The path of the browser: CHROMIUM, or the first that is installed. Skips the test where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on this machine: set CHROMIUM to its path, or install one of {', '.join(NAMES)}")
    return found
