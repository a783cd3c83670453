"""The pages of the models as admins and moderators use them, in a real Chromium."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import sessionmaker

from classifiers.evaluation.gate import Against, Gate, Objection
from classifiers.pretrained import default_model
from moderation import jobs
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.learning import retraining
from moderation.learning.retraining import Snapshot, TrainingResult
from moderation.learning.training_set import TrainingSet
from moderation.monitoring import shadow
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.models import Model, Promotion
from moderation.tables.monitoring import Alarm, BlindLook
from moderation.web.services import services_of
from moderation.worker import duties, job_attempts, maintenance
from tests.browser.accessibility import violations
from tests.browser.test_every_page import SCREENS
from tests.builders import NOW, PASSWORD, Newsroom
from tests.decided_newsroom import as_examples, as_lessons, decide_many, sentences
from tests.learning.test_retraining import POLICY, quiet

SHIPPED = default_model.load()
SLANG = "You are such a glimpwad, and the council opens the bridge"
Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def trial() -> TrainingResult:
    """What a site's 400 decisions bring: trained once."""
    found = Snapshot(
        name="gazette-1",
        base=SHIPPED,
        active=SHIPPED,
        policy=POLICY,
        lessons=TrainingSet(as_lessons(as_examples(sentences(400)))),
    )
    return retraining.train(found, quiet)


def store(newsroom: Newsroom, trial: TrainingResult, **changes: Any) -> str:
    """Keep a model in the registry; changes go into its report."""
    session = db.session()
    start_writing(session)
    session.add(
        Model(
            site_id=newsroom.site_id,
            version=trial.version,
            base_version=trial.base_version,
            artifact=trial.artifact,
            report={**trial.report, **changes},
            created_at=NOW,
        )
    )
    session.commit()
    return trial.version


@pytest.fixture
def version(newsroom: Newsroom, trial: TrainingResult) -> str:
    """A candidate that its gate allows."""
    newsroom.set_policy({"insult": {"review_at": 0.5, "reject_at": None}})
    return store(newsroom, trial)


@pytest.fixture
def open_as(newsroom: Newsroom, context: Callable[..., BrowserContext]) -> Opener:
    """Open a page of the console as a person."""

    def opened(path: str, role: Role = Role.ADMIN, **settings: Any) -> Page:
        made = context(**settings)
        form: dict[str, str | float | bool] = {
            "login": f"{newsroom.name}-{role}",
            "password": PASSWORD,
        }
        made.request.post("/console/login", form=form, max_redirects=0)
        page = made.new_page()
        page.goto(f"/console/{path}")
        page.wait_for_load_state("networkidle")
        return page

    return opened


@pytest.fixture
def silent(app: Flask, newsroom: Newsroom, version: str) -> str:
    """The candidate, scoring silently; two comments that it would hold, one not."""
    session = db.session()
    start_writing(session)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    shadow.start(session, newsroom.site_id, version, an_hour_ago)
    session.commit()
    for body in (f"{SLANG} one.", f"{SLANG} two.", "The ferry goes at noon."):
        newsroom.send(body=body)
    maintenance.score_in_shadow(sessionmaker(db.engine), services_of(app).scoring)
    return version


def work(app: Flask) -> None:
    """Do what the worker does, once, in this thread."""
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    task = job_attempts.take_next(sessions)
    assert task is not None
    scoring, key = services_of(app).scoring, services_of(app).lineage_key
    job_attempts.run_job(sessions, duties.build(sessions, scoring, key), task)


def promotions() -> list[tuple[str, str | None]]:
    db.session.rollback()
    query = sa.select(Promotion.action, Promotion.despite_gate).order_by(Promotion.id)
    return [(row.action, row.despite_gate) for row in db.session.execute(query)]


