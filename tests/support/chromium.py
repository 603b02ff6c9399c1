"""The browser for the tests: Chromium without a screen, as Debian has it; else any other one, or Playwright's own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

# The shell is the same engine without windows: the same tests took 58 % of a whole Chromium's processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# As root there is no sandbox. A graphics card that is not there is not to be played by the processor: that took a fifth
# of a whole Chromium's time. The others keep it from calling home, which is slow where there is no network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser. Each person in a test is a context of it (`browser.new_context()`)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(playwright), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def executable(playwright: Playwright) -> str:
    for name in NAMES:
        if found := shutil.which(name):
            return found
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    pytest.skip("Chromium is not here (Debian: apt-get install chromium-headless-shell)")
