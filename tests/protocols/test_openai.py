"""OpenAI's moderations: 13 categories in the shape that the SDKs demand."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from moderation.compat.openai.results import CATEGORIES, build_result
from moderation.database import db
from moderation.models.serving import ScoredText
from tests.builders import (
    DeafScorer,
    Newsroom,
    default_scorer,
    open_newsroom,
    replace_default_scorer,
    speak,
)
from tests.leaks.test_leaks import dump
from tests.refusals import on_sqlite

PATH = "/v1/moderations"
RUDE = "You are a complete idiot and everybody knows it."
KIND = "The ferry leaves at nine, and it was never cheap."
SCORED = {
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "sexual",
}


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def ask(app: Flask, key: str | None, **body: Any) -> Any:
    db.session.remove()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return app.test_client().post(PATH, json=body, headers=headers)


def test_all_thirteen_categories_are_in_all_three_maps(site: Newsroom) -> None:
    answer = ask(site.app, site.key, input=RUDE, model="omni-moderation-latest")
    assert answer.status_code == 200
    assert answer.json["id"].startswith("modr-")
    assert answer.json["model"] == default_scorer(site.app).version
    (result,) = answer.json["results"]
    assert len(CATEGORIES) == 13
    for name in ("categories", "category_scores", "category_applied_input_types"):
        assert set(result[name]) == set(CATEGORIES)
    assert result["flagged"] is True
    assert result["categories"]["harassment"] is True
    assert 0 < result["category_scores"]["harassment"] <= 1


def test_what_nothing_scores_is_false_always(site: Newsroom) -> None:
    (result,) = ask(site.app, site.key, input="I will kill you").json["results"]
    for name in set(CATEGORIES) - SCORED:
        assert result["categories"][name] is False
        assert result["category_scores"][name] == 0
        assert result["category_applied_input_types"][name] == []
    for name in SCORED:
        assert result["category_applied_input_types"][name] == ["text"]
    assert result["categories"]["harassment/threatening"] is True


def test_self_harm_is_answered_where_a_model_scores_it() -> None:
    scored = ScoredText(
        scores={"insult": 0.0, "self_harm": 0.7},
        model_version="two-1",
        is_language_supported=True,
    )
    result = build_result(scored, {"insult": 0.5, "self_harm": 0.7})
    assert result["flagged"] is True
    assert result["categories"]["self-harm"] is True
    assert result["category_scores"]["self-harm"] == 0.7
    assert result["category_scores"]["self-harm/intent"] == 0.0


def test_a_category_is_not_applied_where_the_model_is_weak(
    site: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = {"en": frozenset({"threat"})}
    monkeypatch.setattr(default_scorer(site.app), "weak", weak)
    said = "I will kill you, that is a promise, and nobody will ever find you."
    (result,) = ask(site.app, site.key, input=said).json["results"]
    for name in ("harassment/threatening", "hate/threatening"):
        assert result["categories"][name] is False
        assert result["category_scores"][name] == 0
        assert result["category_applied_input_types"][name] == []
    assert result["category_applied_input_types"]["hate"] == ["text"]


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (KIND, [False]),
        ([KIND, RUDE], [False, True]),
        ([{"type": "text", "text": KIND}, {"type": "text", "text": RUDE}], [True]),
    ],
)
def test_a_list_of_texts_has_a_result_each_and_parts_have_one(
    site: Newsroom, given: Any, flags: list[bool]
) -> None:
    answer = ask(site.app, site.key, input=given)
    assert [each["flagged"] for each in answer.json["results"]] == flags


@on_sqlite
def test_a_text_in_an_unknown_language_leaves_the_others_their_results(
    site: Newsroom,
) -> None:
    foreign = "Это очень плохая статья, и автор ничего не понимает в политике."
    answer = ask(site.app, site.key, input=[RUDE, foreign, KIND])
    assert answer.status_code == 200
    rude, unread, kind = answer.json["results"]
    assert (rude["flagged"], kind["flagged"]) == (True, False)
    assert unread["error"]["code"] == "unsupported_language"
    assert unread["flagged"] is True  # never taken for harmless
    assert not any(unread["categories"].values())
    alone = ask(site.app, site.key, input=[foreign])
    assert (alone.status_code, alone.json["error"]["code"]) == (
        400,
        "unsupported_language",
    )


@on_sqlite
@pytest.mark.parametrize(
    "given",
    [
        None,
        1,
        [],
        [1],
        {},
        [{"type": "text"}],
        [{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}],
        ["a", {"type": "text", "text": "b"}],
        ["a"] * 1001,
        "a" * 100_001,
        "这座桥今年冬天不会开放,大家都知道。",
    ],
    ids=range(11),
)
def test_what_can_not_be_moderated_is_an_invalid_request(
    site: Newsroom, given: Any
) -> None:
    answer = ask(site.app, site.key, input=given)
    assert answer.status_code == 400
    error = answer.json["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", "input")


def test_a_bad_key_a_bad_body_and_a_bad_path_are_told_in_openais_shape(
    site: Newsroom,
) -> None:
    for key, code in [("a" * 12, "invalid_api_key"), (None, None)]:
        refused = ask(site.app, key, input=KIND)
        assert (refused.status_code, refused.json["error"]["code"]) == (401, code)
    headers = {"Authorization": f"Bearer {site.key}"}
    client = site.app.test_client()
    for path, data, status in [(PATH, b"{", 400), ("/v1/chat", b"{}", 404)]:
        db.session.remove()
        answer: Any = client.post(path, data=data, headers=headers)
        assert answer.status_code == status
        assert answer.json["error"]["type"] == "invalid_request_error"
    assert client.get(PATH).status_code == 404
    speak(site, protocols=frozenset())
    assert ask(site.app, site.key, input=KIND).status_code == 403


def test_a_failed_scoring_is_an_error_and_no_verdict(site: Newsroom) -> None:
    replace_default_scorer(site.app, DeafScorer())
    answer = ask(site.app, site.key, input=KIND)
    assert answer.status_code == 503
    assert answer.json["error"]["type"] == "server_error"


def test_a_limit_says_when_to_come_back(make_app: Any) -> None:
    app = make_app(MODERATION_COMPAT_LIMIT="1 per minute")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        speak(newsroom)
        assert ask(app, newsroom.key, input=KIND).status_code == 200
        answer = ask(app, newsroom.key, input=KIND)
        assert answer.status_code == 429
        assert answer.json["error"]["code"] == "rate_limit_exceeded"
        assert answer.headers["Retry-After"]


def test_nothing_of_a_text_is_stored_or_logged(
    site: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(site.app, site.key, input="Xylophoneconcerto says jo@secret.example")
    for place in (dump(session), caplog.text):
        assert "Xylophoneconcerto" not in place
        assert "secret.example" not in place


def test_half_characters_are_scored(site: Newsroom) -> None:
    assert ask(site.app, site.key, input="\ud800 \x00 idiot").status_code == 200
