"""Explain a score by the words that raised it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.serving.network import EMPTY
from classifiers.serving.token_cache import TokenCache
from classifiers.serving.token_sums import TokenSums
from classifiers.serving.weights import SMOOTHING, Weights
from classifiers.text import negation, normalization
from classifiers.text.spaced_words import Piece
from classifiers.text.token_reader import TokenReader

#: Words with a smaller share are left out of an explanation.
MIN_SHARE = 0.02


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the original text that raised a label's score."""

    #: first code point
    start: int
    #: code point after the last
    end: int
    #: its part in all that raised the score, 0 to 1
    share: float


class Explainer:
    """Split a comment's log-odds up by its tokens."""

    def __init__(
        self,
        weights: Weights,
        reader: TokenReader,
        cache: TokenCache,
        token_sums: TokenSums,
    ) -> None:
        self._weights = weights
        self._reader = reader
        self._cache = cache
        self._token_sums = token_sums

    def spans(self, text: str, column: int) -> list[Span]:
        """Return the words that raised a label's score, in the order of the text."""
        pushes = self.pushes(text, column)
        total = sum(push for push in pushes if push > 0)
        bounds = [_trimmed(text, start, end) for _, start, end in self._pieces(text)]
        return [
            Span(start=start, end=end, share=push / total)
            for (start, end), push in zip(bounds, pushes, strict=True)
            if push > 0 and push / total >= MIN_SHARE
        ]

    def pushes(self, text: str, column: int) -> list[float]:
        """Return what each token adds to a label's log-odds; see `Scorer.pushes`."""
        tokens = [token for token, _, _ in self._pieces(text)]
        if not tokens:
            return []
        table, ids = self._cache.find([tokens])
        vectors = table.vectors[ids]
        pushes = vectors[:, column].copy()
        pairs = self._token_sums.pairs(table.hashes[ids])[:, column] / 2
        ends = np.array([len(ids)])
        denied = self._token_sums.denied(table.kinds[ids], ends - len(ids), ends)
        pushes[denied] *= self._weights.denied_share
        pairs[denied - 1] *= self._weights.denied_share
        pushes[:-1] += pairs
        pushes[1:] += pairs
        pushes /= np.sqrt(vectors[:, -1].sum() + SMOOTHING)
        total = pushes.sum()
        slope = self._weights.slope[column]
        pushes *= slope * (np.arcsinh(total) / total if total else 1)
        if self._weights.network is not None:
            rows = table.part_rows[ids]
            rows[denied] = EMPTY
            pushes += self._weights.network.pushes(table.parts, rows, column)
        return [float(push) for push in pushes]

    def _pieces(self, text: str) -> list[Piece]:
        """Return the tokens that are scored, with their bounds in the text."""
        tokens = normalization.tokens(text)
        if tokens:
            table, ids = self._cache.find([tokens])
            if len(negation.runs(table.kinds[ids])):
                return self._reader.despaced(text)
        bounds = normalization.spans(text)
        return [(token, *span) for token, span in zip(tokens, bounds, strict=True)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave the punctuation around a word out of its span."""
    first, last = start, end
    while first < last and not text[first].isalnum():
        first += 1
    while last > first and not text[last - 1].isalnum():
        last -= 1
    return (first, last) if first < last else (start, end)
