"""Read tokens as the words that they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.text import normalization, readings, spaced_words
from classifiers.text.readings import WordSet
from classifiers.text.spaced_words import Piece


class TokenReader:
    """Take the disguise off tokens with the words seen in training.

    Parameters
    ----------
    known, harsh : words seen in training, and those of them that mostly do harm
    """

    def __init__(self, known: WordSet, harsh: WordSet) -> None:
        self._known = known
        self._harsh = harsh

    def read(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the words and marks of each token."""
        folded = [normalization.fold(token) for token in tokens]
        return readings.read_all(folded, self._known, self._harsh)

    def despaced(self, text: str) -> list[Piece]:
        """Return the tokens of a text with spaced-out words put together."""
        return spaced_words.despaced(text, self._known, self._harsh)
