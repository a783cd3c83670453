"""Explain a score by the words that raised it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.serving import windows
from classifiers.serving.discounts import quoted_tokens
from classifiers.serving.network import EMPTY
from classifiers.serving.token_cache import TokenCache
from classifiers.serving.token_sums import TokenSums
from classifiers.serving.weights import Floats, Weights
from classifiers.text import negation, normalization
from classifiers.text.allowance import legible
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
        text = legible(text)
        pushes = self.pushes(text, column)
        total = sum(push for push in pushes if push > 0)
        bounds = [trimmed(text, start, end) for _, start, end in self._pieces(text)]
        return [
            Span(start=start, end=end, share=push / total)
            for (start, end), push in zip(bounds, pushes, strict=True)
            if push > 0 and push / total >= MIN_SHARE
        ]

    def pushes(self, text: str, column: int) -> list[float]:
        """Return what each token adds to a label's log-odds; see `Scorer.pushes`."""
        text = legible(text)
        pieces = self._pieces(text)
        if not pieces:
            return []
        table, ids = self._cache.find([[token for token, _, _ in pieces]])
        terms, pairs = table.vectors[ids], self._token_sums.pairs(table.hashes[ids])
        ends = np.array([len(ids)])
        quoted = quoted_tokens([(text, [span for _, *span in pieces], 0)])
        discounts = self._token_sums.discounts(
            table.kinds[ids], ends - len(ids), ends, quoted
        )
        self._token_sums.weaken(terms, pairs, discounts)
        pushes = self._sum_pushes(terms, pairs, column)
        if self._weights.network is not None:
            rows = table.part_rows[ids]
            rows[discounts[0]] = EMPTY
            pushes += self._weights.network.pushes(table.parts, rows, column)
        return [float(push) for push in pushes]

    def _sum_pushes(
        self, terms: Floats, pairs: npt.NDArray[np.float32], column: int
    ) -> Floats:
        """Split the sum that counts, of the whole or of a window, up by its tokens."""
        count, slope = len(terms), self._weights.slope[column]
        columns = [column, -1]
        own_margin = float(self._token_sums.margins[column])
        strongest = (-np.inf, 0, count, 0.0)
        for margin, (first, last) in (
            (0.0, (0, count)),
            *((own_margin, bound) for bound in windows.bounds(count)),
        ):
            sums = terms[first:last, columns].sum(axis=0)[None]
            sums[0, 0] += pairs[first:last, column].sum(dtype=np.float64)
            strength = float(np.arcsinh(windows.totals_of(sums)[0, 0])) - margin
            strongest = max(strongest, (strength, first, last, margin), key=_first)
        strength, first, last, margin = strongest
        own = terms[first:last, column].copy()
        # Half of a pair is each token's; all of one that leads out is the last's.
        halves = pairs[first:last, column] / 2
        own[: len(halves)] += halves
        own[1:] += halves[: len(own) - 1]
        own[-1] += halves[len(own) - 1 :].sum()
        total = own.sum()
        own *= (strength + margin) / total if total else 1
        own -= margin / len(own)  # shared evenly
        pushes = np.zeros(count)
        pushes[first:last] = own * slope
        return pushes

    def _pieces(self, text: str) -> list[Piece]:
        """Return the tokens that are scored, with their bounds in the text."""
        tokens = normalization.tokens(text)
        if tokens:
            table, ids = self._cache.find([tokens])
            if len(negation.runs(table.kinds[ids])):
                return self._reader.despaced(text)
        bounds = normalization.spans(text)
        return [(token, *span) for token, span in zip(tokens, bounds, strict=True)]


def _first(values: tuple[float, int, int, float]) -> float:
    return values[0]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave the punctuation around a word out of its span."""
    first, last = start, end
    while first < last and not text[first].isalnum():
        first += 1
    while last > first and not text[last - 1].isalnum():
        last -= 1
    return (first, last) if first < last else (start, end)