@pytest.mark.parametrize("screen", SCREENS)
def test_everybody_can_read_a_report(
    version: str, open_as: Opener, screen: str
) -> None:
    page = open_as(f"models/gazette/{version}", **SCREENS[screen])
    expect(page.locator("svg.square")).to_have_count(3)
    expect(page.locator(".gains .outcome").first).to_have_class("outcome better")
    page.locator(".card-text summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_everybody_can_use_the_pages_of_a_silent_model(
    silent: str, open_as: Opener, screen: str
) -> None:
    page = open_as("models/shadow", **SCREENS[screen])
    expect(page.locator("#examples li")).to_have_count(2)
    found = violations(page)
    page.goto("/console/blind")
    expect(page.locator("#card")).to_be_visible()
    assert found + violations(page) == []


def test_a_report_says_in_words_what_it_draws(version: str, open_as: Opener) -> None:
    page = open_as(f"models/gazette/{version}")
    row = page.locator(".gains tbody tr").first
    expect(row).to_contain_text("Insult")
    expect(row).to_contain_text("better")
    expect(page.get_by_text("This model is stricter on")).to_be_visible()
    expect(page.locator("#gate")).to_contain_text("Passed the quality gate")


def test_a_model_is_promoted_and_rolled_back(version: str, open_as: Opener) -> None:
    page = open_as("models")
    page.get_by_role("button", name="Promote").click()
    expect(page.locator("#status")).to_have_text(f"{version} is active.")
    item = page.locator("#list li").filter(has_text=version)
    expect(item).to_contain_text("active")
    page.get_by_role("button", name="Roll back").click()
    expect(item).to_contain_text("passed the quality gate")
    assert promotions() == [("promotion", None), ("rollback", None)]


def test_a_refused_model_is_promoted_in_writing(
    newsroom: Newsroom, trial: TrainingResult, open_as: Opener
) -> None:
    gate = {"allowed": False, "reasons": ["It is worse for Sport."]}
    refused = store(newsroom, trial, gate=gate)
    page = open_as(f"models/gazette/{refused}")
    expect(page.locator("#gate li")).to_have_text("It is worse for Sport.")
    expect(page.locator("#gate button.primary, #gate button.good")).to_have_count(0)
    opener = page.get_by_role("button", name="Promote anyway…")
    opener.click()
    assert violations(page) == []
    page.get_by_role("button", name=f"Promote {refused}").click()
    expect(page.locator("#banner")).to_contain_text("It is worse for Sport.")
    assert promotions() == []
    opener.click()
    page.get_by_label("Reason for overriding").fill("The election is on Sunday.")
    page.get_by_role("button", name=f"Promote {refused}").click()
    expect(page.locator("#gate")).to_contain_text("Active")
    assert promotions() == [("promotion", "The election is on Sunday.")]


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_refusal_is_told_in_the_language_of_the_page(
    newsroom: Newsroom, trial: TrainingResult, open_as: Opener, locale: str
) -> None:
    told = Objection(
        code=Against.LOST_SLICE,
        label="insult",
        before=0.9,
        after=0.75,
        kind="section",
        name="Sport",
        n=412,
    )
    others = [Objection(code=code, label="spam") for code in Against]
    gate = Gate(allowed=False, reasons=("English",), objections=(told, *others))
    refused = store(newsroom, trial, gate=dataclasses.asdict(gate))
    if locale == "ar":
        wanted = "يهبط AUC لـ«إهانة» من 0.900 إلى 0.750 (تعليقات محجوزة: 412)"
    else:
        wanted = "Sport”: the AUC of Insult falls from 0.900 to 0.750 (412 holdout"
    for path, place in ((f"models/gazette/{refused}", "#gate ul"), ("models", "#list")):
        found = open_as(path, locale=locale).locator(place).inner_text()
        plain = found.translate({0x2068: None, 0x2069: None})
        assert wanted in plain
        assert "English" not in plain
        assert "{" not in plain


def test_a_training_is_followed_to_its_end(
    app: Flask, newsroom: Newsroom, open_as: Opener
) -> None:
    decide_many(newsroom, sentences(320))
    page = open_as("models")
    page.get_by_role("button", name="Train a candidate").click()
    expect(page.locator("#running-told")).to_have_text("Training: queued")
    work(app)
    expect(page.locator("#status")).to_have_text("Training has ended.")
    expect(page.locator("#list li")).to_have_count(2)


