"""Notices of illegal content, decided in the console; duties of a site in Settings."""

from __future__ import annotations

from playwright.sync_api import expect

from moderation.accounts.staff import Role
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import Newsroom
from tests.objections.test_appeals import appeal
from tests.objections.test_notices import noticed
from tests.objections.test_reports import decide, status_of

__all__ = ["open_as"]  # a fixture


def test_a_notice_is_decided_with_reasons(newsroom: Newsroom, open_as: Opener) -> None:
    page = open_as("settings/law")
    page.get_by_label("Service").select_option("Online platform")
    page.get_by_label("Micro or small enterprise").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
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


def test_a_clause_is_numbered_and_an_illegal_comment_says_why(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/law")
    clause = page.locator("details.clause", has_text="Illegal content")
    clause.locator("summary").click()
    clause.get_by_label("Number in your terms").fill("4.2")
    page.get_by_role("button", name="Save a new version").click()
    expect(page.locator("#terms-version")).to_have_text("Version 1")
    sent = newsroom.send(body="Nurse Ida steals from the ward.")["id"]
    page.goto(f"/console/comments/{sent}")
    page.locator("#act-reject").click()
    page.get_by_role("button", name="Illegal").click()
    page.get_by_label("Law", exact=True).fill("§ 186 StGB")
    page.get_by_label("Explanation").fill("It says that she steals.")
    with page.expect_response("**/decisions"):
        page.locator("#basis-yes").click()
    admin = newsroom.as_staff(Role.ADMIN)
    statements = admin.get(f"/api/v1/comments/{sent}/statements").json["statements"]
    assert [each["legal_ground"] for each in statements] == ["§ 186 StGB"]
    assert statements[0]["explanation"] == "It says that she steals."
    assert statements[0]["clause"]["number"] == "4.2"


def test_an_appeal_is_answered_once_it_is_decided(
    newsroom: Newsroom, open_as: Opener
) -> None:
    sent = newsroom.send(body="Nurse Ida is never late.")["id"]
    decide(newsroom, sent, "reject", role=Role.LEAD)
    assert appeal(newsroom, sent).status_code == 201
    page = open_as(f"comments/{sent}")
    page.locator("#act-approve").click()
    page.get_by_label("Reasons").fill("You were right.")
    with page.expect_response("**/appeal/answer") as answered:
        page.locator("#answer-yes").click()
    assert answered.value.ok
    told = newsroom.as_site().get(f"/api/v1/comments/{sent}/appeal").json
    assert told["appeal"]["answer"] == "You were right."


def test_a_lead_warns_the_author_of_a_manifestly_illegal_comment(
    newsroom: Newsroom, open_as: Opener
) -> None:
    sent = newsroom.send(body="Nurse Ida steals from the ward.")["id"]
    admin = newsroom.as_staff(Role.ADMIN)
    basis = {"legal_ground": "§ 186 StGB", "is_manifest": True}
    version = admin.get(f"/api/v1/comments/{sent}").json["version"]
    body = {"verdict": "reject", "version": version, "reasons": ["illegal"]}
    made = admin.post(f"/api/v1/comments/{sent}/decisions", {**body, "basis": basis})
    assert made.status_code == 201, made.text
    number = admin.get("/api/v1/authors").json["authors"][0]["id"]
    page = open_as(f"authors/{number}")
    expect(page.locator("#misuse-counts")).to_contain_text("1 of 1")
    expect(page.locator("#suspend-author")).to_be_hidden()
    page.locator("#warn-author").click()
    page.locator("#measure-reason").fill("The next one ends in a suspension.")
    page.locator("#measure-yes").click()
    expect(page.locator("#misuse-measures li")).to_contain_text("The next one ends")
    page.locator("#suspend-author").click()
    page.locator("#measure-reason").fill("As you were warned.")
    page.locator("#measure-yes").click()
    expect(page.locator("#misuse-measures li")).to_have_count(2)
    expect(page.locator("#chip")).to_contain_text("Suspended")
