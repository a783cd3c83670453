"""A site lets scores decide in a language that the model has learned some of."""

from __future__ import annotations

from typing import Any

import pytest

from classifiers.serving.combined import Reads
from moderation.accounts.staff import Role
from moderation.models.serving import Scoring
from moderation.web.services import services_of
from tests.builders import Newsroom, speak

POLICY = "/api/v1/sites/gazette/policy"
GERMAN = "Der neue Fahrplan der Fähre ist endlich da, vielen Dank an alle Beteiligten!"
DUTCH = "Hartelijk dank voor dit artikel, de dienstregeling is eindelijk bekend."


@pytest.fixture
def reading(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A newsroom with the encoder."""
    services = services_of(newsroom.app)
    both = Scoring(reads=Reads.ALWAYS)
    monkeypatch.setattr(services.scoring, "default", both.default)
    return newsroom


def set_languages(newsroom: Newsroom, *languages: str) -> Any:
    client = newsroom.as_staff(Role.ADMIN)
    body = {**client.get(POLICY).json, "languages": list(languages)}
    for name in ("id", "created_at"):
        body.pop(name)
    return client.put(POLICY, body)


def reasons(comment: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in comment["reasons"]]


def test_comments_in_an_added_language_are_decided(reading: Newsroom) -> None:
    reading.set_policy({"toxicity": {"review_at": 0.9, "reject_at": None}})
    assert reasons(reading.send(body=GERMAN)) == ["language"]
    answer = set_languages(reading, "de", "nl")
    assert answer.status_code == 200, answer.json
    assert reading.send(body=f"{GERMAN} Wirklich.")["status"] == "approved"
    # It learned no Dutch: such comments are held under any policy.
    assert reasons(reading.send(body=DUTCH)) == ["language"]


def test_without_the_encoder_they_wait(newsroom: Newsroom) -> None:
    newsroom.set_policy({"toxicity": {"review_at": 0.9, "reject_at": None}})
    assert set_languages(newsroom, "de").status_code == 200
    assert reasons(newsroom.send(body=GERMAN)) == ["language"]


def test_scores_without_storing_follow(reading: Newsroom) -> None:
    reading.set_policy({"toxicity": {"review_at": 0.9, "reject_at": None}})

    def is_supported() -> bool:
        sent = reading.as_site().post("/api/v1/scores", {"texts": [{"text": GERMAN}]})
        (result,) = sent.json["results"]
        return bool(result["is_language_supported"])

    assert not is_supported()
    set_languages(reading, "de")
    assert is_supported()


def test_compatibility_apis_follow(reading: Newsroom) -> None:
    speak(reading)
    call = f"/v1alpha1/comments:analyze?key={reading.key}"
    body = {"comment": {"text": GERMAN}, "requestedAttributes": {"TOXICITY": {}}}

    def analyze() -> int:
        return reading.app.test_client().post(call, json=body).status_code

    assert analyze() == 400
    set_languages(reading, "de")
    assert analyze() == 200


@pytest.mark.parametrize("wrong", ["german", "DE", ""])
def test_a_code_that_is_none_is_named(newsroom: Newsroom, wrong: str) -> None:
    answer = set_languages(newsroom, "de", wrong)
    assert answer.status_code == 422
    assert "languages.1" in answer.json["fields"]
