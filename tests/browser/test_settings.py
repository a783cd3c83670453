"""Settings as admins use them: keys, protocols, people, audit log, and the account."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import log_in
from tests.browser.test_every_page import SCREENS
from tests.browser.test_models_pages import Opener, open_as
from tests.builders import Caller, Newsroom, comment

__all__ = ["open_as"]  # a fixture

NEW_PASSWORD = "seven unrelated umbrellas"
DIALOGS = [
    ("connections", "#new-key", "#key"),
    ("connections", "#add-site", "#site-new"),
    ("connections", "#coral-secret", "#coral"),
    ("connections", "#site-keys button:first-of-type", "#rotation"),
    ("connections", "#site-keys button.risky", "#sure"),
    ("people", "#invite-person", "#invite"),
    ("privacy", "#new-hold", "#hold"),
    ("people", "#rows button", "#person"),
]


def secret_of(page: Page) -> str:
    """Return what is shown once, and put it away."""
    shown = page.locator("#once code").first
    secret = shown.text_content() or ""
    page.get_by_role("button", name="I have stored it").click()
    expect(page.locator("#once code")).to_have_count(0)
    return secret


def test_a_new_site_sends_its_first_comment_with_a_key_of_the_page(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/connections")
    page.get_by_role("button", name="Add a site…").click()
    page.locator("#site-name").fill("weekly")
    page.get_by_role("button", name="Add site").click()
    expect(page.get_by_text("This site has no valid key")).to_be_visible()
    page.get_by_role("button", name="New key…").click()
    page.locator("#key-name").fill("CMS")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator("#once")).to_contain_text("/api/v1/comments")
    site = Caller(newsroom.app.test_client(), secret_of(page))
    assert site.post("/api/v1/comments", comment()).status_code == 201
    expect(page.locator("#site-keys tr")).to_contain_text(
        "send comments and manage comm"
    )
    page.goto(page.url.replace("settings/connections", "comments"))
    expect(page.get_by_text("A fair point, well made").first).to_be_visible()
    expect(page.locator(".site-button:visible").first).to_contain_text("weekly")


def test_a_browser_key_has_origins_and_harmless_scopes(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/connections")
    page.get_by_role("button", name="New key…").click()
    page.locator("#key-name").fill("Website")
    page.get_by_label("In pages, where every reader can see it").check()
    expect(page.locator("#key-scopes [value=manage]")).to_be_disabled()
    page.get_by_label("Origins of the pages").fill("no origin")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator("#key-problem")).to_be_visible()
    page.get_by_label("Origins of the pages").fill("https://gazette.example")
    page.get_by_role("button", name="Create key").click()
    secret_of(page)
    row = page.locator("#site-keys tr", has_text="Website")
    expect(row).to_contain_text("report comments, from 1 origin")
    page.get_by_role("button", name="Show the key Website").click()
    expect(page.locator("#once")).to_contain_text("Every reader of your pages can see")
    expect(page.locator("#once")).to_contain_text("embed.js")
    assert violations(page) == []


def test_a_key_is_rotated_with_an_overlap_then_revoked(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/connections")
    page.get_by_role("button", name="Rotate the key unnamed").click()
    page.get_by_label("The older key stays valid for").select_option("24")
    page.get_by_role("button", name="Create the new key").click()
    newer = Caller(newsroom.app.test_client(), secret_of(page))
    older = newsroom.as_site()
    for key in (older, newer):
        assert key.post("/api/v1/comments", comment()).status_code == 201
    page.locator("#site-keys tr", has_text="Replaced").get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke key", exact=True).click()
    expect(page.locator("#status")).to_contain_text("was revoked.")
    assert older.post("/api/v1/comments", comment()).status_code == 401
    assert newer.post("/api/v1/comments", comment()).status_code == 201


def test_two_admins_do_not_overwrite_what_the_other_applied(
    newsroom: Newsroom, open_as: Opener
) -> None:
    first, second = open_as("settings/connections"), open_as("settings/connections")
    for page, name in ((first, "akismet"), (second, "openai")):
        page.locator(f"#protocols [value={name}]").check()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_load_state("networkidle")
    expect(second.locator("#banner")).to_contain_text("Another admin changed")
    path = f"/api/v1/sites/{newsroom.name}/integrations"
    read = newsroom.as_staff(Role.ADMIN).get(path).json
    assert read["protocols"] == ["akismet"]
    first.locator("#protocols [value=coral]").check()
    first.get_by_role("button", name="Discard").click()
    expect(first.locator("#save-bar")).to_be_hidden()
    expect(first.locator("#protocols [value=coral]")).not_to_be_checked()


def test_a_person_is_invited_limited_disabled_and_enabled(
    newsroom: Newsroom, context: Callable[..., BrowserContext], open_as: Opener
) -> None:
    page = open_as("settings/people")
    page.get_by_role("button", name="Invite…").click()
    page.locator("#invite-login").fill("grace")
    page.get_by_role("button", name="Create an invitation").click()
    link = secret_of(page)
    row = page.locator("#rows tr", has_text="grace")
    expect(row).to_contain_text("Invited")
    invited = context().new_page()
    invited.goto(link)
    invited.locator("[name=password]").fill(NEW_PASSWORD)
    invited.get_by_role("button", name="Set password").click()
    log_in(invited, "grace", NEW_PASSWORD)
    expect(invited.get_by_role("heading", level=1)).to_have_text("Desk")
    page.reload()
    row.get_by_role("button").click()
    page.get_by_role("button", name="Change roles…").click()
    page.locator("#roles-grants input").fill("Sport, Local")
    page.get_by_role("button", name="Change roles", exact=True).click()
    expect(row).to_contain_text("Local and Sport")
    for action, then in (("Disable", "Disabled"), ("Enable", "Local and Sport")):
        row.get_by_role("button").click()
        page.get_by_role("button", name=f"{action}…").click()
        page.get_by_role("button", name=action, exact=True).click()
        expect(row).to_contain_text(then)
    invited.reload()
    assert invited.url.endswith("/login")


def test_the_last_admin_stays_and_is_told_why(open_as: Opener) -> None:
    page = open_as("settings/people")
    page.locator("#rows tr", has_text="you").get_by_role("button").click()
    page.get_by_role("button", name="Remove from this site…").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("#sure-problem")).to_contain_text("needs an active admin")


def test_roles_that_another_admin_changed_are_not_overwritten(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/people")
    row = page.locator("#rows tr", has_text="gazette-moderator")
    row.get_by_role("button").click()
    page.get_by_role("button", name="Change roles…").click()
    path = f"/api/v1/sites/{newsroom.name}/staff/gazette-moderator"
    newsroom.as_staff(Role.ADMIN).put(path, {"roles": [{"role": "lead"}]})
    page.get_by_role("button", name="Change roles", exact=True).click()
    expect(page.locator("#roles-problem")).to_contain_text("Another admin changed")


def test_the_audit_log_is_filtered_checked_and_exported(
    newsroom: Newsroom, open_as: Opener, tmp_path: Path
) -> None:
    rule = {"name": "Ads", "action": "hold", "mode": "on"}
    body = {**rule, "conditions": [{"kind": "words", "entries": ["casino"]}]}
    path = f"/api/v1/sites/{newsroom.name}/rules"
    assert newsroom.as_staff(Role.ADMIN).post(path, body).status_code == 201
    page = open_as("settings/audit-log")
    page.locator("#action").select_option("rule.created")
    rows = page.locator(".entries tbody tr:not(.day)")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Created a rule: Rule 1")
    expect(page.locator(".day")).to_have_text("Today")
    page.get_by_role("button", name="Check the chain…").click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#verified")).to_contain_text("The chain is intact")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open() as file:
        assert [row["action"] for row in csv.DictReader(file)] == ["rule.created"]
    page.reload()  # the address has the filter
    expect(rows).to_have_count(1)
    page.locator("#actor").select_option("worker")
    expect(page.get_by_text("No entry matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(rows.first).to_be_visible()


def test_ones_own_tokens_and_sessions_end_in_the_account(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("account")
    page.get_by_role("button", name="New token…").click()
    page.locator("#token-name").fill("Nightly")
    page.get_by_role("button", name="Create token").click()
    script = Caller(newsroom.app.test_client(), secret_of(page))
    assert script.get("/api/v1/queue").status_code == 200
    page.get_by_role("button", name="Revoke the token Nightly").click()
    page.get_by_role("button", name="Revoke token", exact=True).click()
    expect(page.get_by_text("You have no API token.")).to_be_visible()
    assert script.get("/api/v1/queue").status_code == 401
    expect(page.locator("main time").first).to_have_text("just now")
    others = page.locator("[data-session]")
    count = others.count()
    assert count > 0  # the builder's token
    others.first.get_by_role("button").click()
    expect(others).to_have_count(count - 1)
    assert newsroom.as_staff(Role.ADMIN).get("/api/v1/queue").status_code == 401


@pytest.mark.parametrize("old", ["jobs", "alarms", "webhooks"])
def test_pages_that_were_of_the_models_are_still_found(
    open_as: Opener, old: str
) -> None:
    page = open_as(f"models/{old}?site=gazette")
    new = {"alarms": "alerts"}.get(old, old)
    assert page.url.endswith(f"/console/settings/{new}?site=gazette")
    tabs = page.get_by_role("navigation", name="Settings")
    expect(tabs.locator("[aria-current=page]")).to_have_count(1)


@pytest.mark.parametrize("screen", ["dark", "phone", "right-to-left"])
def test_everybody_can_use_the_dialogs_of_settings(
    open_as: Opener, screen: str
) -> None:
    found = {}
    for name, opener, dialog in DIALOGS:
        page = open_as(f"settings/{name}", **SCREENS[screen])
        page.locator(opener).first.click()
        expect(page.locator(dialog)).to_be_visible()
        found[dialog] = violations(page)
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
    assert found == {dialog: [] for _, _, dialog in DIALOGS}
