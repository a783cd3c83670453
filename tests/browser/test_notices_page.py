"""Notices of illegal content, decided in the console; duties of a site in Settings."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_models_pages import Opener, open_as
from tests.builders import Newsroom
from tests.objections.test_notices import noticed
from tests.objections.test_reports import status_of

__all__ = ["open_as"]  # a fixture


def test_a_notice_is_decided_with_reasons(newsroom: Newsroom, open_as: Opener) -> None:
    page = open_as("settings/law")
    page.get_by_label("Service").select_option("Online platform")
    page.get_by_label("Micro or small enterprise").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#duties")).to_contain_text("Trusted flaggers first")
    sent = newsroom.send(body="Nurse Ida steals from the ward.")["id"]
    receipt = noticed(newsroom, sent, is_life=True)
    page.goto("/console/notices?queue=life")
    card = page.get_by_role("article", name=f"Notice {receipt['notice']}")
    expect(card).to_contain_text("Threat to life")
    card.get_by_role("button", name="Passed on…").click()
    page.get_by_role("textbox", name="Authority").fill("Police")
    page.get_by_role("button", name="Record").click()
    expect(card).to_contain_text("Passed on to Police")
    card.get_by_role("button", name="Decide…").click()
    page.get_by_label("Decision").select_option("Reject as illegal")
    page.get_by_label("Law", exact=True).fill("§ 186 StGB")
    page.get_by_label("Reasons for the notifier").fill("It is defamation.")
    page.get_by_role("button", name="Decide and answer").click()
    expect(page.get_by_text("No threats to life")).to_be_visible()
    assert status_of(newsroom, sent) == "rejected"
    page.goto("/console/notices?queue=decided")
    expect(page.get_by_role("article")).to_contain_text("It is defamation.")
