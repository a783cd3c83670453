"""The browser in which benchmarks drive the pages."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

#: Of Debian and of Alpine. The whole browser, as the pictures and waits of a person.
NAMES = ("chromium", "chromium-browser")
#: Containers run as root, which Chromium's sandbox refuses.
ARGUMENTS = ("--no-sandbox", "--disable-gpu")


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium of this machine, or else the one that Playwright installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
