"""Tricks do not get rude comments through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from classifiers.serving.scorer import Document, Scorer
from classifiers.text import normalization
from tests.classifiers.text import evasions

#: Share of caught comments that a trick may get through.
TOLERATED = 0.05


class Unfolded(Scorer):
    """The same weights without the normaliser: what they would be fooled by."""

    def _read(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        return [(token.lower(),) for token in tokens]

    def _joined(self, original: str) -> list[str]:
        return normalization.tokens(original)


@pytest.fixture(scope="module")
def unfolded(shipped: Scorer) -> Scorer:
    return Unfolded(
        version=shipped.version,
        labels=shipped.labels,
        weights=shipped.weights,
        manifest=shipped.manifest,
        languages=shipped.languages,
    )


def caught(scorer: Scorer, texts: list[str]) -> npt.NDArray[np.bool_]:
    cut = scorer.manifest["thresholds"]["toxicity"]["review_at"]
    scores = scorer.score_many([Document(text=said) for said in texts])
    return np.array([found["toxicity"] >= cut for found in scores])


def share_through(scorer: Scorer, trick: str) -> float:
    """Return the share of caught comments that a trick gets through, 0 to 1."""
    plain = caught(scorer, evasions.plain_sentences())
    tricked = caught(scorer, evasions.tricked_sentences(trick))
    return float(np.mean(~tricked[plain]))


def test_most_rude_sentences_are_caught(shipped: Scorer) -> None:
    assert caught(shipped, evasions.plain_sentences()).mean() > 0.75


@pytest.mark.parametrize("trick", sorted(evasions.TRICKS))
def test_trick_gets_few_through(
    shipped: Scorer, unfolded: Scorer, trick: str, record_property: object
) -> None:
    after = share_through(shipped, trick)
    before = share_through(unfolded, trick)
    print(f"{trick}: {before:.1%} through without the normaliser, {after:.1%} with it")
    assert after <= TOLERATED


def test_real_cyrillic_is_no_disguise() -> None:
    assert normalization.fold("оса").words == ("оса",)
