"""Triage and campaigns as moderators use them, in a real Chromium."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import sessionmaker

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.review import bulk
from moderation.tables.comments import Comment
from tests.api.test_campaigns import ADVERTISEMENT, OTHER
from tests.api.test_triage import work_off
from tests.browser.accessibility import violations
from tests.browser.conftest import Desk
from tests.builders import ALL_HELD, Newsroom

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def hold(newsroom: Newsroom, scores: Sequence[float]) -> None:
    """Let comments wait, each with a score of spam."""
    for _ in scores:
        newsroom.send()
    session = db.session()
    start_writing(session)
    rows = session.scalars(sa.select(Comment).order_by(Comment.id)).all()
    for row, score in zip(rows, scores, strict=True):
        row.score_spam = score
    session.commit()


def counted(status: str) -> int:
    """Return how many comments have a status."""
    db.session.rollback()
    query = sa.select(sa.func.count()).where(Comment.status == status)
    return db.session.scalar(query) or 0


def triage(desk: Desk, role: Role = Role.MODERATOR, **settings: object) -> Page:
    page = desk(role, **settings)
    page.goto("/console/triage")
    expect(page.locator("#found")).not_to_be_empty()
    return page


def test_a_range_is_chosen_by_keyboard(newsroom: Newsroom, desk: Desk) -> None:
    hold(newsroom, [0.2, 0.62, 0.93])
    page = triage(desk)
    expect(page.locator("#found")).to_contain_text("2 pending comments between 0.50")
    low = page.get_by_role("slider", name="Lower end of the range")
    low.focus()
    for _ in range(3):
        low.press("ArrowRight")
    expect(page.locator("#found")).to_contain_text("1 pending comment between 0.65")
    expect(page.locator("#low-number")).to_have_value("0.65")


def test_a_range_is_chosen_by_dragging_over_the_bars(
    newsroom: Newsroom, desk: Desk
) -> None:
    hold(newsroom, [0.2, 0.62, 0.93])
    page = triage(desk)
    page.locator("#bars").scroll_into_view_if_needed()
    box = page.locator("#bars").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 3
    page.mouse.move(box["x"] + box["width"] * 0.12, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, middle, steps=4)
    page.mouse.up()
    expect(page.locator("#found")).to_contain_text(
        "1 pending comment between 0.10 and 0.30"
    )


def test_a_range_is_chosen_by_number(newsroom: Newsroom, desk: Desk) -> None:
    hold(newsroom, [0.2, 0.62, 0.93])
    page = triage(desk)
    page.get_by_label("From").fill("0.15")
    page.get_by_label("From").press("Tab")
    expect(page.locator("#found")).to_contain_text("3 pending comments between 0.15")


def test_all_in_a_range_are_rejected_and_taken_back(
    newsroom: Newsroom, desk: Desk
) -> None:
    hold(newsroom, [0.2, 0.62, 0.93])
    page = triage(desk)
    page.get_by_role("button", name="Reject all 2").click()
    expect(page.locator("#batch-asked")).to_have_text("Reject 2 comments for “Spam”?")
    page.get_by_role("button", name="Yes, decide them").press("Enter")
    expect(page.locator("#batch-progress .told")).to_have_text("2 comments rejected.")
    assert (counted("rejected"), counted("pending")) == (2, 1)
    expect(page.locator("#found")).to_contain_text("0 pending comments")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#batch-progress .told")).to_have_text(
        "2 comments are pending again."
    )
    assert counted("pending") == 3
    expect(page.get_by_role("button", name="Reject all 2")).to_be_enabled()


def test_a_question_is_answered_with_no(newsroom: Newsroom, desk: Desk) -> None:
    hold(newsroom, [0.62, 0.93])
    page = triage(desk)
    page.get_by_role("button", name="Approve all 2").click()
    page.keyboard.press("Escape")
    expect(page.locator("#batch-question")).to_be_hidden()
    expect(page.get_by_role("button", name="Approve all 2")).to_be_focused()
    assert counted("pending") == 2


def test_what_a_colleague_holds_is_told(newsroom: Newsroom, desk: Desk) -> None:
    hold(newsroom, [0.62, 0.93])
    newsroom.as_staff(Role.LEAD).post("/api/v1/hand", {"size": 1})
    page = triage(desk)
    expect(page.locator("#list")).to_contain_text("Reserved by gazette-lead")
    page.get_by_role("button", name="Reject all 2").click()
    page.get_by_role("button", name="Yes, decide them").click()
    told = page.locator("#batch-progress .told")
    expect(told).to_contain_text("1 is reserved by another moderator")


def test_a_lost_network_is_told_and_nothing_is_lost(
    newsroom: Newsroom, desk: Desk
) -> None:
    hold(newsroom, [0.62, 0.93])
    page = triage(desk)
    page.get_by_role("button", name="Reject all 2").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Yes, decide them").click()
    expect(page.get_by_role("alert")).to_contain_text("didn’t answer")
    page.context.set_offline(False)
    page.get_by_role("button", name="Reject all 2").click()
    page.get_by_role("button", name="Yes, decide them").click()
    expect(page.locator("#batch-progress .told")).to_have_text("2 comments rejected.")


def test_a_batch_is_taken_back_after_a_reload(newsroom: Newsroom, desk: Desk) -> None:
    hold(newsroom, [0.62, 0.93])
    page = triage(desk)
    expect(page.locator("#recent")).to_be_hidden()
    page.get_by_role("button", name="Reject all 2").click()
    page.get_by_role("button", name="Yes, decide them").click()
    expect(page.locator("#batch-progress .told")).to_be_visible()
    page.reload()
    row = page.get_by_role("region", name="Recent bulk decisions").locator("li")
    expect(row.locator(".what")).to_have_text("Spam scores from 0.50 to 1.00")
    expect(row.locator(".by")).to_contain_text("Rejected by gazette-moderator")
    row.get_by_role("button", name="Undo").click()
    expect(row.locator(".told")).to_have_text("2 comments are pending again.")
    expect(page.get_by_role("button", name="Reject all 2")).to_be_enabled()
    assert counted("pending") == 2


def test_a_batch_that_runs_is_followed_after_a_reload(
    app: Flask, newsroom: Newsroom, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 1)
    hold(newsroom, [0.62, 0.93])
    page = triage(desk)
    page.get_by_role("button", name="Reject all 2").click()
    page.get_by_role("button", name="Yes, decide them").click()
    expect(page.locator("#batch-progress .told")).to_have_text("0 of 2…")
    page.goto("/console/campaigns")  # the list is on both pages
    row = page.locator("#recent-list li")
    expect(row.locator(".told")).to_have_text("0 of 2…")
    work_off(app, sessionmaker(db.engine, expire_on_commit=False))
    expect(row.locator(".told")).to_have_text("2 comments rejected.")


def test_a_moderator_can_not_take_a_colleagues_batch_back_but_a_lead_can(
    newsroom: Newsroom, desk: Desk
) -> None:
    hold(newsroom, [0.1, 0.2, 0.62, 0.93])
    page = triage(desk, Role.LEAD)
    page.get_by_role("button", name="Approve all 2").click()
    page.get_by_role("button", name="Yes, decide them").click()
    expect(page.locator("#batch-progress .told")).to_have_text("2 comments approved.")
    row = triage(desk).locator("#recent-list li")
    expect(row.locator(".by")).to_contain_text("Approved by gazette-lead")
    expect(row.locator(".undo")).to_be_hidden()
    lead = triage(desk, Role.ADMIN).locator("#recent-list li")
    lead.get_by_role("button", name="Undo").click()
    expect(lead.locator(".told")).to_contain_text("gazette-admin undid it.")


@pytest.mark.parametrize(
    "settings",
    [
        {"viewport": PHONE},
        {"color_scheme": "dark"},
        {"locale": "ar", "viewport": PHONE},
        {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    ],
    ids=["phone", "dark", "arabic", "zoomed"],
)
def test_every_screen_is_clean(
    newsroom: Newsroom,
    desk: Desk,
    settings: dict[str, Any],
) -> None:
    for body in (ADVERTISEMENT, ADVERTISEMENT, ADVERTISEMENT.upper(), OTHER):
        newsroom.send(body=body)
    page = triage(desk, Role.MODERATOR, **settings)
    assert violations(page) == []
