"""Campaigns and brakes as moderators use them, in a real Chromium."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.policy.brakes import NO_BRAKES
from moderation.review import bulk
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.api.test_campaigns import ADVERTISEMENT
from tests.api.test_triage import hold as hold_many
from tests.api.test_triage import work_off
from tests.browser.accessibility import violations
from tests.browser.conftest import Desk
from tests.builders import ALL_HELD, NOTHING_HELD, Newsroom

LIMIT = {"count": 3, "minutes": 1}
BRAKED = {**NO_BRAKES.as_json(), "near_duplicates": LIMIT}
AUTHOR_BRAKED = {**NO_BRAKES.as_json(), "author": LIMIT}
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
    "zoomed": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "right-to-left": {"viewport": {"width": 360, "height": 740}, "locale": "ar"},
}


def send_wave(newsroom: Newsroom, count: int) -> None:
    for number in range(count):
        newsroom.send(
            body=ADVERTISEMENT.replace("five", f"{number} times"),
            author_name=f"seller {number}",
            author_email=f"seller{number}@mail.example",
        )


def counted(status: str) -> int:
    """Return how many comments have a status."""
    db.session.rollback()
    query = sa.select(sa.func.count()).where(Comment.status == status)
    return db.session.scalar(query) or 0


def campaign_page(desk: Desk, role: Role = Role.MODERATOR, **settings: Any) -> Page:
    """Open the most harmful campaign, as a person comes to it."""
    page = desk_page(desk, role, **settings)
    page.goto("/console/campaigns")
    page.locator(".campaign-name").first.click()
    expect(page.locator("#harm-title")).not_to_be_empty()
    return page


def desk_page(desk: Desk, role: Role = Role.MODERATOR, **settings: Any) -> Page:
    return desk(role, **settings)


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    """A site with a comment on the desk, which publishes new comments from now on."""
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    newsroom.set_policy(NOTHING_HELD)
    return newsroom


def test_a_published_wave_is_taken_down_by_keys_and_undone(
    newsroom: Newsroom, desk: Desk
) -> None:
    send_wave(newsroom, 4)
    page = campaign_page(desk)
    title = page.locator("#harm-title")
    expect(title).to_have_text("4 of 4 are approved and can be read on the site")
    page.keyboard.press("r")
    expect(page.locator("#reject-title")).to_have_text("Reject 4 comments")
    expect(page.locator("#reject-told")).to_contain_text("4 approved")
    expect(page.locator("#reject-reason")).to_be_focused()
    page.locator("#reject-yes").press("Enter")
    expect(page.locator("#status")).to_have_text("4 comments rejected.")
    expect(title).to_have_text("All of them are rejected")
    assert (counted("rejected"), counted("approved")) == (4, 0)
    page.keyboard.press("u")
    expect(title).to_contain_text("4 of 4 are approved")
    assert (counted("rejected"), counted("approved")) == (0, 4)


def test_what_comes_after_it_was_taken_down_is_held(
    newsroom: Newsroom, desk: Desk
) -> None:
    send_wave(newsroom, 3)
    page = campaign_page(desk)
    page.keyboard.press("r")
    expect(page.locator("#reject-next")).to_have_value("hold-6")
    page.locator("#reject-yes").click()
    expect(page.locator("#brake-title")).to_contain_text("holds new near-duplicates")
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"


def test_a_comment_is_left_out_of_a_decision(newsroom: Newsroom, desk: Desk) -> None:
    send_wave(newsroom, 4)
    page = campaign_page(desk)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#excluded")).to_have_text("1 comment is left out.")
    expect(page.locator("#take-down")).to_contain_text("Take down 3…")
    page.keyboard.press("r")
    expect(page.locator("#reject-left")).to_have_text("1 comment is left out.")
    page.locator("#reject-yes").click()
    expect(page.locator("#harm-title")).to_contain_text("1 of 4 is approved")
    assert (counted("rejected"), counted("approved")) == (3, 1)


def test_a_campaign_is_rejected_with_what_still_comes(
    newsroom: Newsroom, desk: Desk
) -> None:
    send_wave(newsroom, 3)
    page = campaign_page(desk)
    expect(page.locator("#members ins").first).to_have_text("2")
    expect(page.locator("#members del").first).to_have_text("0")
    page.keyboard.press("r")
    page.locator("#reject-next").select_option("same-6")
    page.locator("#reject-yes").click()
    expect(page.locator("#standing-told")).to_contain_text("gazette-moderator")
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "rejected"
    page.locator("#end").click()
    expect(page.locator("#standing")).to_be_hidden()
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "approved"


def test_a_brake_is_told_on_every_page_and_what_came_through_is_held(
    newsroom: Newsroom, desk: Desk
) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKED)
    send_wave(newsroom, 8)
    page = desk(Role.MODERATOR)
    banner = page.locator("#brake-banner")
    expect(banner).to_contain_text("5 held. 3 approved.")
    expect(page.locator(".nav [data-count=brakes]")).to_have_text("1")
    banner.get_by_role("link", name="Review").click()
    expect(page.locator("#harm-title")).to_contain_text("3 of 8 are approved")
    expect(page.locator("#brake-banner")).to_be_hidden()  # the page says it
    page.keyboard.press("b")
    expect(page.locator("#status")).to_have_text("3 comments are pending again.")
    expect(page.locator("#harm-title")).to_have_text("None is approved, 8 are pending")
    page.keyboard.press("u")
    expect(page.locator("#harm-title")).to_contain_text("3 of 8 are approved")
    assert counted("approved") == 3


def test_a_brake_is_prolonged_and_released(newsroom: Newsroom, desk: Desk) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=AUTHOR_BRAKED)
    for number in range(6):
        newsroom.send(body=f"Nothing in common {number}, " + "abcdefgh"[number] * 9)
    page = desk(Role.MODERATOR)
    page.goto("/console/campaigns?show=brakes")
    card = page.locator(".brake-card")
    expect(card).to_contain_text("One author writes too fast.")
    card.get_by_role("button", name="Hold for 6 hours").click()
    expect(card).to_contain_text("(by gazette-moderator)")
    card.get_by_role("button", name="Release…").click()
    expect(page.locator("#release")).to_contain_text("stay pending")
    page.locator("#release-yes").click()
    expect(card).to_contain_text("Released by gazette-moderator")
    expect(card.get_by_role("button", name="Release…")).to_have_count(0)
    assert newsroom.send(body="Another one, on the tides")["status"] == "approved"


def test_the_list_is_live_and_moves_nothing(newsroom: Newsroom, desk: Desk) -> None:
    send_wave(newsroom, 3)
    page = desk(Role.MODERATOR)
    page.clock.install()
    page.goto("/console/campaigns")
    row = page.locator(".campaign-row")
    expect(row).to_contain_text("3 near-duplicates")
    send_wave(newsroom, 1)
    for _ in range(3):
        newsroom.send(body="The residents of the quay demand a ferry at night, too.")
    page.clock.run_for(11_000)
    expect(row.first).to_contain_text("4 near-duplicates")
    page.get_by_role("button", name="1 new campaign, show").click()
    expect(row).to_have_count(2)


def test_two_moderators_decide_the_same_campaign_once(
    newsroom: Newsroom, desk: Desk
) -> None:
    send_wave(newsroom, 3)
    first, second = campaign_page(desk), campaign_page(desk, Role.LEAD)
    first.keyboard.press("r")
    second.keyboard.press("r")
    first.locator("#reject-yes").click()
    expect(first.locator("#status")).to_have_text("3 comments rejected.")
    second.locator("#reject-yes").click()
    expect(second.locator("#reject-problem")).not_to_be_empty()
    by_people = sa.select(sa.func.count()).where(Decision.verdict == "reject")
    db.session.rollback()
    assert db.session.scalar(by_people) == 3


def test_a_large_campaign_is_decided_whole_and_undone_whole(
    app: Flask, newsroom: Newsroom, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 2)
    newsroom.set_policy(ALL_HELD)
    hold_many(newsroom, [0.9] * 5, body=ADVERTISEMENT)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    page = campaign_page(desk)
    page.keyboard.press("r")
    page.locator("#reject-yes").click()
    expect(page.locator("#progress")).to_be_visible()
    work_off(app, sessions)
    expect(page.locator("#status")).to_have_text("5 comments rejected.")
    expect(page.locator("#progress")).to_be_hidden()
    with page.expect_response("**/undo"):
        page.locator("#batches").get_by_role("button", name="Undo").click()
    work_off(app, sessions)
    expect(page.locator("#harm-title")).to_contain_text("5 are pending")


def test_an_empty_list_says_why(newsroom: Newsroom, desk: Desk) -> None:
    page = desk(Role.MODERATOR)
    page.goto("/console/campaigns")
    expect(page.locator("#none")).to_contain_text("as soon as three have come")
    page.get_by_role("link", name="Brakes").click()
    expect(page.locator("#none")).to_contain_text("No brake has taken hold")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_is_clean(newsroom: Newsroom, desk: Desk, screen: str) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKED)
    send_wave(newsroom, 6)
    page = desk(Role.MODERATOR, **SCREENS[screen])
    flaws = {"desk": violations(page)}

    def look(state: str) -> None:
        flaws[state] = violations(page)

    page.goto("/console/campaigns?show=brakes")
    expect(page.locator(".brake-card")).to_be_visible()
    look("brakes")
    page.goto("/console/campaigns")
    expect(page.locator(".campaign-row")).to_be_visible()
    look("list")
    page.locator(".campaign-name").click()
    expect(page.locator("#brake-title")).to_be_visible()
    look("campaign")
    for key in "ra":
        page.keyboard.press(key)
        look(key)
        page.keyboard.press("Escape")
    assert flaws == {state: [] for state in flaws}


def test_trusted_authors_are_left_out_of_a_take_down_unless_ticked(
    newsroom: Newsroom, desk: Desk
) -> None:
    send_wave(newsroom, 3)
    authors = newsroom.as_staff().get("/api/v1/authors?name=seller 0").json["authors"]
    standing = {"standing": "trusted", "reason": "regular"}
    path = f"/api/v1/authors/{authors[0]['id']}/standing"
    assert newsroom.as_staff().put(path, standing).status_code == 200
    page = campaign_page(desk)
    expect(page.locator("#take-down")).to_contain_text("Take down 2")
    expect(page.locator("#members")).to_contain_text("Trusted")
    page.keyboard.press("r")
    expect(page.locator("#reject-title")).to_have_text("Reject 2 comments")
    tick = page.get_by_label("Also 1 comment by a trusted author")
    assert violations(page) == []
    tick.check()
    expect(page.locator("#reject-title")).to_have_text("Reject 3 comments")
    tick.uncheck()
    page.locator("#reject-yes").click()
    expect(page.locator("#harm-title")).to_contain_text("1 of 3 is approved")
    assert (counted("rejected"), counted("approved")) == (2, 1)


@pytest.mark.parametrize("settings", [{}, {"locale": "ar"}], ids=["en", "ar"])
def test_a_campaign_is_merged_into_another_one(
    newsroom: Newsroom, desk: Desk, settings: dict[str, Any]
) -> None:
    for _ in range(2):
        newsroom.send(body="The residents of the quay demand a ferry at night, too.")
    send_wave(newsroom, 3)
    page = campaign_page(desk, **settings)
    page.locator("#merge-open").click()
    dialog = page.locator("#merge")
    expect(dialog.get_by_role("radio")).to_have_count(1)
    assert violations(page) == []
    dialog.get_by_role("radio").check()
    page.locator("#merge-yes").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#status")).to_contain_text("5")
    expect(page.locator("#members > li")).to_have_count(5)
