"""From decisions to a better model, and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.data.datasets import Example
from classifiers.evaluation.model_scores import ModelScores
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer
from classifiers.text.labels import LABELS
from moderation import jobs
from moderation.database import start_writing
from moderation.errors import Conflict, NotFound, NotPromotable, TooFewDecisions
from moderation.jobs import JobKind, Task
from moderation.keyed_hashes import HashKeys
from moderation.learning import retraining
from moderation.learning.disagreements import PolicyVerdicts
from moderation.learning.retraining import MIN_DECISIONS, Snapshot, TrainingResult
from moderation.learning.training_set import TrainingSet
from moderation.models import registry
from moderation.models.serving import Scoring
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.tables.models import Model, Promotion
from moderation.tables.sites import Site
from moderation.web.services import services_of
from tests.builders import NOW, Newsroom
from tests.decided_newsroom import as_examples, as_lessons, decide_many, sentences

SHIPPED = default_model.load()
POLICY = Policy(
    thresholds={"insult": Threshold(review_at=0.5, reject_at=0.95)},
    default=Moderation.PRE,
)


KEY = HashKeys.of([b"k" * 32])


def quiet(share: float, note: str | None = None, /) -> None:
    """Take note of no progress."""


def task_of(newsroom: Newsroom, job_id: int = 1) -> Task:
    return Task(
        job_id=job_id,
        kind=JobKind.RETRAINING,
        site_id=newsroom.site_id,
        staff_id=None,
        attempt=1,
    )


def snapshot_of(name: str, examples: Sequence[Example]) -> Snapshot:
    return Snapshot(
        name=name,
        base=SHIPPED,
        active=SHIPPED,
        policy=POLICY,
        lessons=TrainingSet(as_lessons(examples)),
    )


@pytest.fixture(scope="module")
def trial() -> TrainingResult:
    """What a site's 400 decisions bring, whose slang the shipped model never saw."""
    examples = as_examples(sentences(400))
    found = snapshot_of("gazette-1", examples)
    return retraining.train(found, quiet)


def test_candidate_is_better_on_the_sites_later_comments(trial: TrainingResult) -> None:
    insult = trial.report["comparison"]["auc"]["insult"]
    assert insult["candidate"] > insult["active"] + 0.2
    assert insult["gain"]["low"] > 0
    assert trial.report["gate"] == {"allowed": True, "reasons": [], "objections": []}


def test_both_models_are_measured_on_the_same_later_decisions(
    trial: TrainingResult,
) -> None:
    report = trial.report
    assert report["examples"] == 400
    assert report["trained_on"] + report["held_out"] == 400
    assert report["held_out"] == pytest.approx(120, abs=10)
    assert report["active"]["n"] == report["candidate"]["n"] == report["held_out"]
    assert report["active"]["version"] == SHIPPED.version
    assert report["candidate"]["version"] == trial.version


def test_report_says_what_the_thresholds_in_force_would_hold(
    trial: TrainingResult,
) -> None:
    active = trial.report["under_policy"]["active"]
    candidate = trial.report["under_policy"]["candidate"]
    assert active["harmful"] == candidate["harmful"] == pytest.approx(30, abs=8)
    assert candidate["harmful_held"] > active["harmful_held"]
    assert candidate["harmless_held"] < candidate["harmless"] / 20


def test_report_draws_both_models_and_tells_where_they_differ(
    trial: TrainingResult,
) -> None:
    curves = trial.report["curves"]
    assert curves["active"].keys() == curves["candidate"].keys() == {"insult"}
    assert (
        sum(each["n"] for each in curves["candidate"]["insult"]["bins"])
        == (trial.report["candidate"]["labels"]["insult"]["n"])
    )
    otherwise = trial.report["otherwise"]
    assert otherwise["stricter"] >= 5
    assert otherwise["stricter_right"] > 0.8 * otherwise["stricter"]
    assert otherwise["comments"][0]["label"] == "insult"


@pytest.mark.parametrize(
    ("score", "held", "rejected"),
    [("0.49", 0, 0), ("0.5", 1, 0), ("0.95", 1, 1)],
)
@pytest.mark.parametrize("is_harmful", [True, False])
def test_counting_follows_the_thresholds(
    score: str, held: int, rejected: int, is_harmful: bool
) -> None:
    judged = PolicyVerdicts.of(
        POLICY, ModelScores("x-1", ("insult",), np.array([[float(score)]]))
    )
    counts = retraining.count_held(judged, np.array([is_harmful]))
    kind = "harmful" if is_harmful else "harmless"
    assert counts[kind] == 1
    assert counts[f"{kind}_held"] == held
    assert counts[f"{kind}_rejected"] == rejected
    assert sum(counts.values()) == 1 + held + rejected


