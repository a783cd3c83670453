"""Turn tokens into the vectors whose sums are scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifiers.serving.weights import Floats, Weights
from classifiers.text import features, readings

#: Vectors lie on this grid, so that their sums are exact in any order.
GRID = 2.0**-20


class Vectorizer:
    """Look up what each token adds to a comment's sums."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def vectors(
        self, words: Sequence[tuple[str, ...]]
    ) -> tuple[Floats, features.Hashes]:
        """Return the vectors of tokens, and their hashes for pairs.

        A vector has one column per label, then the token's squared length.

        Parameters
        ----------
        words : of each token, with its marks
        """
        flat = [word for token in words for word in token]
        vectors = np.zeros((len(words), len(self._weights.slope) + 1))
        if flat:
            numbers: dict[str, int] = {}
            places = [numbers.setdefault(word, len(numbers)) for word in flat]
            counts = np.fromiter(map(len, words), np.int64, len(words))
            full = np.flatnonzero(counts)
            starts = np.cumsum(counts[full]) - counts[full]
            terms = self._word_vectors(list(numbers))[places]
            vectors[full] = np.add.reduceat(terms, starts, axis=0)
        spellings = [readings.spelling(token) for token in words]
        return vectors, features.word_hashes(spellings)

    def _word_vectors(self, words: Sequence[str]) -> Floats:
        rows, starts = features.ngrams(words)
        values = self._weights.rows[rows].astype(np.float64)
        values *= features.ngram_weights(starts)[:, None]
        sums = np.add.reduceat(values, starts[:-1], axis=0)
        rarity = self._weights.rarity[rows[starts[:-1]]].astype(np.float64)[:, None]
        vectors = np.concatenate([sums * rarity, rarity * rarity], axis=1)
        return np.rint(vectors / GRID) * GRID