def test_a_model_is_taken_away_and_brought_back(
    newsroom: Newsroom, version: str, open_as: Opener, tmp_path: Any
) -> None:
    page = open_as(f"models/gazette/{version}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    session = db.session()
    start_writing(session)
    session.execute(sa.delete(Model))
    session.commit()
    page.goto("/console/models")
    page.locator(".import summary").click()
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#status")).to_have_text(f"{version} was imported.")
    expect(page.locator("#list")).to_contain_text("blocked by the quality gate")


def test_a_silent_model_is_started_read_and_stopped(
    app: Flask, newsroom: Newsroom, version: str, open_as: Opener
) -> None:
    page = open_as("models/shadow")
    expect(page.locator("#none-silent")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#since")).to_contain_text(version)
    newsroom.send(body=SLANG)
    maintenance.score_in_shadow(sessionmaker(db.engine), services_of(app).scoring)
    page.reload()
    expect(page.locator("#scored")).to_have_text("1")
    expect(page.locator("#kinds")).to_contain_text("Held instead of approved")
    expect(page.locator("#examples li")).to_contain_text(SLANG)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#none-silent")).to_be_visible()


def test_moderators_judge_blind_by_keyboard(silent: str, open_as: Opener) -> None:
    page = open_as("", Role.MODERATOR)
    page.get_by_role("link", name="Blind review").click()
    expect(page.locator("#place")).to_contain_text("Text 1 of")
    total = int(page.locator("#place").inner_text().rsplit(" ", 1)[1])
    assert "0." not in page.locator("main").inner_text()  # no score is shown
    for number in range(total):
        expect(page.locator("#place")).to_contain_text(f"Text {number + 1} of")
        is_harmful = "glimpwad" in page.locator("#text").inner_text()
        page.keyboard.press("r" if is_harmful else "a")
    expect(page.locator("#over-heading")).to_be_focused()
    expect(page.locator("#result")).to_contain_text("2 for the shadow model, 0 for")
    db.session.rollback()
    looks = db.session.scalars(sa.select(BlindLook.is_harmful)).all()
    assert (len(looks), sum(looks)) == (total, 2)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 3
    page.get_by_role("button", name="More texts").click()
    expect(page.locator("#over")).to_be_visible()


def test_a_text_that_was_judged_twice_is_passed_by(
    silent: str, newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("blind", Role.MODERATOR)
    moderator = newsroom.as_staff()
    for each in moderator.get("/api/v1/sites/gazette/shadow/sample").json["texts"]:
        look = {"comment": each["comment"], "is_harmful": False}
        moderator.post("/api/v1/sites/gazette/shadow/looks", look)
    page.keyboard.press("r")
    expect(page.locator("#place")).to_contain_text("Text 2 of")
    expect(page.locator("#banner")).to_be_hidden()


def test_without_a_silent_model_the_bar_has_no_blind_looks(
    version: str, open_as: Opener
) -> None:
    page = open_as("blind", Role.MODERATOR)
    expect(page.locator("#nothing")).to_be_visible()
    expect(page.get_by_role("link", name="Blind review")).to_have_count(0)


def test_two_models_are_measured_side_by_side(
    app: Flask, newsroom: Newsroom, trial: TrainingResult, open_as: Opener
) -> None:
    decide_many(newsroom, sentences(320, seed=2))
    other = store(newsroom, trial, active={"version": "another"})
    page = open_as("models/compare")
    expect(page.locator(".none")).to_contain_text("not compared yet")
    page.get_by_role("button", name="Measure on today’s decisions").click()
    expect(page.locator("#running-told")).to_have_text("Comparison: queued")
    work(app)
    expect(page.locator("#gains-heading")).to_be_visible()
    expect(page.locator("#second")).to_have_value(other)
    expect(page.locator(".gains tbody tr").first).to_contain_text("better")
    assert violations(page) == []


def test_jobs_wait_in_sight_and_are_ended(newsroom: Newsroom, open_as: Opener) -> None:
    session = db.session()
    start_writing(session)
    for kind in (JobKind.RETRAINING, JobKind.RESCORING):
        jobs.enqueue(
            session, newsroom.site_id, kind, staff_id=None, now=datetime.now(UTC)
        )
    session.commit()
    page = open_as("settings/jobs")
    expect(page.locator("#unfinished li.job")).to_have_count(2)
    expect(page.locator("#unfinished li.job").nth(1)).to_contain_text(
        "1 job comes first"
    )
    page.get_by_role("button", name="Cancel: Training").click()
    expect(page.locator("#ended li.job")).to_contain_text("canceled")
    page.locator("#ended summary").click()
    expect(page.locator("#ended .log li")).to_contain_text("Cancellation requested.")
    assert violations(page) == []
    db.session.rollback()
    states = db.session.scalars(sa.select(Job.state).order_by(Job.id)).all()
    assert states == ["cancelled", "queued"]


def test_an_alarm_shows_its_examples_until_it_is_seen(
    newsroom: Newsroom, open_as: Opener
) -> None:
    sent = newsroom.send(body="Die Brücke öffnet heute.")
    details = {
        "chance": 1e-9,
        "shift": 0.3,
        "before": 0.04,
        "after": 0.34,
        "examples": [sent["id"]],
    }
    session = db.session()
    start_writing(session)
    session.add(
        Alarm(
            site_id=newsroom.site_id,
            kind="languages",
            subject="de",
            details=details,
            created_at=NOW,
        )
    )
    session.commit()
    page = open_as("models")
    page.get_by_role("link", name="1 drift alert to look at").click()
    expect(page.locator("#open h3")).to_have_text("Languages have changed")
    expect(page.locator("#open")).to_contain_text("German: 4% before, 34% now")
    expect(page.locator("#open .cases")).to_contain_text("Die Brücke öffnet heute.")
    assert violations(page) == []
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.locator("#no-open")).to_be_visible()
    expect(page.locator("#seen li").first).to_be_visible()


PARTS = (
    "models",
    "models/shadow",
    "settings/policy",
    "settings/jobs",
    "settings/alerts",
)


@pytest.mark.parametrize("path", PARTS)
def test_a_page_that_can_not_be_loaded_says_so_and_tries_again(
    newsroom: Newsroom, open_as: Opener, path: str
) -> None:
    page = open_as("models/compare")
    page.route("**/api/v1/**", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"/console/{path}")
    expect(page.locator("#banner")).to_contain_text("didn’t answer")
    expect(page.locator("#loading")).to_be_hidden()
    assert violations(page) == []
    page.unroute("**/api/v1/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#loaded")).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()


def test_who_is_offline_is_told_and_goes_on(
    newsroom: Newsroom, open_as: Opener
) -> None:
    page = open_as("settings/alerts")
    page.context.set_offline(True)
    expect(page.locator("#banner")).to_contain_text("No connection.")
    page.context.set_offline(False)
    expect(page.locator("#banner")).to_be_hidden()


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
@pytest.mark.parametrize("path", [*PARTS, "models/compare", "models/gazette/any"])
def test_models_are_for_admins(
    app: Flask, newsroom: Newsroom, role: Role, path: str
) -> None:
    client = app.test_client()
    form = {"login": f"gazette-{role}", "password": PASSWORD}
    client.post("/console/login", data=form)
    assert client.get(f"/console/{path}").status_code == 403


def test_another_sites_models_are_not_there(
    app: Flask, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    client = app.test_client()
    form = {"login": "herald-admin", "password": PASSWORD}
    client.post("/console/login", data=form)
    assert client.get("/console/models").status_code == 200
    for path in ("models?site=gazette", f"models/gazette/{SHIPPED.version}"):
        assert client.get(f"/console/{path}").status_code == 404
    assert client.get("/console/models/herald/nothing").status_code == 404
