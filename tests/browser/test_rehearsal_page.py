"""The page Rehearsal as admins use it, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.browser.accessibility import violations
from tests.browser.test_every_page import SCREENS
from tests.builders import PASSWORD, Newsroom
from tests.rehearsal.history import work_on_rehearsals

HARSH = "You are a stupid, worthless idiot and everyone hates you"
CALM = "The library opens an hour earlier on market days"
LOOSE: Any = {"toxicity": {"review_at": 0.9999, "reject_at": None}}


@pytest.fixture
def decided(newsroom: Newsroom) -> None:
    """Comments of two kinds that moderators distinguished; the policy doesn't."""
    newsroom.set_policy(LOOSE)
    for number in range(160):
        is_harsh = number % 4 == 0
        newsroom.send(body=f"{HARSH if is_harsh else CALM}, number {number}.")
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    for comment in session.scalars(sa.select(Comment)):
        session.add(
            Decision(
                site_id=newsroom.site_id,
                comment_id=comment.id,
                revision=1,
                created_at=now,
                source="person",
                staff_id=newsroom.staff_ids[Role.MODERATOR],
                verdict="reject" if comment.body.startswith(HARSH) else "approve",
                reasons=[{"code": "insult"}],
                labels={},
            )
        )
    session.commit()


def open_as_admin(
    newsroom: Newsroom, context: Callable[..., BrowserContext], **settings: Any
) -> Page:
    made = context(**settings)
    form: dict[str, str | float | bool] = {
        "login": f"{newsroom.name}-{Role.ADMIN}",
        "password": PASSWORD,
    }
    made.request.post("/console/login", form=form, max_redirects=0)
    page = made.new_page()
    page.goto("/console/models/rehearsal")
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.usefixtures("decided")
def test_an_admin_rehearses_reads_and_takes_thresholds_over(
    app: Flask, newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> None:
    page = open_as_admin(newsroom, context)
    expect(page.get_by_role("heading", name="No rehearsal yet")).to_be_visible()
    page.get_by_label("Seconds per decision").fill("6")
    with page.expect_response("**/rehearsals"):
        page.get_by_role("button", name="Rehearse").click()
    work_on_rehearsals(app)
    db.session.remove()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    expect(page.locator(".tiles")).to_contain_text("of 40 rejected then")
    expect(page.locator(".cases li").first).to_contain_text(HARSH)
    page.locator(".cases a").first.click()
    expect(page.locator("main")).to_contain_text(HARSH)
    page.go_back()
    page.get_by_role("link", name="Use these thresholds: Same load, What mod").click()
    expect(page.locator("#save-bar")).to_be_visible()
    expect(page.locator("#changes")).to_contain_text("Toxicity")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#save-bar")).to_be_hidden()
    policy = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/policy").json
    assert policy["thresholds"]["toxicity"]["review_at"] < 0.9


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("screen", SCREENS)
def test_everybody_can_read_a_rehearsal(
    app: Flask,
    newsroom: Newsroom,
    context: Callable[..., BrowserContext],
    screen: str,
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    assert admin.post("/api/v1/sites/gazette/rehearsals", {}).status_code == 202
    work_on_rehearsals(app)
    db.session.remove()
    page = open_as_admin(newsroom, context, **SCREENS[screen])
    for summary in page.locator(".proposal summary, section > details > summary").all():
        summary.click()
    assert violations(page) == []
