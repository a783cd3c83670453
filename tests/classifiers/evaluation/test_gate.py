"""The gate lets a candidate through only where nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.gate import (
    TOLERATED_FORGETTING,
    TOLERATED_LOSS,
    Against,
    Objection,
    gate,
)
from classifiers.evaluation.model_report import LabelReport, ModelReport


def measured(
    auc: float | None, *, positives: int = 50, label: str = "spam"
) -> ModelReport:
    figure = None if auc is None else Estimate(value=auc, low=auc, high=auc)
    report = LabelReport(
        n=2 * positives,
        positives=positives,
        auc=figure,
        ap=figure,
        recall_at_1pct_fpr=figure,
        ece=0.0,
        dummy_ap=0.5,
        brier=0.1,
    )
    return ModelReport(version="v", n=2 * positives, labels={label: report})


def test_better_candidate_is_allowed() -> None:
    assert gate(measured(0.8), measured(0.9)).allowed


@pytest.mark.parametrize(
    ("loss", "allowed"), [(TOLERATED_LOSS - 1e-9, True), (TOLERATED_LOSS + 1e-9, False)]
)
def test_loss_is_tolerated_up_to_noise(loss: float, allowed: bool) -> None:
    assert gate(measured(0.8), measured(0.8 - loss)).allowed is allowed


def test_forgetting_is_told() -> None:
    answer = gate(
        measured(0.8),
        measured(0.9),
        active_regression=measured(0.9),
        candidate_regression=measured(0.9 - TOLERATED_FORGETTING - 0.01),
    )
    assert not answer.allowed
    assert "frozen regression set" in answer.reasons[0]


@pytest.mark.parametrize(
    ("auc", "high", "allowed"),
    [
        (0.24, 0.49, False),
        (0.0, 0.0, False),
        (0.24, 0.51, True),  # may be chance
        (0.25, 0.3, True),
    ],
)
def test_decisions_against_the_active_model_are_told(
    auc: float, high: float, allowed: bool
) -> None:
    before = measured(auc)
    figure = Estimate(value=auc, low=auc, high=high)
    label = replace(before.labels["spam"], auc=figure)
    answer = gate(replace(before, labels={"spam": label}), measured(0.9))
    assert answer.allowed is allowed
    assert any("the opposite" in reason for reason in answer.reasons) is not allowed


def test_missing_label_is_told() -> None:
    answer = gate(measured(0.8), measured(0.9, label="insult"))
    assert "The candidate does not score spam." in answer.reasons


def test_candidate_without_figure_is_refused() -> None:
    assert not gate(measured(0.8), measured(None)).allowed


def test_thin_evidence_is_no_evidence() -> None:
    answer = gate(measured(0.8, positives=5), measured(0.9, positives=5))
    assert answer.reasons == ("No label has held-out decisions enough to judge by.",)


def test_each_objection_is_a_sentence() -> None:
    for code in Against:
        sentence = Objection(
            code=code, label="spam", before=0.9, kind="section", name="Sport", n=400
        ).sentence()
        assert sentence.endswith((".", "?"))
        assert "None" not in sentence
