"""Perspective v1alpha1: scores, suggestions, errors to the byte."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.pretrained import perspective_attributes
from classifiers.text.labels import LABELS
from moderation.compat.perspective import discovery
from moderation.compat.perspective.attributes import MODELLED, UNANSWERED
from moderation.database import db
from moderation.learning import examples
from moderation.tables.learning import Suggestion
from tests.builders import (
    DeafScorer,
    Newsroom,
    default_scorer,
    replace_default_scorer,
    speak,
)
from tests.leaks.test_leaks import dump
from tests.refusals import on_sqlite

ANALYZE = "/v1alpha1/comments:analyze"
GOOGLES_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
SUGGEST = "/v1alpha1/comments:suggestscore"
RUDE = "You are a complete idiot and everybody knows it."


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def ask(site: Newsroom, *attributes: str, path: str = ANALYZE, **fields: Any) -> Any:
    """Ask for attributes of a text; `None` leaves a field out."""
    body: dict[str, Any] = {
        "comment": {"text": RUDE},
        "requestedAttributes": {name: {} for name in attributes or ("TOXICITY",)},
        **fields,
    }
    body = {name: value for name, value in body.items() if value is not None}
    db.session.remove()
    client = site.app.test_client()
    return client.post(f"{path}?key={site.key}&alt=json", json=body)


def test_a_text_is_scored_in_googles_shape(site: Newsroom) -> None:
    answer = ask(site, "TOXICITY", clientToken="t-1")
    version = default_scorer(site.app).version
    assert answer.status_code == 200
    toxicity = answer.json["attributeScores"]["TOXICITY"]
    value = toxicity["summaryScore"]["value"]
    assert 0.5 < value <= 1
    assert answer.json == {
        "attributeScores": {
            "TOXICITY": {
                "spanScores": [
                    {
                        "begin": 0,
                        "end": len(RUDE),
                        "score": {"value": value, "type": "PROBABILITY"},
                    }
                ],
                "summaryScore": {"value": value, "type": "PROBABILITY"},
            }
        },
        "languages": ["en"],
        "detectedLanguages": ["en"],
        "clientToken": "t-1",
        "modelVersion": version,
    }
    assert answer.headers["X-Model-Version"] == version


@on_sqlite
@pytest.mark.parametrize(
    "attribute",
    [
        "TOXICITY",
        "SEVERE_TOXICITY",
        "IDENTITY_ATTACK",
        "INSULT",
        "PROFANITY",
        "THREAT",
        "TOXICITY_EXPERIMENTAL",
        "SEXUALLY_EXPLICIT",
        "OBSCENE",
        "SPAM",
        "LIKELY_TO_REJECT",
        "ATTACK_ON_AUTHOR",
        "ATTACK_ON_COMMENTER",
        "ATTACK_ON_PUBLISHER",
        "FLIRTATION",
        "INFLAMMATORY",
        "UNSUBSTANTIAL",
        "TOXICITY_FAST",
        "TOXICITY@6",
    ],
)
def test_an_attribute_with_a_label_behind_it_is_scored(
    site: Newsroom, attribute: str
) -> None:
    assert list(ask(site, attribute).json["attributeScores"]) == [attribute]


@on_sqlite
@pytest.mark.parametrize("attribute", sorted(UNANSWERED))
def test_an_attribute_without_a_score_is_left_out(
    site: Newsroom, attribute: str
) -> None:
    answer = ask(site, "TOXICITY", attribute)
    assert list(answer.json["attributeScores"]) == ["TOXICITY"]
    assert dict(answer.headers)["X-Attributes-Left-Out"] == attribute
    alone = ask(site, attribute)
    assert alone.status_code == 400
    assert alone.json["error"]["message"] == f"Unknown requested attribute: {attribute}"


@on_sqlite
def test_a_site_may_have_attributes_without_a_score_refused(site: Newsroom) -> None:
    speak(site, strict_attributes=True)
    answer = ask(site, "TOXICITY", "INCOHERENT")
    assert answer.status_code == 400
    assert "INCOHERENT" in answer.json["error"]["message"]


@on_sqlite
@pytest.mark.parametrize("attribute", ["X", "toxicity", ""])
def test_an_attribute_that_never_was_is_unknown(site: Newsroom, attribute: str) -> None:
    answer = ask(site, "TOXICITY", attribute)
    assert answer.status_code == 400
    error = answer.json["error"]
    assert error["message"] == f"Unknown requested attribute: {attribute}"
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0]["errorType"] == "INVALID_REQUEST"


REFUSED = [
    ({"comment": {"text": ""}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
    ({"comment": {"text": " \n"}}, "Comment must be non-empty.", "COMMENT_EMPTY"),
    ({"comment": None}, "Comment must be non-empty.", "COMMENT_EMPTY"),
    (
        {"comment": {"text": "é" * 10_241}},
        "Comment text too long.",
        "COMMENT_TOO_LONG",
    ),
    (
        {"requestedAttributes": {}},
        "Missing requested_attributes",
        "NO_REQUESTED_ATTRIBUTES",
    ),
    (
        {"requestedAttributes": {"TOXICITY": {"scoreType": "RAW"}}},
        "Requested score type RAW is not supported by attribute TOXICITY",
        "INVALID_REQUEST",
    ),
    (
        {"comment": {"text": "a", "type": "HTML"}},
        "Currently, only 'PLAIN_TEXT' comments are supported",
        "INVALID_REQUEST",
    ),
    (
        {
            "context": {
                "entries": [{"text": "a"}],
                "articleAndParentComment": {"article": {"text": "b"}},
            }
        },
        "Context can have either entries or article_and_parent_comment, but both "
        "fields were populated.",
        "INVALID_REQUEST",
    ),
]


@on_sqlite
@pytest.mark.parametrize(("fields", "message", "error_type"), REFUSED)
def test_a_bad_request_is_refused_in_googles_words(
    site: Newsroom, fields: dict[str, Any], message: str, error_type: str
) -> None:
    answer = ask(site, **fields)
    assert answer.status_code == 400
    assert answer.json == {
        "error": {
            "code": 400,
            "message": message,
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": GOOGLES_ERROR,
                    "errorType": error_type,
                }
            ],
        }
    }


@on_sqlite
@pytest.mark.parametrize(
    "fields",
    [
        {"comment": {"text": 1}},
        {"comment": []},
        {"languages": "en"},
        {"languages": [1]},
        {"requestedAttributes": {"TOXICITY": 1}},
        {"requestedAttributes": {"TOXICITY": {"scoreThreshold": "x"}}},
        {"spanAnnotations": "maybe"},
        {"clientToken": {"a": 1}},
        {"requestedAttributes": {f"A{n}": {} for n in range(101)}},
    ],
)
def test_a_field_of_the_wrong_kind_is_an_invalid_argument(
    site: Newsroom, fields: dict[str, Any]
) -> None:
    answer = ask(site, **fields)
    assert answer.status_code == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"


@on_sqlite
@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a":NaN}', b"\xff"])
def test_what_is_no_json_is_an_invalid_argument(site: Newsroom, data: bytes) -> None:
    db.session.remove()
    answer = site.app.test_client().post(f"{ANALYZE}?key={site.key}", data=data)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"


def test_both_contexts_are_taken(site: Newsroom) -> None:
    for context in (
        {"entries": [{"text": "before"}]},
        {"articleAndParentComment": {"article": {"text": "The bridge"}}},
    ):
        assert ask(site, context=context).status_code == 200


@pytest.mark.parametrize("languages", [["ja"], ["en", "ja"]])
def test_a_language_that_no_model_knows_is_named(
    site: Newsroom, languages: list[str]
) -> None:
    answer = ask(site, "INSULT", languages=languages)
    assert answer.status_code == 400
    error = answer.json["error"]
    named = ", ".join(languages)
    assert error["message"] == (
        f"Attribute INSULT does not support request languages: {named}"
    )
    assert error["details"][0] == {
        "@type": GOOGLES_ERROR,
        "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        "languageNotSupportedByAttributeError": {
            "detectedLanguages": ["en"],
            "requestedLanguages": languages,
            "attribute": "INSULT",
        },
    }


def test_an_unsupported_attribute_is_dropped_where_asked(site: Newsroom) -> None:
    answer = ask(site, "INSULT", languages=["ja"], dropUnsupportedAttributes=True)
    assert answer.status_code == 200
    assert answer.json["attributeScores"] == {}


@on_sqlite
@pytest.mark.parametrize("text", ["ok", "你是个白痴", "🎉🎉"])
def test_a_language_is_detected_or_given_the_benefit_of_the_doubt(
    site: Newsroom, text: str
) -> None:
    answer = ask(site, comment={"text": text})
    if text == "你是个白痴":
        assert answer.status_code == 400
        assert "LANGUAGE" in answer.json["error"]["details"][0]["errorType"]
    else:
        assert answer.json["languages"] == ["en"]


def test_a_score_under_its_threshold_is_left_out(site: Newsroom) -> None:
    asked = {"TOXICITY": {"scoreThreshold": 1}, "INSULT": {"scoreThreshold": 0}}
    answer = ask(site, requestedAttributes=asked)
    assert list(answer.json["attributeScores"]) == ["INSULT"]


def test_spans_count_utf16_units(site: Newsroom) -> None:
    text = "😀😀 what an idiot 😀"
    answer = ask(site, comment={"text": text}, spanAnnotations=True)
    units = text.encode("utf-16-le")
    spans = answer.json["attributeScores"]["TOXICITY"]["spanScores"]
    told = [
        units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans
    ]
    assert any("idiot" in each for each in told)
    assert all(0 <= span["score"]["value"] <= 1 for span in spans)


def test_nothing_of_an_analysed_text_is_stored_or_logged(
    site: Newsroom, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for do_not_store in (True, False):
        text = "Xylophoneconcerto you idiot, write to jo@secret.example"
        answer = ask(site, comment={"text": text}, doNotStore=do_not_store)
        assert answer.status_code == 200
    for place in (dump(session), caplog.text):
        assert "Xylophoneconcerto" not in place
        assert "secret.example" not in place


def test_a_suggested_score_becomes_feedback_with_its_source(
    site: Newsroom, session: Session
) -> None:
    fields = {
        "comment": {"text": "You idiot, said jo@mail.example."},
        "attributeScores": {
            "TOXICITY": {"summaryScore": {"value": 1}},
            "SPAM": {"summaryScore": {"value": 0}},
        },
        "clientToken": "comment:1",
        "communityId": "Coral:https://tenant.example",
        "requestedAttributes": None,
    }
    for _ in range(2):
        answer = ask(site, path=SUGGEST, **fields)
        assert answer.status_code == 200
        assert answer.json["clientToken"] == "comment:1"
    kept = session.scalars(sa.select(Suggestion)).one()
    assert (kept.source, kept.scores) == ("perspective", {"toxicity": 1.0, "spam": 0.0})
    assert "mail.example" not in kept.text
    (example,) = examples.read_examples(session, site.site_id, LABELS)
    assert example.labels == {"toxicity": True, "spam": False}


@on_sqlite
@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"TOXICITY": {}},
        {"TOXICITY": {"summaryScore": {"value": 2}}},
        {"TOXICITY": {"summaryScore": {"value": True}}},
        {"INCOHERENT": {"summaryScore": {"value": 1}}},
    ],
)
def test_a_suggestion_without_a_score_is_refused(
    site: Newsroom, session: Session, scores: dict[str, Any]
) -> None:
    answer = ask(site, path=SUGGEST, attributeScores=scores)
    assert answer.status_code == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert session.scalars(sa.select(Suggestion)).all() == []


def post(app: Flask, query: str = "", **kwargs: Any) -> Any:
    db.session.remove()
    body = {"comment": {"text": "hello"}, "requestedAttributes": {"TOXICITY": {}}}
    return app.test_client().post(f"{ANALYZE}{query}", json=body, **kwargs)


def test_the_key_is_read_wherever_google_takes_it(site: Newsroom) -> None:
    for headers in (
        {"X-Goog-Api-Key": site.key},
        {"Authorization": f"Bearer {site.key}"},
    ):
        assert post(site.app, headers=headers).status_code == 200


def test_a_wrong_key_and_no_key_are_answered_as_google_does(site: Newsroom) -> None:
    wrong = post(site.app, "?key=AIzaWrong")
    assert wrong.status_code == 400
    assert wrong.json["error"]["message"] == (
        "API key not valid. Please pass a valid API key."
    )
    assert wrong.json["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    none = post(site.app)
    assert none.status_code == 403
    assert none.json["error"]["status"] == "PERMISSION_DENIED"


def test_a_protocol_that_is_off_is_refused(newsroom: Newsroom) -> None:
    answer = post(newsroom.app, f"?key={newsroom.key}")
    assert answer.status_code == 403
    assert answer.json["error"]["status"] == "PERMISSION_DENIED"


def test_a_quota_is_kept_for_each_key(make_app: Any) -> None:
    from tests.builders import open_newsroom

    app = make_app(MODERATION_COMPAT_LIMIT="2 per minute")
    with app.app_context():
        one, other = open_newsroom(app, "one"), open_newsroom(app, "other")
        speak(one)
        speak(other)
        answers = [post(app, f"?key={one.key}") for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        error = answers[2].json["error"]
        assert error["status"] == "RESOURCE_EXHAUSTED"
        assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
        assert error["message"].startswith(
            "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and "
            "limit 'Analysis requests (AnalyzeComment) per minute' of service "
            "'commentanalyzer.googleapis.com' for consumer '"
        )
        assert post(app, f"?key={other.key}").status_code == 200


def test_a_failed_scoring_is_an_error_and_no_score(site: Newsroom) -> None:
    replace_default_scorer(site.app, DeafScorer())
    answer = ask(site)
    assert answer.status_code == 503
    assert answer.json["error"]["status"] == "UNAVAILABLE"


def test_a_failed_scoring_is_the_highest_score_where_errors_let_pass(
    site: Newsroom,
) -> None:
    speak(site, unscored_as_highest=True)
    replace_default_scorer(site.app, DeafScorer())
    answer = ask(site)
    score = answer.json["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    assert (score, answer.json["modelVersion"]) == (1.0, "unscored")


def test_a_pinned_version_answers_or_nothing_does(site: Newsroom) -> None:
    version = default_scorer(site.app).version
    speak(site, model_version=version)
    assert ask(site).json["modelVersion"] == version
    speak(site, model_version="gone-1")
    assert ask(site).status_code == 503


def test_a_browser_is_let_in_only_from_an_origin_of_the_site(site: Newsroom) -> None:
    speak(site, origins=("https://news.example",))
    for origin, allowed in [
        ("https://news.example", "https://news.example"),
        ("https://evil.example", None),
    ]:
        answer = post(site.app, f"?key={site.key}", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        db.session.remove()
        before = site.app.test_client().options(
            f"{ANALYZE}?key={site.key}", headers={"Origin": origin}
        )
        assert before.headers.get("Access-Control-Allow-Origin") == allowed


@on_sqlite
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_another_method_or_path_is_not_found_in_googles_shape(
    site: Newsroom, method: str
) -> None:
    for path in (ANALYZE, "/v1alpha1/nothing"):
        answer = getattr(site.app.test_client(), method)(path)
        assert answer.status_code == 404
        assert answer.json["error"]["status"] == "NOT_FOUND"


def test_the_discovery_document_names_only_what_it_describes(site: Newsroom) -> None:
    client = site.app.test_client()
    answer = client.get("/$discovery/rest?version=v1alpha1&key=x")
    assert answer.json is not None
    assert answer.json["rootUrl"] == "http://localhost/"
    assert "mtlsRootUrl" not in answer.json
    assert set(answer.json["schemas"]) == set(discovery.SCHEMAS)
    assert client.get("/$discovery/rest?version=v1").status_code == 404


def test_hostile_text_is_scored_or_refused(site: Newsroom) -> None:
    for text in ("\ud800 idiot", "\x00 idiot", "a" * 20_480, "\u202eidiot"):
        assert (
            ask(site, comment={"text": text}, spanAnnotations=True).status_code == 200
        )


@on_sqlite
def test_a_suggestion_keeps_the_scores_that_have_a_label(
    site: Newsroom, session: Session
) -> None:
    scores = {
        "TOXICITY": {"summaryScore": {"value": 1}},
        "NUANCE_EXPERIMENTAL": {"summaryScore": {"value": 0}},
    }
    fields = {"attributeScores": scores, "requestedAttributes": None}
    answer = ask(site, path=SUGGEST, **fields)
    assert answer.status_code == 200
    assert answer.json["attributesLeftOut"] == ["NUANCE_EXPERIMENTAL"]
    assert answer.headers["X-Attributes-Left-Out"] == "NUANCE_EXPERIMENTAL"
    assert session.scalars(sa.select(Suggestion)).one().scores == {"toxicity": 1.0}
    speak(site, strict_attributes=True)
    assert ask(site, path=SUGGEST, **fields).status_code == 400


#: As Google's pages had them: conversationai/perspectiveapi, 2-api/models.md, and
#: "Attributes and languages" of 2024 (read 2026-11).
_PRODUCTION = "TOXICITY SEVERE_TOXICITY IDENTITY_ATTACK INSULT PROFANITY THREAT"
_EXPERIMENTAL = "SEXUALLY_EXPLICIT FLIRTATION TOXICITY_FAST"
_NEW_YORK_TIMES = """
ATTACK_ON_AUTHOR ATTACK_ON_COMMENTER INCOHERENT INFLAMMATORY LIKELY_TO_REJECT OBSCENE
SPAM UNSUBSTANTIAL
"""
_BRIDGING = """
AFFINITY COMPASSION CURIOSITY NUANCE PERSONAL_STORY REASONING RESPECT CONSTRUCTIVE
"""
_PERSUASION = """
ALIENATION FEARMONGERING GENERALIZATION MORAL_OUTRAGE POWER_APPEAL SCAPEGOATING
"""
_LANGUAGES = "ar zh cs nl en fr de hi hi-Latn id it ja ko pl pt ru es sv"
PRODUCTION = _PRODUCTION.split()
EXPERIMENTAL = [*PRODUCTION, *_BRIDGING.split(), *_PERSUASION.split()]
DOCUMENTED = {
    *PRODUCTION,
    *_EXPERIMENTAL.split(),
    *_NEW_YORK_TIMES.split(),
    *(f"{name}_EXPERIMENTAL" for name in EXPERIMENTAL),
}


@on_sqlite
def test_each_documented_attribute_is_scored_or_named_as_left_out(
    site: Newsroom,
) -> None:
    answer = ask(site, *sorted(DOCUMENTED))
    assert answer.status_code == 200
    scored, left_out = answer.json["attributeScores"], answer.json["attributesLeftOut"]
    assert {*scored, *left_out} == DOCUMENTED
    assert not {*scored} & {*left_out}
    assert {*PRODUCTION, "SEXUALLY_EXPLICIT", "SPAM", "OBSCENE"} <= {*scored}


def test_each_attribute_with_a_model_of_its_own_has_one() -> None:
    assert {*perspective_attributes.load().names} == MODELLED


@on_sqlite
def test_attributes_with_a_model_of_their_own_order_texts(site: Newsroom) -> None:
    def score(attribute: str, text: str) -> float:
        found = ask(site, attribute, comment={"text": text}).json
        return float(found["attributeScores"][attribute]["summaryScore"]["value"])

    thoughtful = (
        "The council postponed the repair twice, in 2019 and in 2022, because the "
        "estimates had doubled. If the bridge closes, the detour adds forty minutes to "
        "each journey of the school bus, so a temporary crossing seems the cheaper way."
    )
    for attribute, high, low in [
        ("UNSUBSTANTIAL", "lol ok", thoughtful),
        ("FLIRTATION", "You are so hot and sexy, kiss me baby.", thoughtful),
        ("INFLAMMATORY", "All these Muslims are terrorists and liars.", thoughtful),
        (
            "ATTACK_ON_COMMENTER",
            "You are a liar and your comment is stupid.",
            thoughtful,
        ),
        ("LIKELY_TO_REJECT", RUDE, thoughtful),
    ]:
        assert score(attribute, high) > score(attribute, low) + 0.1, attribute


@on_sqlite
def test_a_suggestion_for_an_attribute_with_its_own_model_is_not_learnt_from(
    site: Newsroom,
) -> None:
    scores = {"ATTACK_ON_COMMENTER": {"summaryScore": {"value": 0}}}
    fields = {"attributeScores": scores, "requestedAttributes": None}
    assert ask(site, path=SUGGEST, **fields).status_code == 400


@on_sqlite
@pytest.mark.parametrize("language", _LANGUAGES.split())
def test_each_documented_language_is_scored_or_refused_as_one_that_no_model_knows(
    site: Newsroom, language: str
) -> None:
    answer = ask(site, "TOXICITY", languages=[language])
    if language in default_scorer(site.app).languages:
        assert answer.json["languages"] == [language]
    else:
        error = answer.json["error"]["details"][0]
        assert error["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
        named = error["languageNotSupportedByAttributeError"]
        assert named["requestedLanguages"] == [language]


@on_sqlite
def test_fields_that_change_nothing_are_taken(site: Newsroom) -> None:
    plain = ask(site).json
    answer = ask(
        site,
        sessionId="s-1",
        communityId="gazette.example",
        doNotStore=True,
        context={"entries": [{"text": "before", "type": "PLAIN_TEXT"}]},
    )
    assert (answer.status_code, answer.json) == (200, plain)


@on_sqlite
def test_spans_are_sentences_with_the_score_of_each_alone(site: Newsroom) -> None:
    text = "What kind of idiot name is foo? Sorry, I like your name."
    answer = ask(
        site,
        "INSULT",
        "LIKELY_TO_REJECT",
        comment={"text": text},
        spanAnnotations=True,
    )
    for score in answer.json["attributeScores"].values():
        first, second = score["spanScores"]
        assert (first["begin"], first["end"]) == (0, 31)  # as in Google's own example
        assert (second["begin"], second["end"]) == (32, 56)
        assert first["score"]["value"] > second["score"]["value"]
    alone = ask(site, "INSULT", comment={"text": text[:31]}).json
    assert (
        alone["attributeScores"]["INSULT"]["summaryScore"]
        == answer.json["attributeScores"]["INSULT"]["spanScores"][0]["score"]
    )