def test_candidate_can_be_served_under_its_version(trial: TrainingResult) -> None:
    scorer = artifact.loads(trial.artifact)
    assert scorer.version == trial.version
    assert scorer.version.startswith("gazette-1-")
    assert scorer.labels == SHIPPED.labels


def test_report_and_manifest_hold_no_text_and_no_author(trial: TrainingResult) -> None:
    manifest = json.dumps(dict(artifact.loads(trial.artifact).manifest))
    told = json.dumps(trial.report) + manifest
    for each in as_examples(sentences(400)):
        assert each.text not in told
    assert "glimpwad" not in told
    assert "example" not in json.dumps(trial.report["gate"])


def test_decisions_without_harm_are_refused_by_the_gate() -> None:
    harmless = [each for each in as_examples(sentences(420)) if len(each.labels) > 1]
    found = snapshot_of("x-1", harmless)
    gate = retraining.train(found, quiet).report["gate"]
    assert gate["allowed"] is False
    assert gate["reasons"] == ["No label has held-out decisions enough to judge by."]


def test_one_authors_comments_can_not_be_measured() -> None:
    examples = [
        dataclasses.replace(each, group="one") for each in as_examples(sentences(300))
    ]
    found = snapshot_of("x-1", examples)
    with pytest.raises(TooFewDecisions, match="one author"):
        retraining.train(found, quiet)


def test_too_few_decisions_are_refused_with_both_numbers(
    session: Session, newsroom: Newsroom
) -> None:
    decide_many(newsroom, sentences(MIN_DECISIONS - 1))
    with pytest.raises(TooFewDecisions) as refused:
        retraining.refuse_unready(session, newsroom.site_id)
    assert "300" in refused.value.message
    assert "299" in refused.value.message


def test_three_hundred_decisions_are_enough(
    session: Session, newsroom: Newsroom
) -> None:
    decide_many(newsroom, sentences(MIN_DECISIONS))
    retraining.refuse_unready(session, newsroom.site_id)


def test_snapshot_starts_from_the_shipped_weights_also_after_a_promotion(
    app: Flask, session: Session, newsroom: Newsroom, trial: TrainingResult
) -> None:
    decide_many(newsroom, sentences(MIN_DECISIONS))
    start_writing(session)
    retraining.create_candidate(session, task_of(newsroom), trial, KEY, NOW)
    promote(session, newsroom, trial.version)
    session.commit()
    found = retraining.snapshot(session, services_of(app).scoring, task_of(newsroom, 7))
    assert found.base.version == SHIPPED.version
    assert found.active.version == trial.version
    assert len(found.lessons) == MIN_DECISIONS
    assert found.name == "gazette-7"
    (second,) = found.lessons.read(np.array([1]))
    assert set(second.example.labels) == set(SHIPPED.labels) <= set(LABELS)


def test_without_a_model_to_start_from_nothing_is_trained(
    session: Session, newsroom: Newsroom, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="can't be loaded"):
        retraining.snapshot(session, Scoring(tmp_path / "none"), task_of(newsroom))


def add_model(
    session: Session,
    newsroom: Newsroom,
    version: str,
    *,
    allowed: bool = True,
    against: str = SHIPPED.version,
    stored: bytes = b"",
) -> Model:
    reasons = [] if allowed else ["It is worse."]
    model = Model(
        site_id=newsroom.site_id,
        version=version,
        base_version=SHIPPED.version,
        artifact=stored,
        report={
            "active": {"version": against},
            "gate": {"allowed": allowed, "reasons": reasons},
        },
        created_at=NOW,
    )
    session.add(model)
    session.flush()
    return model


def promote(
    session: Session,
    newsroom: Newsroom,
    version: str,
    *,
    despite_gate: str | None = None,
    shipped: Scorer | None = SHIPPED,
) -> Promotion:
    return registry.promote(
        session,
        newsroom.site_id,
        version,
        shipped=shipped,
        despite_gate=despite_gate,
        staff_id=None,
        now=NOW,
    )


def roll_back(session: Session, newsroom: Newsroom) -> Promotion:
    return registry.roll_back(session, newsroom.site_id, staff_id=None, now=NOW)


def active_id(session: Session, newsroom: Newsroom) -> int | None:
    return session.get_one(Site, newsroom.site_id, populate_existing=True).model_id


def test_promotion_switches_and_is_logged(session: Session, newsroom: Newsroom) -> None:
    start_writing(session)
    model = add_model(session, newsroom, "a")
    promotion = promote(session, newsroom, "a")
    assert active_id(session, newsroom) == model.id
    assert (promotion.model_id, promotion.previous_id) == (model.id, None)
    assert promotion.action == "promotion"
    assert promotion.despite_gate is None


def test_a_refused_model_is_not_promoted(session: Session, newsroom: Newsroom) -> None:
    start_writing(session)
    add_model(session, newsroom, "bad", allowed=False)
    with pytest.raises(NotPromotable, match="It is worse"):
        promote(session, newsroom, "bad")
    assert active_id(session, newsroom) is None


