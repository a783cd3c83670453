"""Settings, Policy, and the closing of one article, as staff uses them in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classifiers.pretrained import default_model
from classifiers.serving.combined import Reads
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.models.serving import Scoring
from moderation.sites import policies
from moderation.tables.decisions import Decision
from moderation.web.services import services_of
from tests.browser.accessibility import violations
from tests.browser.conftest import press_action
from tests.browser.test_every_page import SCREENS
from tests.browser.test_models_pages import SLANG, Opener, open_as
from tests.builders import NOW, Newsroom, comment

__all__ = ["open_as"]  # a fixture

PAGE = "settings/policy"
POLICY = "/api/v1/sites/gazette/policy"
SHIPPED = default_model.load()


@pytest.fixture(autouse=True)
def _policy(newsroom: Newsroom) -> None:
    newsroom.set_policy({"insult": {"review_at": 0.5, "reject_at": None}})


@pytest.fixture
def archive(newsroom: Newsroom) -> None:
    """Comments with scores that people have decided about."""
    for number in range(110):
        newsroom.send(body=f"The bridge opens at noon, the baker says, {number}.")
    sent = [newsroom.send(body=f"{SLANG} number {number}.") for number in range(25)]
    session = db.session()
    start_writing(session)
    for each in sent:
        session.add(
            Decision(
                site_id=newsroom.site_id,
                comment_id=identifiers.decode(each["id"]),
                revision=1,
                created_at=NOW,
                source="person",
                status_before="approved",
                verdict="reject",
                reasons=[{"code": "insult"}],
                labels={},
            )
        )
    session.commit()


def in_force(newsroom: Newsroom) -> Any:
    db.session.rollback()
    return policies.load_policy(db.session(), newsroom.site_id).thresholds


def applied(newsroom: Newsroom) -> dict[str, Any]:
    policy: dict[str, Any] = newsroom.as_staff(Role.ADMIN).get(POLICY).json
    return policy


def apply(page: Page) -> None:
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#status")).to_contain_text("Applied:")
    expect(page.locator("#save-bar")).to_be_hidden()
    page.locator("#toast-close").click()  # it may cover the next control


def test_thresholds_are_proposed_tried_and_applied(
    newsroom: Newsroom, archive: None, open_as: Opener
) -> None:
    before = in_force(newsroom)
    page = open_as(PAGE)
    expect(page.locator("#outcome")).to_contain_text("135")
    expect(page.locator("#save-bar")).to_be_hidden()
    page.get_by_label("False alarms").select_option("20")
    page.get_by_role("button", name="Propose thresholds").click()
    expect(page.locator("#proposal")).to_contain_text("of 110 harmless")
    expect(page.locator("#changes-counted")).to_contain_text("changes not applied")
    assert in_force(newsroom) == before  # only tried
    apply(page)
    after = in_force(newsroom)
    assert set(after) == set(SHIPPED.labels)
    assert after["insult"].review_at != before["insult"].review_at
    expect(page.locator("#log > li").first).to_contain_text("gazette-admin")
    expect(page.locator("#log > li").first).to_contain_text("Insult: held at 0.5+")


def test_a_threshold_shows_at_once_what_it_would_mean(
    newsroom: Newsroom, archive: None, open_as: Opener
) -> None:
    page = open_as(PAGE)
    held = page.locator("#outcome tr").filter(has_text="Held").first
    expect(held.locator("td").nth(1)).to_have_text("0")
    field = page.locator("#review-insult")
    field.fill("0")
    field.press("Tab")
    expect(held.locator("td").nth(1)).to_have_text("135")
    expect(page.locator("#changes-counted")).to_have_text("1 change not applied")
    expect(page.locator("#meant")).to_contain_text("held: 135 more")
    expect(page.locator("[data-label=insult] .was")).to_have_text("was 0.5")
    assert violations(page) == []
    page.get_by_role("button", name="Discard").click()
    expect(held.locator("td").nth(1)).to_have_text("0")
    expect(field).to_have_value("0.5")
    field.fill("2")  # no score: back to what was there
    field.press("Tab")
    expect(field).to_have_value("0.5")
    expect(page.locator("#save-bar")).to_be_hidden()


def test_too_little_to_propose_from_is_told(open_as: Opener) -> None:
    page = open_as(PAGE)
    page.get_by_role("button", name="Propose thresholds").click()
    expect(page.locator("#banner")).to_contain_text("needs 100")
    assert violations(page) == []


def test_all_that_an_admin_edits_is_applied_together(
    newsroom: Newsroom, open_as: Opener
) -> None:
    newsroom.send(article_section="Courts")
    page = open_as(PAGE)
    page.get_by_label("Mode of Courts").select_option("closed")
    expect(page.locator("#meant")).to_contain_text("refused: 1 more")
    page.get_by_label("Default: closes after").select_option("14")
    page.get_by_label("Name of a section").fill("Archive")
    page.get_by_role("button", name="Add section").click()
    page.get_by_label("Archive: closes after").select_option("never")
    page.get_by_label("Verified author ID").fill("u-7")
    page.get_by_role("button", name="Add author").click()
    page.get_by_label("Trust authors by their record").check()
    page.get_by_label("Days since the first comment").fill("30")
    page.get_by_label("Report threshold").fill("5")
    page.get_by_label("One author").check()
    page.get_by_label("The site has opening hours").check()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("checkbox", name="Sunday").uncheck()
    page.locator("#closes-monday").fill("24:00")
    page.get_by_label("Outside opening hours").select_option("closed")
    page.get_by_label("Second reviews").fill("5")
    page.get_by_label("Language code").fill("en")
    page.get_by_role("button", name="Add language").click()
    page.get_by_label("House rules: English").fill("Be kind.")
    before = applied(newsroom)
    expect(page.locator("#changes-counted")).to_have_text("10 changes not applied")
    apply(page)
    after = applied(newsroom)
    day = {"opens": "08:00", "closes": "22:00"}
    week = ("tuesday", "wednesday", "thursday", "friday", "saturday")
    assert after == {
        **before,
        "id": before["id"] + 1,
        "created_at": after["created_at"],
        "sections": {"Courts": "closed"},
        "close_after_days": 14,
        "section_close_after_days": {"Archive": None},
        "trusted_authors": ["u-7"],
        "earned_trust": {"approved": 20, "days": 30},
        "report_threshold": 5.0,
        "brakes": {**before["brakes"], "author": {"count": 10, "minutes": 5}},
        "opening_hours": {
            "time_zone": "Europe/Berlin",
            "hours": {
                "monday": {"opens": "08:00", "closes": "24:00"},
                **dict.fromkeys(week, day),
            },
            "outside": "closed",
        },
        "second_look_share": 0.05,
        "house_rules": {"en": "Be kind."},
    }
    assert violations(page) == []


def test_an_earlier_policy_is_restored_when_it_is_applied(
    newsroom: Newsroom, open_as: Opener
) -> None:
    first = applied(newsroom)
    newsroom.as_staff(Role.ADMIN).put(POLICY, {"thresholds": {}, "default": "pre"})
    page = open_as(PAGE)
    page.locator("#log").get_by_role("button", name="Restore").first.click()
    assert applied(newsroom)["default"] == "pre"  # only on the page
    apply(page)
    after = applied(newsroom)
    ids = {"id", "created_at"}
    kept = {name for name in first if name not in ids}
    assert {name: after[name] for name in kept} == {name: first[name] for name in kept}


@pytest.mark.parametrize("keeps", [True, False])
def test_two_admins_at_once_overwrite_nothing(
    newsroom: Newsroom, open_as: Opener, *, keeps: bool
) -> None:
    page, other = open_as(PAGE), open_as(PAGE)
    for each, label, score in ((other, "spam", "0.7"), (page, "threat", "0.6")):
        each.locator(f"#review-{label}").fill(score)
        each.locator(f"#review-{label}").press("Tab")
    page.get_by_label("Default mode").select_option("pre")
    apply(other)
    page.get_by_role("button", name="Apply").click()
    conflict = page.locator("#conflict")
    expect(conflict).to_contain_text("gazette-admin applied another policy")
    expect(conflict.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#save-bar")).to_be_hidden()
    assert violations(page) == []
    assert set(applied(newsroom)["thresholds"]) == {"insult", "spam"}
    name = "Keep my changes on top" if keeps else "Discard my changes"
    page.get_by_role("button", name=name).click()
    expect(conflict).to_be_hidden()
    if keeps:
        apply(page)
    labels = {"insult", "spam", "threat"} if keeps else {"insult", "spam"}
    after = applied(newsroom)
    assert set(after["thresholds"]) == labels
    assert after["default"] == ("pre" if keeps else "post")


@pytest.mark.parametrize("screen", ["dark", "phone", "narrowest", "right-to-left"])
def test_everybody_can_edit_a_policy(
    newsroom: Newsroom, open_as: Opener, screen: str
) -> None:
    newsroom.send(article_section="Courts")
    page = open_as(PAGE, **SCREENS[screen])
    page.locator("#hours-on").check()
    page.locator("#review-threat").fill("0.6")
    page.locator("#review-threat").press("Tab")
    page.locator("#save-bar summary").click()
    assert violations(page) == []


def test_the_address_that_thresholds_had_leads_here(open_as: Opener) -> None:
    page = open_as("models/thresholds?site=gazette")
    assert page.url.endswith("/console/settings/policy?site=gazette")


@pytest.mark.parametrize("screen", ["wide", "dark", "phone", "right-to-left"])
def test_a_moderator_closes_an_article_on_a_comments_page(
    newsroom: Newsroom, open_as: Opener, screen: str
) -> None:
    sent = newsroom.send()
    page = open_as(f"comments/{sent['id']}", Role.MODERATOR, **SCREENS[screen])
    expect(page.locator("#article-closed")).to_be_hidden()
    press_action(page, "#openness")
    page.locator("[name=setting][value=closed]").check()
    assert violations(page) == []
    page.locator("#openness-save").click()
    expect(page.locator("#openness-dialog")).to_be_hidden()
    expect(page.locator("#article-closed")).to_be_visible()
    answer = newsroom.as_site().post("/api/v1/comments", comment())
    assert answer.json["closed"]["by"] == "article"
    assert violations(page) == []


def test_a_language_is_added_where_the_model_has_learned_some_of_it(
    newsroom: Newsroom, open_as: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_as(PAGE)
    expect(page.get_by_text("has learned no other language")).to_be_visible()
    both = Scoring(reads=Reads.ALWAYS).default
    monkeypatch.setattr(services_of(newsroom.app).scoring, "default", both)
    page = open_as(PAGE)
    languages = page.locator("#languages")
    expect(languages.get_by_label("English")).to_be_disabled()
    languages.get_by_label("German").check()
    languages.get_by_label("Korean").check()
    languages.get_by_label("Korean").uncheck()
    expect(page.locator("#changes-counted")).to_have_text("1 change not applied")
    assert violations(page) == []
    apply(page)
    assert applied(newsroom)["languages"] == ["de"]
    expect(page.locator("#log > li").first).to_contain_text(
        "Languages: those of the model → German"
    )
