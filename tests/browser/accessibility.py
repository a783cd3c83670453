"""Find faults of a page, for every reader and on every screen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Nothing sticks out: a page that scrolls sideways can't be read on a phone.
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


def violations(page: Page) -> list[str]:
    """Return axe's rules that the page breaks, with places, and whether it is too wide.

    The page is read when it has loaded: of a page that is on its way, something that
    should be gone is gone, too.
    """
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    broken = [
        f"{each['id']}: {each['help']} {[node['html'] for node in each['nodes'][:3]]}"
        for each in found
    ]
    if page.evaluate(TOO_WIDE):
        broken.append("it is wider than the window")
    return broken