def test_a_refused_model_is_promoted_with_a_reason_that_is_kept(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    model = add_model(session, newsroom, "bad", allowed=False)
    promotion = promote(session, newsroom, "bad", despite_gate="An election is near.")
    assert active_id(session, newsroom) == model.id
    assert promotion.despite_gate == "An election is near."


def test_a_model_measured_against_another_one_needs_a_reason(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    add_model(session, newsroom, "a")
    add_model(session, newsroom, "b")
    promote(session, newsroom, "a")
    with pytest.raises(NotPromotable, match="but a decides now"):
        promote(session, newsroom, "b")


def test_what_decides_already_is_not_promoted_again(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    add_model(session, newsroom, "a")
    promote(session, newsroom, "a")
    with pytest.raises(NotPromotable, match="already"):
        promote(session, newsroom, "a")


def test_the_shipped_model_can_be_promoted_again(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    add_model(session, newsroom, "a")
    promote(session, newsroom, "a")
    promote(session, newsroom, SHIPPED.version)
    assert active_id(session, newsroom) is None


def test_another_sites_model_is_not_there(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    start_writing(session)
    add_model(session, newsroom, "a")
    with pytest.raises(NotFound):
        promote(session, other_newsroom, "a")
    with pytest.raises(NotFound):
        registry.find_model(session, other_newsroom.site_id, "a", SHIPPED)


def test_a_damaged_artifact_is_not_promoted(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    add_model(session, newsroom, "broken", stored=b"no model at all")
    with pytest.raises(NotPromotable, match="can't be served"):
        registry.refuse_unservable(session, newsroom.site_id, "broken")


def test_rollbacks_go_back_promotion_by_promotion(
    session: Session, newsroom: Newsroom
) -> None:
    start_writing(session)
    first = add_model(session, newsroom, "a")
    second = add_model(session, newsroom, "b", against="a")
    third = add_model(session, newsroom, "c", against="a")
    promote(session, newsroom, "a")
    promote(session, newsroom, "b")
    assert roll_back(session, newsroom).previous_id == second.id
    assert active_id(session, newsroom) == first.id
    promote(session, newsroom, "c")
    assert active_id(session, newsroom) == third.id
    roll_back(session, newsroom)
    assert active_id(session, newsroom) == first.id
    roll_back(session, newsroom)
    assert active_id(session, newsroom) is None
    with pytest.raises(Conflict, match="no promotion"):
        roll_back(session, newsroom)


def test_versions_are_unique(session: Session, newsroom: Newsroom) -> None:
    start_writing(session)
    add_model(session, newsroom, "a")
    with pytest.raises(sa.exc.IntegrityError):
        add_model(session, newsroom, "a")


def model_version_of(newsroom: Newsroom) -> str:
    version: str = newsroom.send(body="You glimpwad.")["model_version"]
    return version


def test_every_process_serves_what_was_promoted_last(
    make_app: Callable[..., Flask],
    session: Session,
    newsroom: Newsroom,
    other_newsroom: Newsroom,
    trial: TrainingResult,
) -> None:
    elsewhere = dataclasses.replace(newsroom, app=make_app())
    assert model_version_of(newsroom) == SHIPPED.version
    start_writing(session)
    retraining.create_candidate(session, task_of(newsroom), trial, KEY, NOW)
    promote(session, newsroom, trial.version)
    session.commit()
    assert model_version_of(newsroom) == trial.version
    assert model_version_of(elsewhere) == trial.version
    assert model_version_of(other_newsroom) == SHIPPED.version
    start_writing(session)
    roll_back(session, newsroom)
    session.commit()
    assert model_version_of(newsroom) == SHIPPED.version
    assert model_version_of(elsewhere) == SHIPPED.version


def test_a_promoted_model_scores_the_sites_slang(
    session: Session, newsroom: Newsroom, trial: TrainingResult
) -> None:
    def insult() -> float:
        answer: dict[str, Any] = newsroom.send(body="What a glimpwad the mayor is")
        score: float = answer["scores"]["insult"]
        return score

    before = insult()
    start_writing(session)
    retraining.create_candidate(session, task_of(newsroom), trial, KEY, NOW)
    promote(session, newsroom, trial.version)
    session.commit()
    assert insult() > before + 0.2


def test_saving_ends_with_a_result_that_names_the_model(
    session: Session, newsroom: Newsroom, trial: TrainingResult
) -> None:
    start_writing(session)
    result = retraining.create_candidate(session, task_of(newsroom), trial, KEY, NOW)
    assert result == {"version": trial.version, "allowed": True}
    entries = registry.list_models(session, newsroom.site_id, SHIPPED)
    assert [(each.version, each.is_active) for each in entries] == [
        (trial.version, False),
        (SHIPPED.version, True),
    ]
    assert jobs.waiting(session, NOW) is None
