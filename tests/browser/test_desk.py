"""The desk as moderators use it, in a real Chromium, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy.orm import sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.review import bulk
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.api.test_triage import hold as hold_many
from tests.api.test_triage import work_off
from tests.browser.accessibility import violations
from tests.browser.conftest import Desk, log_in
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Newsroom

INSULT = "You absolute moron, nobody asked for your idiotic opinion."
SCRIPT = "<img src=x onerror=\"document.title='broken into'\"><b>bold</b>"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def send(newsroom: Newsroom, *bodies: str) -> None:
    """Send comments whose authors are called A, B, C, …, in that order in the queue."""
    for name, body in zip("ABCDEFGHIJKL", bodies, strict=False):
        newsroom.send(author_name=name, author_email=f"{name}@mail.example", body=body)
    start_writing(db.session())
    for place, name in enumerate("ABCDEFGHIJKL"):
        db.session.execute(
            sa.update(Comment)
            .where(Comment.author_name == name)
            .values(due_at=datetime.now(UTC) + timedelta(hours=1 + place))
        )
    db.session.commit()


def stored(name: str) -> Comment:
    db.session.rollback()
    return db.session.scalars(
        sa.select(Comment)
        .where(Comment.author_name == name)
        .execution_options(populate_existing=True)
    ).one()


def arrives(page: Page, name: str, status: str) -> None:
    """Wait until a decision is stored; the page sends it behind the next comment."""
    page.wait_for_function("() => !Object.values(localStorage).some((v) => v != '[]')")
    assert stored(name).status == status


def test_a_wrong_password_is_told_and_the_login_kept(
    newsroom: Newsroom, context: Callable[..., BrowserContext]
) -> None:
    page = context().new_page()
    page.goto("/console/")
    log_in(page, "gazette-lead", "not the password")
    expect(page.get_by_role("alert")).to_have_text("The username or password is wrong.")
    expect(page.get_by_label("Username")).to_have_value("gazette-lead")
    assert violations(page) == []


def test_comments_are_decided_by_keyboard(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "A fair point.", INSULT, "Buy this now.")
    page = desk()
    author = page.locator("#author")
    expect(author).to_have_text("A")
    page.keyboard.press("a")
    expect(author).to_have_text("B")
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Toxicity", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(author).to_have_text("C")
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.get_by_text("Nothing is pending for you")).to_be_visible()
    arrives(page, "C", "rejected")
    assert [stored(name).status for name in "AB"] == ["approved", "rejected"]
    history = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert history == []


def test_the_words_that_pushed_stand_out(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, INSULT)
    page = desk()
    expect(page.locator("#body")).to_have_text(INSULT)
    assert page.locator("mark.push-3").first.inner_text() in {"moron", "idiotic"}
    expect(page.locator("#why li").first).to_contain_text("Toxicity")


def test_what_a_comment_says_is_never_run(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, SCRIPT)
    page = desk()
    expect(page.locator("#body")).to_have_text(SCRIPT)
    assert page.locator("#comment img, #body b").count() == 0
    assert page.title() == "Desk – Comment desk"


def test_a_decision_is_taken_back(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    page.keyboard.press("a")
    expect(page.locator("#author")).to_have_text("B")
    page.keyboard.press("u")
    expect(page.locator("#author")).to_have_text("A")
    expect(page.get_by_role("status")).to_have_text("Undone: A.")
    assert stored("A").status == "pending"


def test_a_decision_is_taken_back_after_a_closed_tab(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    page.keyboard.press("a")
    arrives(page, "A", "approved")
    other = page.context.new_page()
    page.close()
    other.goto("/console/")
    expect(other.locator("#author")).to_have_text("B")
    expect(other.get_by_role("status")).to_have_text("Approved: A.")
    other.keyboard.press("u")
    expect(other.locator("#author")).to_have_text("A")
    assert stored("A").status == "pending"


def test_two_moderators_in_two_browsers_never_meet(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, *[f"Number {number}." for number in range(12)])
    first, second = desk(), desk(Role.LEAD)
    expect(first.locator("#left")).to_have_text("· 10 reserved for you")
    expect(second.locator("#left")).to_have_text("· 2 reserved for you")
    seen = []
    for left in range(10, 0, -1):
        for page, count in ((first, left), (second, left - 8)):
            if count < 1:
                continue
            told = f"{count} reserved for you"
            expect(page.locator("#left")).to_contain_text(told)
            seen.append(page.locator("#author").inner_text())
            page.keyboard.press("a")
    assert sorted(seen) == list("ABCDEFGHIJKL")
    for page in (first, second):
        expect(page.get_by_text("Nothing is pending for you")).to_be_visible()
        arrives(page, "A", "approved")
    people = sa.select(Decision.comment_id).where(Decision.source == "person")
    decided = db.session.scalars(people).all()
    assert len(decided) == len(set(decided)) == len(seen)


def test_a_lost_network_loses_no_decision(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.", "Three.")
    page = desk()
    page.context.set_offline(True)
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("2 of your decisions are kept")
    expect(page.locator("#author")).to_have_text("C")
    assert stored("A").status == "pending"
    page.context.set_offline(False)
    arrives(page, "B", "approved")
    assert stored("A").status == "approved"
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_decision_that_was_overtaken_is_told(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    expect(page.locator("#author")).to_have_text("A")
    start_writing(db.session())
    db.session.execute(
        sa.update(Comment).values(claimed_until=datetime(2020, 1, 1, tzinfo=UTC))
    )
    db.session.commit()
    path = f"/api/v1/comments/{identifiers.encode(stored('A').id)}"
    body = {"verdict": "reject", "version": 1, "reasons": ["spam"]}
    assert (
        newsroom.as_staff(Role.LEAD).post(f"{path}/decisions", body).status_code == 201
    )
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("gazette-lead decided")
    assert stored("A").status == "rejected"
    expect(page.locator("#author")).to_have_text("B")


def test_a_hand_left_is_free_for_others(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    page = desk()
    expect(page.locator("#author")).to_have_text("A")
    page.goto("about:blank")
    other = desk(Role.LEAD)
    expect(other.locator("#author")).to_have_text("A")


def test_skipping_comes_back_to_it_at_the_end(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    page.keyboard.press("s")
    expect(page.locator("#author")).to_have_text("B")
    page.keyboard.press("a")
    expect(page.locator("#author")).to_have_text("A")


def test_logging_out_ends_it(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    page = desk()
    page.locator("#me").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Username")).to_be_visible()
    page.goto("/console/")
    expect(page.get_by_label("Username")).to_be_visible()


def test_what_the_machine_rejected_is_put_right(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send(author_name="Wronged", body=SCRIPT)
    page = desk(viewport=PHONE)
    page.goto("/console/decided")
    expect(page.locator("#rows .item-text")).to_have_text(SCRIPT)
    assert violations(page) == []
    page.locator("#rows .item-link").click()
    page.locator("#act-labels").click()
    page.locator("#labels").get_by_role(
        "button", name="Toxicity", exact=True
    ).dblclick()
    page.get_by_role("button", name="Send labels").click()
    expect(page.locator("#status")).to_have_text("Labels saved: Wronged.")
    assert stored("Wronged").status == "rejected"
    page.locator("#act-approve").click()
    expect(page.locator("#comment-status")).to_have_text("approved")
    expect(page.locator("#decided")).to_contain_text("gazette-moderator")
    assert stored("Wronged").status == "approved"
    page.locator("#act-hold").click()
    expect(page.locator("#decided")).to_contain_text("Held")
    assert stored("Wronged").status == "pending"


def test_a_lost_answer_of_the_service_is_told_apart(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    busy = {"status": 503, "body": "", "headers": {"Content-Type": "text/html"}}
    page.route("**/decisions", lambda route: route.fulfill(**busy))
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("The service has a problem")
    page.unroute("**/decisions")
    page.evaluate("dispatchEvent(new Event('online'))")
    arrives(page, "A", "approved")


def test_an_expired_lease_takes_nothing_twice(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    first = desk()
    expect(first.locator("#author")).to_have_text("A")
    start_writing(db.session())
    db.session.execute(
        sa.update(Comment).values(claimed_until=datetime(2020, 1, 1, tzinfo=UTC))
    )
    db.session.commit()
    second = desk(Role.LEAD)
    expect(second.locator("#left")).to_have_text("· 2 reserved for you")
    first.keyboard.press("a")
    expect(first.get_by_role("alert")).to_contain_text(
        "It is reserved by another moderator"
    )
    expect(first.get_by_text("Nothing is pending for you")).to_be_visible()
    second.keyboard.press("a")
    arrives(second, "A", "approved")


def test_an_edit_under_the_eyes_shows_what_changed(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "A fair point about the bridge.", "Two.")
    page = desk()
    path = f"/api/v1/comments/{identifiers.encode(stored('A').id)}"
    edit = {"body": "A foolish point about the bridge."}
    assert newsroom.as_site().patch(path, edit).status_code == 200
    page.keyboard.press("a")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The comment has changed since you saw it.")
    expect(alert.locator("del")).to_have_text("fair")
    expect(alert.locator("ins")).to_have_text("foolish")
    assert stored("A").status == "pending"


def test_what_stands_around_a_comment_is_shown(newsroom: Newsroom, desk: Desk) -> None:
    newsroom.set_policy(NOTHING_HELD)
    above = newsroom.send(author_name="Root", body="The root of it.")["id"]
    parent = newsroom.send(author_name="Parent", parent=above)["id"]
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(
        author_name="A",
        author_email="other@mail.example",
        parent=parent,
        language="de",
        body="See https://pаypal.com/x now",
    )
    edited = {"body": "See https://pаypal.com/x or zero\u200bwidth"}
    newsroom.as_site().patch(f"/api/v1/comments/{sent['id']}", edited)
    page = desk()
    expect(page.locator("#thread summary")).to_have_text("1 more comment above")
    expect(page.locator("#parent-by")).to_contain_text("Parent (approved)")
    expect(page.locator("#language")).to_have_text("German")
    link = page.locator("#link-list li")
    expect(link.locator(".odd")).to_have_text("а")
    expect(link).to_contain_text("xn--pypal-4ve.com")
    expect(link).to_contain_text("letters of several scripts")
    expect(page.locator("#body .odd[data-code='U+200B']")).to_have_count(1)
    expect(page.locator("#changes del")).to_have_text("now")


def test_notes_and_escalation_go_by_keyboard(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    page.keyboard.press("n")
    page.keyboard.type("ask the author for a source")
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("ask the author for a source")
    page.keyboard.press("Escape")  # nothing more is typed
    page.keyboard.press("e")
    page.keyboard.type("is this libel?")
    page.keyboard.press("Enter")
    expect(page.locator("#author")).to_have_text("B")
    lead = desk(Role.LEAD)
    expect(lead.locator("#author")).to_have_text("A")
    expect(lead.locator("#asked")).to_contain_text("is this libel?")
    expect(lead.locator("#notes")).to_contain_text("ask the author for a source")


def test_labels_go_with_the_decision_or_alone(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    for key in ("l", "1", "2", "2", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#draft")).to_contain_text("Spam: yes; Toxicity: no")
    page.keyboard.press("a")
    arrives(page, "A", "approved")
    path = f"/api/v1/comments/{identifiers.encode(stored('A').id)}/history"
    newest = newsroom.as_staff().get(path).json["decisions"][-1]
    assert newest["labels"] == {"spam": True, "toxicity": False}
    for key in ("l", "3", "s"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text("Labels saved: B.")
    assert stored("B").status == "pending"


def test_several_reasons_are_one_rejection(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    page = desk()
    for key in ("r", "Shift+Digit1", "Shift+O", "Enter"):
        page.keyboard.press(key)
    arrives(page, "A", "rejected")
    path = f"/api/v1/comments/{identifiers.encode(stored('A').id)}/history"
    newest = newsroom.as_staff().get(path).json["decisions"][-1]
    assert [each["code"] for each in newest["reasons"]] == ["spam", "off_topic"]


def test_keys_work_on_an_arabic_keyboard(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk(locale="ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    key = {"key": "ش", "code": "KeyA", "bubbles": True}
    page.locator("body").dispatch_event("keydown", key)
    arrives(page, "A", "approved")


def test_the_key_map_opens_and_closes(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    page = desk()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Undo the last decision")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert stored("A").status == "pending"


def test_a_saved_view_is_worked_through(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One about ferries.", "Two about bridges.")
    view = {"name": "Ferries", "filters": {"text": "ferries"}}
    made = newsroom.as_staff().post("/api/v1/views", view)
    assert made.status_code == 201, made.text
    page = desk()
    page.get_by_label("View").select_option("Ferries (1)")
    expect(page.locator("#left")).to_have_text("· 1 reserved for you")
    expect(page.locator("#author")).to_have_text("A")
    assert page.url.endswith(f"?view={made.json['id']}")
    page.keyboard.press("a")
    arrives(page, "A", "approved")


def test_the_model_is_taught_and_what_that_brought_is_counted(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One about ferries.", INSULT)
    page = desk()
    expect(page.locator("#taught")).to_be_hidden()
    page.get_by_label("View").select_option("Most useful for training")
    expect(page.locator("#taught")).to_have_text("· 0 decisions today from this order")
    expect(page.locator("#taught")).to_be_visible()
    expect(page.locator("#comment")).to_be_focused()
    page.keyboard.press("a")
    page.wait_for_function("() => !Object.values(localStorage).some((v) => v != '[]')")
    assert {stored("A").status, stored("B").status} == {"approved", "pending"}
    page.reload()  # the address keeps the choice
    expect(page.locator("#view")).to_have_value("teach")
    expect(page.locator("#taught")).to_have_text("· 1 decision today from this order")
    expect(page.locator("#left")).to_have_text("· 1 reserved for you")


def test_who_comes_back_to_the_page_finds_what_came_meanwhile(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One.")
    page = desk()
    page.keyboard.press("a")
    expect(page.get_by_text("Nothing is pending for you")).to_be_visible()
    newsroom.send(author_name="Late")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#author")).to_have_text("Late")
    expect(page.locator("#counts")).to_contain_text("1 pending")


def test_a_view_that_is_gone_gives_way_to_the_queue(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One.")
    page = desk()
    page.goto("/console/?view=77")
    expect(page.locator("#author")).to_have_text("A")
    assert page.url.endswith("/console/")


ADVERTISEMENT = (
    "Earn up to five hundred dollars a day from home with our new system, no boss and "
    "no experience needed, just register today and tell your friends about it before "
    "the places are gone"
)


def test_a_campaign_is_decided_whole_and_taken_back(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(
        newsroom, *[f"{ADVERTISEMENT} {'!' * number}" for number in range(3)], "Other."
    )
    page = desk()
    expect(page.locator("#alike-told")).to_contain_text("3 near-duplicates")
    page.keyboard.press("c")
    expect(page.locator("#campaign-told")).to_contain_text("3 pending")
    page.get_by_role("button", name="Reject all pending").click()
    expect(page.get_by_role("status")).to_contain_text("3 comments of the campaign")
    expect(page.locator("#author")).to_have_text("D")
    assert [stored(name).status for name in "ABCD"] == ["rejected"] * 3 + ["pending"]
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_have_text("Undone: Campaign.")
    assert [stored(name).status for name in "ABC"] == ["pending"] * 3
    expect(page.locator("#left")).to_have_text("· 4 reserved for you")


def test_a_lost_answer_about_a_campaign_brings_none_of_it_back(
    app: Flask, newsroom: Newsroom, desk: Desk
) -> None:
    hold_many(newsroom, [0.9] * (bulk.MAX_IN_REQUEST + 5), body=ADVERTISEMENT)
    page = desk()
    asked: list[str] = []

    def lose_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/batches/*", lose_first)
    page.keyboard.press("c")
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Reject all pending").click()
    with page.expect_response("**/api/v1/hand"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#comment")).to_be_hidden()
    with page.expect_response("**/api/v1/batches/*"):
        pass  # it is looked at again
    work_off(app, sessionmaker(db.engine, expire_on_commit=False))
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()
    with page.expect_response("**/api/v1/hand"):
        pass  # asked for once the worker is through
    expect(page.get_by_text("Nothing is pending for you")).to_be_visible()
    query = sa.select(sa.func.count()).where(Comment.status == "pending")
    db.session.rollback()
    assert db.session.scalar(query) == 0


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("height", [640, 844])
def test_a_phone_shows_the_text_before_the_buttons(
    newsroom: Newsroom, desk: Desk, height: int
) -> None:
    send(newsroom, INSULT)
    page = desk(viewport={"width": 360, "height": height}, has_touch=True)
    text = page.locator("#body").bounding_box()
    assert text is not None
    assert text["y"] <= 220
    assert text["y"] + text["height"] < top_of(page, "#approve")
    assert violations(page) == []
    page.locator("#reject").tap()
    page.get_by_role("button", name="Insult", exact=True).tap()
    arrives(page, "A", "rejected")


def test_the_buttons_stay_where_they_are(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "Short.", "Somewhat longer. " * 12, INSULT)
    page = desk(viewport={"width": 1440, "height": 900})
    places = set()
    for name in "ABC":
        expect(page.locator("#author")).to_have_text(name)
        places.add((top_of(page, "#approve"), top_of(page, "#skip")))
        page.keyboard.press("a")
    assert len(places) == 1


def test_a_flood_of_blank_lines_takes_no_room(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "First." + "\n \u2800\r\n" * 2000 + "Last.", "line\n" * 400)
    page = desk()
    expect(page.locator("#body")).to_have_text("First. Last.")
    box = page.locator("#body").bounding_box()
    assert box is not None
    assert box["height"] < 150
    page.keyboard.press("a")
    expect(page.locator("#author")).to_have_text("B")
    cut = page.locator("#body").bounding_box()
    assert cut is not None
    assert cut["height"] < 500
    assert violations(page) == []
    page.get_by_role("button", name="Show all").click()
    whole = page.locator("#body").bounding_box()
    assert whole is not None
    assert whole["height"] > 5000


def test_escape_discards_labels_and_says_which(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    for key in ("l", "1", "2", "2", "Escape"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text(
        "Discarded: Spam: yes; Toxicity: no"
    )
    expect(page.locator("#draft")).to_be_hidden()
    page.keyboard.press("a")
    arrives(page, "A", "approved")
    path = f"/api/v1/comments/{identifiers.encode(stored('A').id)}/history"
    assert newsroom.as_staff().get(path).json["decisions"][-1]["labels"] == {}


def test_no_typed_letter_decides(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.", "Two.")
    page = desk()
    page.keyboard.press("n")
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    page.keyboard.type("arse a r s l", delay=20)  # writes on, thinking it open
    expect(page.locator("#notes")).to_contain_text("second line")
    expect(page.locator("#author")).to_have_text("A")
    assert [stored(name).status for name in "AB"] == ["pending"] * 2
    for key in ("Escape", "n"):
        page.keyboard.press(key)
    page.keyboard.type("thrown away")
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_have_text("Discarded: your note")
    assert page.locator("#note-text").input_value() == ""


def test_single_letters_can_be_switched_off(newsroom: Newsroom, desk: Desk) -> None:
    send(newsroom, "One.")
    page = desk()
    page.evaluate("localStorage.setItem('moderation-single-keys', 'off')")
    for key in ("a", "r", "1"):
        page.keyboard.press(key)
    expect(page.locator("#reasons")).to_be_hidden()
    page.get_by_role("button", name="Reject…").click()
    page.keyboard.press("1")
    expect(page.locator("#reasons")).to_be_visible()
    assert stored("A").status == "pending"


def test_the_last_three_decisions_can_be_undone_each(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One.", "Two.", "Three.")
    page = desk()
    expect(page.locator("#next li")).to_have_count(2)
    page.keyboard.press("a")
    expect(page.locator("#author")).to_have_text("B")
    page.keyboard.press("a")
    expect(page.locator("#decided li")).to_have_count(2)
    assert violations(page) == []
    page.get_by_role("button", name="Undo: A").click()
    expect(page.locator("#author")).to_have_text("A")
    expect(page.locator("#decided li")).to_have_count(1)
    assert [stored(name).status for name in "AB"] == ["pending", "approved"]


def test_near_duplicates_are_said_before_the_second_one_comes(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, *[f"{ADVERTISEMENT} {'!' * number}" for number in range(3)])
    page = desk()
    note = page.locator("#alike-note")
    expect(note).to_contain_text("2 near-duplicates are pending. C Decide all 3")
    page.get_by_role("button", name="Decide all 3").click()
    expect(page.locator("#campaign")).to_be_visible()


def test_the_queue_hands_its_filters_and_order_to_the_desk(
    newsroom: Newsroom, desk: Desk
) -> None:
    send(newsroom, "One about ferries.", "Two about bridges.", "Three about ferries.")
    page = desk()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/console/comments?text=ferries&order=newest")
    page.get_by_role("link", name="Open these at the desk").click()
    expect(page.locator("#author")).to_have_text("C")
    expect(page.locator("#left")).to_have_text("· 2 reserved for you")
    expect(page.get_by_label("View")).to_have_value("filtered")
    page.keyboard.press("a")
    expect(page.locator("#author")).to_have_text("A")
    page.reload()
    expect(page.locator("#author")).to_have_text("A")
    page.get_by_label("View").select_option("Everything pending")
    expect(page.locator("#left")).to_have_text("· 2 reserved for you")
    assert page.url.endswith("/console/")
