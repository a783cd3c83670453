"""The page of rules: one is written, tried, switched on, changed and imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from tests.api.test_rules import RULES, write
from tests.browser.accessibility import violations
from tests.browser.conftest import log_in, press_action
from tests.browser.test_every_page import SCREENS
from tests.builders import Newsroom

OpenRules = Callable[..., Page]


@pytest.fixture
def rules(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> OpenRules:
    """Log an admin in and open the page."""

    def opened(**settings: Any) -> Page:
        page = context(**settings).new_page()
        page.goto("/console/rules")
        log_in(page, f"{newsroom.name}-{Role.ADMIN}")
        page.goto("/console/rules")
        page.wait_for_load_state("networkidle")
        return page

    return opened


def test_a_rule_is_tried_in_words_before_it_is_switched_on(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    newsroom.send(body="See the c4sino, it is 🙂 open")
    newsroom.send(body="Nothing of it")
    page = rules()
    page.get_by_role("button", name="New rule").click()
    page.locator("#name").fill("Gambling")
    page.get_by_label("One a line").fill("casino\nfree spins")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#trial")).to_contain_text("caught 1 of 2 comments")
    expect(page.locator("#trial mark")).to_have_text("c4sino")
    page.get_by_role("button", name="Save and switch on").click()
    expect(page.get_by_role("status")).to_contain_text("decides from the next comment")
    expect(page.get_by_role("heading", name="Gambling")).to_be_visible()
    assert newsroom.send(body="A casino")["status"] == "pending"


@pytest.mark.parametrize(
    ("button", "mode", "told"),
    [
        ("Save as a trial", "shadow", "saved as a trial"),
        ("Save switched off", "off", "switched off"),
    ],
)
def test_a_rule_is_saved_in_the_state_that_the_button_says(
    newsroom: Newsroom, rules: OpenRules, button: str, mode: str, told: str
) -> None:
    page = rules()
    page.get_by_role("button", name="New rule").click()
    page.locator("#name").fill("Floods")
    page.get_by_role("button", name="Take this condition out").click()
    page.get_by_label("Kind of condition").select_option("rate")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("Count comments of one").select_option("network")
    page.get_by_label("More than (comments)").fill("5")
    page.get_by_label("Within (minutes)").fill("10")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_contain_text(told)
    (rule,) = newsroom.as_staff().get(RULES).json["rules"]
    whole = newsroom.as_staff().get(f"{RULES}/{rule['id']}").json
    assert whole["mode"] == mode
    (condition,) = whole["conditions"]
    wanted = {"kind": "rate", "of": "network", "more_than": 5, "minutes": 10}
    assert {name: condition[name] for name in wanted} == wanted


def test_words_of_a_new_condition_search_the_name_too_and_old_ones_stay(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    write(newsroom)
    page = rules()
    page.get_by_role("button", name="Edit: Gambling").click()
    expect(page.get_by_label("Search in")).to_have_value("text")
    page.get_by_role("button", name="New rule").click()
    expect(page.get_by_label("Search in")).to_have_value("both")


def test_a_mode_is_switched_in_the_list(newsroom: Newsroom, rules: OpenRules) -> None:
    write(newsroom, mode="off")
    page = rules()
    page.get_by_label("Mode of “Gambling”").select_option("shadow")
    expect(page.get_by_role("status")).to_contain_text("Shadow")
    newsroom.send(body="A casino")
    page.reload()
    expect(page.locator(".hits")).to_contain_text("0 matched, 1 in shadow")
    page.get_by_role("button", name="History: Gambling").click()
    expect(page.locator(".history > li")).to_have_count(2)


def test_complaints_stand_at_the_form_and_nothing_is_lost(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    page = rules()
    page.get_by_role("button", name="New rule").click()
    page.locator("#name").fill("Broken")
    page.get_by_role("button", name="Take this condition out").click()
    page.get_by_label("Kind of condition").select_option("pattern")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_label("One a line").fill("fine\na(b")
    page.get_by_role("button", name="Save and switch on").click()
    expect(page.locator("#complaints li")).to_have_text(
        "Condition 1, line 2: Not a valid pattern: missing ) (at character 2)."
    )
    expect(page.get_by_label("One a line")).to_have_value("fine\na(b")


def test_a_colleagues_change_is_not_overwritten(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    rule = write(newsroom)
    page = rules()
    page.get_by_role("button", name="Edit: Gambling").click()
    expect(page.locator("#name")).to_have_value("Gambling")
    change = {"version": 1, "name": "A colleague's"}
    newsroom.as_staff(Role.ADMIN).patch(f"{RULES}/{rule['id']}", change)
    page.get_by_role("button", name="Save and switch on").click()
    expect(page.get_by_role("alert")).to_contain_text("has changed since you opened it")


def test_an_address_that_is_kept_stays_when_the_rule_is_saved(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    author = {"kind": "author", "emails": ["eve@mail.example"]}
    write(newsroom, conditions=[author])
    page = rules()
    page.get_by_role("button", name="Edit: Gambling").click()
    expect(page.locator(".condition")).to_contain_text("1 address is kept, unreadable.")
    page.get_by_label("What happens").select_option("reject")
    page.get_by_role("button", name="Save and switch on").click()
    expect(page.get_by_role("status")).to_contain_text("is saved")
    assert newsroom.send(author_email="eve@mail.example")["status"] == "rejected"


def test_a_list_is_imported_and_wrong_lines_are_named(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    page = rules()
    page.get_by_role("button", name="Import a list").click()

    def choose(text: str) -> None:
        file = {"name": "slurs.txt", "mimeType": "text/plain", "buffer": text.encode()}
        page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name="Import", exact=True).click()

    choose("good\n" + "x" * 300 + "\n")
    expect(page.locator("#import-complaints li")).to_contain_text("line 2")
    choose("# mine\ncasino\nдурак\n")
    status = page.get_by_role("status")
    expect(status).to_contain_text("“slurs.txt” now has 2 entries.")
    expect(status).to_contain_text("would have matched 0 of the newest 0 comments")
    expect(status).to_contain_text("It is off")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export: slurs.txt").click()
    assert download.value.path().read_text() == "casino\nдурак\n"


def test_a_rule_is_deleted_after_a_question(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    write(newsroom)
    page = rules()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete: Gambling").click()
    expect(page.get_by_role("heading", name="Gambling")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete: Gambling").click()
    expect(page.get_by_text("No rules yet.")).to_be_visible()


@pytest.mark.parametrize("screen", ["wide", "dark", "phone", "right-to-left"])
def test_everybody_can_use_the_forms(
    newsroom: Newsroom, rules: OpenRules, screen: str
) -> None:
    newsroom.send(body="A casino to see " + "x" * 200)
    write(newsroom, tag="x" * 50, name="A long name " + "y" * 80)
    page = rules(**SCREENS[screen])
    page.locator(".past").click()
    page.locator("#new").click()
    for kind in ("pattern", "author", "length", "first_comment"):
        page.locator("#kind").select_option(kind)
        page.locator("#add-condition").click()
    page.locator("[data-name=entries]").first.fill("casino")
    for _ in range(4):
        page.locator(".condition > .compact").last.click()
    page.locator("#try").click()
    expect(page.locator("#trial table")).to_be_visible()
    assert violations(page) == []
    press_action(page, "#bring")
    assert violations(page) == []


def test_what_a_rule_matched_is_marked_on_the_desk(
    newsroom: Newsroom, desk: Callable[..., Page]
) -> None:
    write(newsroom)
    newsroom.send(body="🙂 Win at c4sino, with free  spins!")
    page = desk()
    expect(page.locator("#why")).to_contain_text("Gambling")
    expect(page.locator("#body")).to_have_text("🙂 Win at c4sino, with free  spins!")
    marked = page.locator("mark.matched").all_inner_texts()
    assert "".join(marked) == "c4sinofree  spins"


def test_what_rules_rejected_is_looked_over(
    newsroom: Newsroom, rules: OpenRules
) -> None:
    write(newsroom, action="reject")
    newsroom.send(body="A casino")
    page = rules()
    page.goto("/console/decided")
    expect(page.locator("#rows .item-text")).to_have_text("A casino")
    expect(page.locator("#rows .item-why")).to_contain_text("Rule: Gambling")
