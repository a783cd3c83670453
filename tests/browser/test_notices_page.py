"""Notices of illegal content, decided in the console; duties of a site in Settings."""

from __future__ import annotations

from playwright.sync_api import expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import ALL_HELD, Newsroom
from tests.comments.test_statements import switch_on
from tests.objections.test_appeals import appeal
from tests.objections.test_notices import ADDRESS, kept, noticed, verdict
from tests.objections.test_notices import decide as decide_notice
from tests.objections.test_reports import COMMENTS, decide, status_of

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
    spam = page.locator("details.clause", has_text="Advertising").first
    spam.locator("summary").click()
    spam.get_by_label("Category in the transparency report").select_option("Phishing")
    page.get_by_role("button", name="Save a new version").click()
    expect(page.locator("#terms-version")).to_have_text("Version 1")
    terms = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/terms").json
    assert terms["clauses"]["spam"]["category"] == "SCAMS_AND_FRAUD"
    assert terms["clauses"]["spam"]["keyword"] == "PHISHING"
    assert terms["clauses"]["insult"]["category"] is None
    sent = newsroom.send(body="Nurse Ida steals from the ward.")["id"]
    page.goto(f"/console/comments/{sent}")
    page.locator("#act-reject").click()
    page.get_by_role("button", name="Illegal").click()
    page.get_by_label("Law", exact=True).fill("§ 186 StGB")
    page.get_by_label("Category", exact=True).select_option("Defamation")
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
    expect(page.locator("#misuse-first")).to_contain_text("1 of 1")
    expect(page.locator("#misuse-suspend")).to_be_hidden()
    page.locator("#misuse-warn").click()
    page.locator("#measure-reason").fill("The next one ends in a suspension.")
    page.locator("#measure-yes").click()
    expect(page.locator("#misuse-measures li")).to_contain_text("The next one ends")
    page.locator("#misuse-suspend").click()
    page.locator("#measure-reason").fill("As you were warned.")
    page.locator("#measure-yes").click()
    expect(page.locator("#misuse-measures li")).to_have_count(2)
    expect(page.locator("#chip")).to_contain_text("Suspended")


def test_the_desk_and_the_list_ask_for_the_law_where_duties_are_on(
    newsroom: Newsroom, open_as: Opener
) -> None:
    newsroom.set_policy(ALL_HELD)
    switch_on(newsroom)
    sent = [newsroom.send(body=f"Nurse Ida steals, part {one}.")["id"] for one in "abc"]
    page = open_as("")
    expect(page.locator("#actions")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.press("Shift+7")  # a threat, which suggests the category
    page.keyboard.press("Shift+I")
    page.keyboard.press("Enter")
    page.get_by_label("Law", exact=True).fill("§ 241 StGB")
    chosen = page.get_by_label("Category", exact=True)
    expect(chosen).to_have_value("VIOLENCE INCITEMENT_VIOLENCE_HATRED")
    page.get_by_label("Explanation").fill("It says what will happen to her.")
    with page.expect_response("**/decisions") as decided:
        page.locator("#basis-yes").click()
    assert decided.value.ok
    page.goto("/console/comments")
    page.locator("#rows input[type=checkbox]").first.click()
    page.locator("#rows input[type=checkbox]").nth(1).click()
    page.locator("#bulk-reject").click()
    page.get_by_role("dialog").get_by_role("button", name="Other").click()
    expect(page.get_by_label("Law", exact=True)).to_be_hidden()
    page.get_by_label("Explanation").fill("Both name a nurse who can't answer.")
    with page.expect_response("**/batches") as batch:
        page.locator("#basis-yes").click()
    assert batch.value.ok
    site = newsroom.as_site()
    found = [site.get(f"{COMMENTS}/{one}/statements").json for one in sent]
    stated = [one["statements"][0] for one in found]
    (law,) = [one for one in stated if one["ground"] == "illegal"]
    assert (law["legal_ground"], law["category"]) == ("§ 241 StGB", "VIOLENCE")
    others = [one["explanation"] for one in stated if one["ground"] == "terms"]
    assert others == ["Both name a nurse who can't answer."] * 2


def test_a_lead_warns_a_notifier_and_reveals_who_it_is(
    newsroom: Newsroom, open_as: Opener
) -> None:
    switch_on(newsroom, kind="platform", is_small=False)
    sent = newsroom.send(body="Nurse Ida is never late.")["id"]
    notice = noticed(newsroom, sent)["notice"]
    unfounded = verdict(kept(sent), is_unfounded=True)
    assert decide_notice(newsroom, notice, unfounded).status_code == 201
    page = open_as("notices?queue=decided")
    page.get_by_role("button", name="Sender…").click()
    dialog = page.locator("#sender")
    expect(dialog).to_contain_text("1 of 1 notices")
    dialog.get_by_role("button", name="Warn…").click()
    page.locator("#measure-reason").fill("Read what defamation is.")
    page.locator("#measure-yes").click()
    expect(dialog.locator("#misuse-measures li")).to_contain_text(
        "Read what defamation"
    )
    dialog.get_by_role("button", name="Suspend after").click()
    page.locator("#measure-reason").fill("Again.")
    page.locator("#measure-yes").click()
    expect(dialog.locator("#misuse-measures li")).to_have_count(2)
    dialog.get_by_role("button", name="Lift").click()
    expect(dialog.get_by_role("button", name="Lift")).to_have_count(0)
    dialog.get_by_role("button", name="Reveal name").click()
    assert violations(page) == []
    page.locator("#reveal-reason").fill("A court's summons.")
    page.locator("#reveal-yes").click()
    expect(dialog.locator("#sender-revealed")).to_contain_text(ADDRESS)


def test_a_dispute_is_entered_from_a_notice_and_decided(
    newsroom: Newsroom, open_as: Opener
) -> None:
    switch_on(newsroom, kind="platform", is_small=False)
    sent = newsroom.send(body="Nurse Ida is never late.")["id"]
    notice = noticed(newsroom, sent)["notice"]
    assert decide_notice(newsroom, notice, verdict(kept(sent))).status_code == 201
    page = open_as("notices?queue=decided")
    page.get_by_role("link", name="Dispute…").click()
    page.get_by_label("Dispute settlement body").fill("Appeals Board")
    page.get_by_label("Filed on").fill("2025-03-01")
    assert violations(page) == []
    page.locator("#dispute-yes").click()
    item = page.locator("#list li")
    expect(item).to_contain_text(f"Notice {notice}")
    item.get_by_role("button", name="Change…").click()
    page.get_by_label("Outcome").select_option("Reversed")
    page.get_by_label("Ended on").fill("2025-03-08")
    page.locator("#dispute-yes").click()
    expect(item).to_contain_text("not carried out yet")
    assert violations(page) == []
