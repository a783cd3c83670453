"""Thresholds are found that keep the load, or the misses, as they were."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.policy.thresholds import Threshold
from moderation.rehearsal import threshold_matching
from moderation.rehearsal.threshold_matching import Floats, Mask, ScoredRows

COUNT = 2_000
START = np.array([0.5, 0.8])


def made_rows(
    *, held: float = 0.0, missed: float = 0.0, harmful: float = 0.1, seed: int = 7
) -> ScoredRows:
    """Return rows of which shares are held or missed at any thresholds."""
    draw = np.random.default_rng(seed)
    is_harmful = draw.random(COUNT) < harmful
    scores = draw.beta(1 + 2 * is_harmful[:, None], 3, (COUNT, 2))
    kinds = draw.random(COUNT)
    is_held, is_missed = kinds < held, kinds > 1 - missed
    return ScoredRows(
        labels=("toxicity", "spam"),
        start=START,
        scores=np.round(scores, 6),
        is_held=is_held,
        is_missed=is_missed,
        is_open=~(is_held | is_missed),
        is_harmful=is_harmful,
    )


def held_by(rows: ScoredRows, cuts: Floats) -> Mask:
    is_over: Mask = np.any(rows.scores >= cuts, axis=1)
    return rows.is_held | (rows.is_open & is_over)


def first(count: int) -> Mask:
    mask: Mask = np.arange(COUNT) < count
    return mask


@pytest.mark.parametrize("load", [0, 1, 250, COUNT - 1, COUNT])
def test_the_thresholds_hold_as_many_as_were_held(load: int) -> None:
    rows = made_rows()
    found = threshold_matching.match_load(rows, first(load))
    cuts = np.array([found.review_at[label].value for label in rows.labels])
    assert found.is_met
    assert held_by(rows, cuts).sum() == pytest.approx(load, abs=1)
    assert found.effect.held.value == pytest.approx(load / COUNT, abs=1 / COUNT)


def test_the_thresholds_miss_as_many_as_were_missed() -> None:
    rows = made_rows(held=0.05)
    is_missed = first(COUNT // 4)
    found = threshold_matching.match_misses(rows, is_missed)
    cuts = np.array([found.review_at[label].value for label in rows.labels])
    missed = rows.is_harmful & ~held_by(rows, cuts)
    assert missed.sum() == (rows.is_harmful & is_missed).sum()
    assert found.effect.missed is not None
    error = found.effect.missed
    assert error.low < error.value < error.high
    assert error.high - error.low == pytest.approx(
        2 * 1.96 * np.sqrt(0.25 * 0.75 / rows.is_harmful.sum()), rel=0.35
    )


def test_labels_keep_their_balance() -> None:
    found = threshold_matching.match_load(made_rows(), first(250))
    odds = [cut.value / (1 - cut.value) for cut in found.review_at.values()]
    assert odds[1] / odds[0] == pytest.approx(4, rel=1e-3)  # of 0.8 and 0.5


def test_a_load_that_rules_alone_exceed_is_not_met() -> None:
    found = threshold_matching.match_load(made_rows(held=0.2), first(100))
    assert not found.is_met
    assert found.effect.held.value == pytest.approx(0.2, abs=0.03)


def test_misses_of_trusted_authors_cant_be_made_up_for() -> None:
    found = threshold_matching.match_misses(made_rows(missed=0.3), first(0))
    assert not found.is_met


def test_misses_are_not_told_of_few_rejections() -> None:
    rows = made_rows(harmful=0.005)
    assert threshold_matching.measure(rows, first(9), ~first(9)).missed is None


def test_a_label_that_never_holds_goes_on_so() -> None:
    rows = made_rows()
    still = ScoredRows(**{**vars(rows), "start": np.array([0.5, 1.0])})
    found = threshold_matching.match_load(still, first(250))
    assert found.review_at["spam"].value == 1
    assert found.effect.held.value == pytest.approx(250 / COUNT, abs=1 / COUNT)


def test_the_same_comments_have_the_same_intervals() -> None:
    one, other = (
        threshold_matching.match_load(made_rows(), first(99)) for _ in range(2)
    )
    assert one == other


def test_nothing_is_held_only_over_its_reject_threshold() -> None:
    found = threshold_matching.match_load(made_rows(), first(0))
    current = {
        "toxicity": Threshold(review_at=0.5, reject_at=0.9),
        "insult": Threshold(review_at=0.4),
    }
    proposed = threshold_matching.to_thresholds(found, current)
    assert proposed["toxicity"] == Threshold(review_at=0.9, reject_at=0.9)
    assert proposed["insult"] == current["insult"]
