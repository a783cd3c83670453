"""Choose what each disguised token stands for, among its readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from classifiers.text.marks import MARK
from classifiers.text.normalization import CHUNK, Folded

#: Shorter words have no meaning from the right.
MIN_REVERSED = 4  # letters


class WordSet(Protocol):
    """A set of words that checks many at a time."""

    def has(self, words: Sequence[str]) -> Sequence[bool]:
        """Return, for each word, whether it is in the set."""


def read_all(
    folded: Sequence[Folded], known: WordSet, harsh: WordSet
) -> list[tuple[str, ...]]:
    """Return the words and marks of each token, after choosing among its readings.

    The first harsh reading is taken, as no one disguises a word that need not be;
    without one, the first known reading of words that are not known themselves.

    Parameters
    ----------
    known, harsh : words seen in training, and those of them that mostly do harm
    """
    folded = _with_reversed(folded, known, harsh)
    words = [
        word
        for token in folded
        if token.readings
        for word in token.words + token.readings
    ]
    if not words:
        return [token.words + token.marks for token in folded]
    is_known = dict(zip(words, known.has(words), strict=True))
    is_harsh = dict(zip(words, harsh.has(words), strict=True))
    return [_read(token, is_known, is_harsh) for token in folded]


def _with_reversed(
    folded: Sequence[Folded], known: WordSet, harsh: WordSet
) -> Sequence[Folded]:
    """Let unknown words that are harsh from the right be read from there, too."""
    places = [
        place
        for place, token in enumerate(folded)
        if len(token.words) == 1
        and not token.readings
        and len(token.words[0]) >= MIN_REVERSED
        and token.words[0].isalpha()
    ]
    if not places:
        return folded
    words = [folded[place].words[0][::-1] for place in places]
    is_harsh = harsh.has(words)
    if not any(is_harsh):
        return folded
    is_known = known.has([word[::-1] for word in words])
    tokens = list(folded)
    for place, word, yes, no in zip(places, words, is_harsh, is_known, strict=True):
        if yes and not no:
            tokens[place] = replace(tokens[place], readings=(word,))
    return tokens


def _read(
    token: Folded, is_known: Mapping[str, bool], is_harsh: Mapping[str, bool]
) -> tuple[str, ...]:
    if not token.readings:
        return token.words + token.marks
    candidates = [word for word in token.readings if len(word) > 2 and is_known[word]]
    long_words = [word for word in token.words if len(word) > 2]
    is_plain = bool(long_words) and all(is_known[word] for word in long_words)
    chosen = next((word for word in candidates if is_harsh[word]), "")
    if not chosen and not is_plain:
        chosen = "".join(candidates[:1])
    return (chosen, *token.marks) if chosen else token.words + token.marks


def spelling(words: Sequence[str]) -> str:
    """Return the words of a token as one, its marks left out."""
    return "".join([word for word in words if word[:1] != MARK])[:CHUNK]
