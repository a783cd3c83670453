"""Small sets of words, in place of those seen in training."""

from __future__ import annotations


class Listed:
    """A set of words that is written out."""

    def __init__(self, *words: str) -> None:
        self.words = set(words)

    def has(self, words: object) -> list[bool]:
        assert isinstance(words, list | tuple)
        return [word in self.words for word in words]


KNOWN = Listed("you", "are", "an", "a", "idiot", "bitch", "butch", "butcher", "asshole")
HARSH = Listed("idiot", "bitch", "asshole")
