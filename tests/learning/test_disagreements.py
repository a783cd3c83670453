"""Where two models would decide otherwise, and which was right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from classifiers.evaluation.model_scores import ModelScores
from moderation import identifiers
from moderation.learning import disagreements
from moderation.policy.thresholds import Policy, Threshold
from moderation.policy.verdicts import Verdict

POLICY = Policy(thresholds={"insult": Threshold(review_at=0.5, reject_at=0.9)})


def judged(texts: Sequence[str], place: int) -> disagreements.PolicyVerdicts:
    """Return a model that gives each text the number at a place in it."""
    scores = [[float(text.split()[place])] for text in texts]
    found = np.array(scores).reshape(len(texts), 1)
    return disagreements.PolicyVerdicts.of(
        POLICY, ModelScores("x-1", ("insult",), found)
    )


def find(*texts: str, is_harmful: bool = True) -> list[disagreements.Disagreement]:
    pair = judged(texts, 0), judged(texts, 1)
    ids = list(range(1, len(texts) + 1))
    return disagreements.list_disagreements(
        POLICY, *pair, ids, [is_harmful] * len(texts)
    )


@pytest.mark.parametrize(
    ("text", "before", "after", "is_stricter"),
    [
        ("0.1 0.6", Verdict.APPROVE, Verdict.REVIEW, True),
        ("0.6 0.9", Verdict.REVIEW, Verdict.REJECT, True),
        ("0.95 0.49", Verdict.REJECT, Verdict.APPROVE, False),
    ],
)
def test_another_verdict_is_told_with_both_scores(
    text: str, before: Verdict, after: Verdict, is_stricter: bool
) -> None:
    (found,) = find(text)
    assert (found.active, found.candidate) == (before, after)
    assert (found.active_score, found.candidate_score) == tuple(
        float(each) for each in text.split()
    )
    assert found.is_stricter is is_stricter
    assert found.label == "insult"


def test_another_score_with_the_same_verdict_is_no_difference() -> None:
    assert find("0.5 0.89", "0.1 0.4") == []


@pytest.mark.parametrize(("is_harmful", "right"), [(True, (1, 0)), (False, (0, 1))])
def test_the_stricter_is_right_with_what_is_harmful(
    is_harmful: bool, right: tuple[int, int]
) -> None:
    told = disagreements.to_json(find("0.1 0.6", "0.6 0.1", is_harmful=is_harmful))
    assert (told["stricter"], told["milder"]) == (1, 1)
    assert (told["stricter_right"], told["milder_right"]) == right


def test_a_report_names_the_widest_by_their_ids() -> None:
    many = [f"0.4 {0.5 + number / 1000}" for number in range(60)]
    told = disagreements.to_json(find(*many))
    assert told["stricter"] == 60
    listed = told["comments"]
    assert len(listed) == disagreements.MAX_LISTED
    assert listed[0] == {
        "comment": identifiers.encode(60),
        "active": "approve",
        "candidate": "review",
        "label": "insult",
        "active_score": 0.4,
        "candidate_score": 0.559,
        "is_harmful": True,
    }
