"""Texts scored without storing them: reasons, spans, a nudge, and nothing kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.policy.nudges import SENTENCES, Nudge
from moderation.tables.comments import Comment, Score
from tests.builders import (
    Answer,
    DeafScorer,
    Newsroom,
    default_scorer,
    replace_default_scorer,
)
from tests.leaks.test_leaks import dump
from tests.refusals import assert_refused, on_sqlite

pytestmark = on_sqlite
PATH = "/api/v1/scores"
RUDE = "You are a complete idiot and everybody knows it."
KIND = "The ferry leaves at nine, and it was never cheap."
FOREIGN = "Это очень плохая статья, и автор ничего не понимает в политике."


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy({"insult": {"review_at": 0.5}})
    return newsroom


def ask(site: Newsroom, *texts: str, **fields: Any) -> Answer:
    body = {"texts": [{"text": text} for text in texts], **fields}
    return site.as_site().post(PATH, body)


def test_each_text_has_scores_and_those_over_a_threshold_are_reasons(
    site: Newsroom,
) -> None:
    answer = ask(site, RUDE, KIND)
    assert answer.status_code == 200, answer.text
    assert answer.json["model_version"] == default_scorer(site.app).version
    rude, kind = answer.json["results"]
    [reason] = rude["reasons"]
    assert reason["label"] == "insult"
    assert 0.5 <= reason["score"] == rude["scores"]["insult"] <= 1
    assert (reason["review_at"], reason["reject_at"]) == (0.5, None)
    assert reason["spans"] == []
    assert (kind["reasons"], kind["nudge"]) == ([], None)


def test_spans_say_which_words_raised_a_score(site: Newsroom) -> None:
    [result] = ask(site, RUDE, with_spans=True).json["results"]
    spans = result["reasons"][0]["spans"]
    assert "idiot" in [RUDE[span["start"] : span["end"]] for span in spans]
    many = ask(site, *[RUDE] * 51, with_spans=True)
    assert_refused(many, 422, "texts")


@pytest.mark.parametrize(
    ("language", "found"),
    [(None, "en"), ("de-AT", "de"), ("ar", "ar"), ("fr", "fr"), ("fi", "en")],
)
def test_a_nudge_is_in_the_language_of_the_page(
    site: Newsroom, language: str | None, found: str
) -> None:
    [result] = ask(site, RUDE, language=language).json["results"]
    text = SENTENCES[found][Nudge.HURTS]
    assert result["nudge"] == {"code": "hurts", "text": text, "language": found}


def test_a_text_in_an_unknown_language_gives_no_reason_and_no_nudge(
    site: Newsroom,
) -> None:
    foreign, rude = ask(site, FOREIGN, RUDE).json["results"]
    assert not foreign["is_language_supported"]
    assert (foreign["reasons"], foreign["nudge"]) == ([], None)
    assert rude["reasons"]


def test_nothing_of_a_text_is_stored_or_logged(
    site: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(site, f"{RUDE} zyzzyva", with_spans=True)
    session.rollback()
    for table in (Comment, Score):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert "zyzzyva" not in caplog.text
    assert "zyzzyva" not in dump(session)


def test_a_text_that_can_not_be_scored_says_so(site: Newsroom) -> None:
    replace_default_scorer(site.app, DeafScorer())
    [result] = ask(site, RUDE).json["results"]
    assert not result["is_scored"]
    assert (result["scores"], result["nudge"]) == ({}, None)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"texts": []}, "texts"),
        ({"texts": [{"text": " "}]}, "texts.0.text"),
        ({"texts": [{"text": KIND}] * 501}, "texts"),
        ({"texts": [{"text": KIND}], "language": "not a language"}, "language"),
    ],
)
def test_what_can_not_be_read_names_the_field(
    site: Newsroom, fields: dict[str, Any], named: str
) -> None:
    assert_refused(site.as_site().post(PATH, fields), 422, named)


def test_a_browser_key_may_score_from_its_origins_alone(site: Newsroom) -> None:
    wanted = {"name": "page", "scopes": ["score"], "origins": ["https://a.example"]}
    keys = site.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/keys", wanted)
    made = keys.json["secret"]
    for origin, status in (("https://a.example", 200), ("https://b.example", 403)):
        answer = site.app.test_client().post(
            PATH,
            json={"texts": [{"text": RUDE}]},
            headers={"Authorization": f"Bearer {made}", "Origin": origin},
        )
        assert answer.status_code == status
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed == (origin if status == 200 else None)


def test_five_hundred_long_texts_are_taken(site: Newsroom) -> None:
    answer = ask(site, *[KIND * 60] * 500)
    assert answer.status_code == 200
    assert len(answer.json["results"]) == 500
