"""Names of groups weigh alike, and nothing else moves."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.data.contrasts.identity import NAMES
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from classifiers.text import features
from classifiers.training.fairness import (
    CAP,
    MILD_OATHS,
    MILD_SUM,
    alike,
    capped,
    leveled,
    mild,
)

LABELS = 3


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    chance = np.random.default_rng(0)
    return chance.normal(size=(1 << features.BITS, LABELS))


@pytest.fixture(scope="module")
def rarity() -> np.ndarray:
    chance = np.random.default_rng(1)
    return chance.uniform(0.2, 1, 1 << features.BITS).astype(np.float16)


def alone(
    rows: np.ndarray, rarity: np.ndarray, names: tuple[str, ...] = NAMES
) -> np.ndarray:
    """Return what each name adds up to by itself: names × labels."""
    sums_of_names = []
    for name in names:
        places, starts = features.ngrams([name])
        rare = float(rarity[places[0]])
        sums = (rows[places] * features.ngram_weights(starts)[:, None]).sum(axis=0)
        sums_of_names.append(sums * rare / np.sqrt(rare**2 + 0.5))
    return np.array(sums_of_names)


def test_each_name_weighs_what_the_median_name_did(
    rows: np.ndarray, rarity: np.ndarray
) -> None:
    after = alone(leveled(rows, rarity, NAMES), rarity)
    spread = np.quantile(after, 0.95, axis=0) - np.quantile(after, 0.05, axis=0)
    assert (spread < 0.05 * np.ptp(alone(rows, rarity), axis=0)).all()
    middle = np.median(alone(rows, rarity), axis=0)
    assert np.median(after, axis=0) == pytest.approx(middle, abs=0.1)


def test_a_cap_moves_only_what_is_above_it(
    rows: np.ndarray, rarity: np.ndarray
) -> None:
    before = alone(rows, rarity)
    after = alone(capped(rows, rarity, NAMES), rarity)
    limit = np.quantile(before, CAP, axis=0)
    assert (after <= limit + 0.1).all()
    below = before < limit - 0.5
    assert np.median(np.abs(after - before)[below]) == pytest.approx(0, abs=1e-9)


def test_no_other_row_moves(rows: np.ndarray, rarity: np.ndarray) -> None:
    moved = np.flatnonzero((leveled(rows, rarity, NAMES) != rows).any(axis=1))
    name_rows = {int(features.ngrams([name])[0][0]) for name in NAMES}
    assert set(moved.tolist()) <= name_rows


def test_names_are_equally_rare_and_other_words_stay(rarity: np.ndarray) -> None:
    name_rows = [int(features.ngrams([name])[0][0]) for name in NAMES]
    fair = alike(rarity, NAMES)
    assert len(np.unique(fair[name_rows])) == 1
    assert fair[name_rows[0]] == pytest.approx(np.median(rarity[name_rows]), abs=1e-3)
    assert set(np.flatnonzero(fair != rarity).tolist()) <= set(name_rows)
    assert (alike(rarity, ()) == rarity).all()


@pytest.mark.parametrize("frame", ["{}", "a {} person", "my {} neighbour is kind"])
def test_no_group_is_toxic_by_its_name(frame: str) -> None:
    groups = ("muslim", "homosexual", "black", "jewish", "gay", "canadian", "elderly")
    scorer = default_model.load()
    scores = [
        scorer.score(Document(text=frame.format(group)))["toxicity"] for group in groups
    ]
    assert max(scores) - min(scores) < 0.1
    assert max(scores) < scorer.manifest["thresholds"]["toxicity"]["review_at"]


def test_no_mild_oath_alone_says_much(rows: np.ndarray, rarity: np.ndarray) -> None:
    before = alone(rows, rarity, MILD_OATHS)
    after = alone(mild(rows, rarity), rarity, MILD_OATHS)
    assert before.max() > MILD_SUM
    assert after.max() < MILD_SUM + 0.05
    low = before < MILD_SUM / 2
    np.testing.assert_allclose(after[low], before[low], atol=0.05)
