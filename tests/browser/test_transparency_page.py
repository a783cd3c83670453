"""The page Transparency: a report is made by a worker, and downloaded."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from tests.api.test_transparency import make_files
from tests.browser.accessibility import violations
from tests.browser.conftest import enter
from tests.builders import Newsroom
from tests.transparency.year import YearSeeder


def corrected(path: Path, folder: Path) -> Path:
    """Return a copy of a report with another publisher."""
    copy = folder / "corrected.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w") as other:
        for name in archive.namelist():
            content = archive.read(name).replace(b"Gazette Ltd", b"Gazette SE")
            other.writestr(name, content)
    return copy


def test_an_admin_makes_files_and_downloads_them(
    newsroom: Newsroom,
    session: Session,
    context: Callable[..., BrowserContext],
    tmp_path: Path,
) -> None:
    YearSeeder(newsroom, session).seed(60)
    page = context().new_page()
    enter(page.context, f"{newsroom.name}-{Role.ADMIN}")
    page.goto("/console/transparency")
    page.locator("#from").fill("2026-01-01")
    page.locator("#to").fill("2026-06-30")
    page.get_by_label("Legal name of the publisher").fill("Gazette Ltd")
    page.get_by_role("button", name="Make report").click()
    files = page.locator("#files > li")
    expect(files).to_have_count(1)
    make_files(newsroom.app)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download: Transparency report").click()
    path = tmp_path / "report.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert b"Gazette Ltd" in archive.read("1_summary.csv")
    published = page.locator("#published-list > li")
    page.get_by_role("button", name="Publish Transparency report").click()
    page.locator("#publish-yes").click()
    expect(published).to_have_count(1)
    page.get_by_role("button", name="Publish a report…").click()
    page.get_by_label("ZIP archive").set_input_files(corrected(path, tmp_path))
    assert violations(page) == []
    page.get_by_label("What is corrected, and why").fill("The publisher's name.")
    page.locator("#publish-yes").click()
    expect(published.first).to_contain_text("corrects version 1")
    page.get_by_text("things to do before you publish").click()
    expect(page.get_by_text("Sheet 3: orders of authorities")).to_be_visible()
    page.get_by_label("Statements of reasons").check()
    expect(page.get_by_label("Legal name of the publisher")).to_be_hidden()
    page.get_by_role("button", name="Make statements").click()
    expect(files).to_have_count(2)
    make_files(newsroom.app)
    expect(files.first).to_contain_text("statements")
    assert violations(page) == []
