"""Settings, Import: a file is uploaded, checked, and imported, and faults are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.importing import uploads
from moderation.importing.uploads import UploadFolder
from tests.api.test_imports import DISQUS, SAMPLES, count, work_off
from tests.browser.accessibility import violations
from tests.browser.conftest import enter
from tests.builders import Newsroom, replace_services


@pytest.fixture
def page(
    newsroom: Newsroom, context: Callable[..., BrowserContext], tmp_path: Path
) -> Page:
    folder = UploadFolder(path=tmp_path / "uploads", max_bytes=1_000_000)
    replace_services(newsroom.app, uploads=folder)
    page = context().new_page()
    enter(page.context, f"{newsroom.name}-{Role.ADMIN}")
    page.goto("/console/settings/import")
    return page


def test_a_file_is_uploaded_checked_and_imported(
    newsroom: Newsroom, page: Page, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 1_000)  # so that there are several
    page.reload()
    page.get_by_label("Files of the export").set_input_files(SAMPLES / "disqus.xml")
    page.get_by_role("button", name="Upload and check").click()
    card = page.locator(".import")
    expect(card).to_contain_text("check queued")
    assert violations(page) == []
    work_off(newsroom.app)
    expect(card).to_contain_text("not enough for a first model")
    card.get_by_text("Years, sections, and refused rows").click()
    expect(card.get_by_text("By year")).to_be_visible()
    assert violations(page) == []
    card.get_by_role("button", name="Import").click()
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(card).to_contain_text("import queued")
    work_off(newsroom.app)
    expect(card).to_contain_text(f"{count(session)} comments added.")
    assert violations(page) == []


def test_what_can_not_be_imported_is_told_and_tried_otherwise(
    newsroom: Newsroom, page: Page
) -> None:
    files = {"name": "history.dat", "mimeType": "text/plain", "buffer": b"No format."}
    page.get_by_label("Files of the export").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload and check").click()
    card = page.locator(".import")
    work_off_when_queued(newsroom, card)
    expect(card).to_contain_text("of no known format")
    page.get_by_text("Options", exact=True).click()
    page.get_by_label("Mapping (JSON)").fill("id = nr")
    card.get_by_role("button", name="Check again").click()
    assert page.get_by_label("Mapping (JSON)").evaluate("e => !e.validity.valid")
    assert violations(page) == []
    card.get_by_role("button", name="Delete files").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete files").click()
    expect(card.locator(".state")).to_have_text("deleted")


def work_off_when_queued(newsroom: Newsroom, card: object) -> None:
    expect(card).to_contain_text("check queued")  # type: ignore[call-overload]
    work_off(newsroom.app)


def test_files_that_are_too_large_are_refused_with_the_limit(page: Page) -> None:
    files = {"name": "a.xml", "mimeType": "text/xml", "buffer": DISQUS * 300}
    page.get_by_label("Files of the export").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#banner")).to_contain_text("up to 1 MB together. These have 2")
