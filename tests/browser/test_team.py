"""A team's lead at work: who works on what, whose work a view is, who is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from tests.api.test_campaigns import ADVERTISEMENT
from tests.api.test_desk import take
from tests.api.test_qa_reviews import REJECT, decide, draw
from tests.browser.conftest import enter
from tests.builders import ALL_HELD, Newsroom

Opened = Callable[..., BrowserContext]


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD, second_look_share=1.0)
    return newsroom


def open_team(context: Opened, role: Role = Role.LEAD) -> Page:
    page = context().new_page()
    enter(page.context, f"gazette-{role}")
    page.goto("/console/team")
    expect(page.locator("#report")).to_be_visible()
    return page


def row_of(page: Page, role: Role) -> Any:
    return page.get_by_role("row").filter(has_text=f"gazette-{role}")


def test_a_lead_sees_who_works_on_what(newsroom: Newsroom, context: Opened) -> None:
    for _ in range(3):
        newsroom.send(article_title="The bridge")
    first, *_ = take(newsroom)
    decide(newsroom, first)
    page = open_team(context)
    row = row_of(page, Role.MODERATOR)
    expect(row).to_contain_text("2 comments")
    expect(row).to_contain_text("The bridge (2)")
    expect(row).to_contain_text("1 approved, 0 rejected")
    expect(row_of(page, Role.ADMIN)).to_contain_text("none")


def test_a_view_that_is_ones_work_comes_first(
    newsroom: Newsroom, context: Opened, desk: Callable[..., Page]
) -> None:
    newsroom.send(article_section="Sport")
    for name in ("Culture", "Sport"):
        body = {"name": name, "filters": {"section": name}, "shared_with": "gazette"}
        newsroom.as_staff(Role.LEAD).post("/api/v1/views", body)
    page = open_team(context)
    group = page.get_by_role("group", name="Sport")
    group.get_by_label("gazette-moderator").check()
    expect(page.locator("#status")).to_have_text(
        "Sport is assigned to gazette-moderator."
    )
    options = desk().locator("#view option")
    expect(options).to_have_text(
        [
            "Everything pending",
            "Most useful for training",
            "Assigned to you: Sport (1)",
            "Culture (0)",
        ]
    )


def test_an_admin_sets_the_shares_and_a_lead_reads_them(
    newsroom: Newsroom, context: Opened
) -> None:
    page = open_team(context, Role.ADMIN)
    page.get_by_label("Second reviews, % of moderators’ decisions").fill("5")
    page.get_by_label("Audits, % of automatic decisions").fill("2.5")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_contain_text("Saved")
    policy = newsroom.as_staff().get("/api/v1/sites/gazette/policy").json
    assert (policy["second_look_share"], policy["audit_share"]) == (0.05, 0.025)
    assert policy["thresholds"] == ALL_HELD
    lead = open_team(context)
    expect(lead.get_by_role("button", name="Save")).to_be_hidden()
    expect(lead.locator("#shares-read")).to_contain_text("5%")


def test_a_lead_decides_between_two_people(
    newsroom: Newsroom, session: Session, desk: Callable[..., Page]
) -> None:
    sent = newsroom.send()
    decide(newsroom, take(newsroom)[0])
    draw(session)
    decide(newsroom, take(newsroom, Role.LEAD)[0], Role.LEAD, **REJECT)
    page = desk(Role.ADMIN)
    asked = page.locator("#asked")
    expect(asked).to_contain_text("Two moderators decided differently.")
    expect(asked).to_contain_text("First: approve")
    expect(asked).to_contain_text("Second: reject (Spam)")
    with page.expect_response("**/decisions"):
        page.keyboard.press("a")
    stands = newsroom.as_site().get(f"/api/v1/comments/{sent['id']}").json
    assert (stands["status"], stands["version"]) == ("approved", 3)


def test_a_second_look_is_worked_through_like_any_comment(
    newsroom: Newsroom, session: Session, desk: Callable[..., Page]
) -> None:
    newsroom.send(author_name="Grace")
    decide(newsroom, take(newsroom)[0])
    draw(session)
    page = desk(Role.LEAD)
    expect(page.locator("#comment")).to_contain_text("Grace")
    expect(page.locator("#comment")).not_to_contain_text("gazette-moderator")
    with page.expect_response("**/decisions"):
        page.keyboard.press("a")
    expect(page.locator("#empty")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("#comment")).to_contain_text("Grace")


def test_a_second_look_at_a_campaign_tells_nothing_of_its_decision(
    newsroom: Newsroom, session: Session, desk: Callable[..., Page]
) -> None:
    for number in range(3):
        address = f"cash{number}@mail.example"
        newsroom.send(body=ADVERTISEMENT, author_name="Cash", author_email=address)
    (found,) = newsroom.as_staff().get("/api/v1/campaigns").json["campaigns"]
    path = f"/api/v1/campaigns/{found['id']}"
    seen = newsroom.as_staff().get(path).json
    body = {**REJECT, "version": seen["version"], "as_of": seen["as_of"]}
    assert newsroom.as_staff().post(f"{path}/decisions", body).json["decided"] == 3
    assert draw(session) == 3
    page = desk(Role.LEAD)
    for place in ("#comment", "#around"):
        expect(page.locator(place)).not_to_contain_text("rejected", ignore_case=True)
        expect(page.locator(place)).not_to_contain_text("gazette-moderator")
    with page.expect_response("**/decisions"):
        page.keyboard.press("a")
    disputed = desk(Role.ADMIN)
    expect(disputed.locator("#asked")).to_contain_text("First: reject (Spam)")
    expect(disputed.locator("#asked")).to_contain_text("Second: approve")
