"""Tricks do not get rude comments through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text import normalization
from classifiers.text.spaced_words import Piece
from classifiers.text.token_reader import TokenReader
from tests.classifiers.text import evasions

#: Share of caught comments that a trick may get through.
TOLERATED = 0.05


class PlainReader(TokenReader):
    """Reads without the normalizer, to show what the scorer would be fooled by."""

    def read(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        return [(token.lower(),) for token in tokens]

    def despaced(self, text: str) -> list[Piece]:
        bounds = normalization.spans(text)
        return [(text[start:end], start, end) for start, end in bounds]


@pytest.fixture(scope="module")
def unfolded(shipped: FastScorer) -> FastScorer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("classifiers.serving.fast_scorer.TokenReader", PlainReader)
        return FastScorer(
            version=shipped.version,
            labels=shipped.labels,
            weights=shipped.weights,
            manifest=shipped.manifest,
            languages=shipped.languages,
        )


def caught(scorer: FastScorer, texts: list[str]) -> npt.NDArray[np.bool_]:
    cut = scorer.manifest["thresholds"]["toxicity"]["review_at"]
    rows = scorer.score_many([Document(text=text) for text in texts])
    return np.array([scores["toxicity"] >= cut for scores in rows])


def share_through(scorer: FastScorer, trick: str) -> float:
    """Return the share of caught comments that a trick gets through, 0 to 1."""
    plain = caught(scorer, evasions.plain_sentences())
    tricked = caught(scorer, evasions.tricked_sentences(trick))
    return float(np.mean(~tricked[plain]))


def test_most_rude_sentences_are_caught(shipped: FastScorer) -> None:
    assert caught(shipped, evasions.plain_sentences()).mean() > 0.75


@pytest.mark.parametrize("trick", sorted(evasions.TRICKS))
def test_trick_gets_few_through(
    shipped: FastScorer, unfolded: FastScorer, trick: str, record_property: object
) -> None:
    after = share_through(shipped, trick)
    before = share_through(unfolded, trick)
    print(f"{trick}: {before:.1%} through without the normalizer, {after:.1%} with it")
    assert after <= TOLERATED


def test_real_cyrillic_is_no_disguise() -> None:
    assert normalization.fold("оса").words == ("оса",)
