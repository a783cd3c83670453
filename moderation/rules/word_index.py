"""Finds listed words and phrases, also in disguised spellings.

A place of a text has each reading that its token may have (`words.spell`), so the time
that a search takes depends on the comment, not on how many words are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.text import spaced_words
from moderation.rules.words import EDGES, SHOWN, Spelling, get_keys, spell

#: Words of a listed phrase.
MAX_WORDS = 10
#: Spellings of neighbouring words are combined up to so many times in one phrase.
MAX_PATHS = 64

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WordReading:
    """One reading of the text from a position on."""

    word: str
    width: int  #: plain words that it takes
    is_disguised: bool


@dataclass(frozen=True, slots=True)
class WordPosition:
    """A word's position in a text, with its readings."""

    start: int
    end: int
    readings: tuple[WordReading, ...]


class WordIndex:
    """Words and phrases of many lists, with their condition numbers."""

    def __init__(self) -> None:
        self._plain: dict[str, tuple[int, ...]] = {}
        self._masked: dict[str, tuple[int, ...]] = {}
        self._longer: dict[str, int] = {}  # first word of phrases: words of the longest
        self._parts: set[str] = set()  # words of phrases
        self._shared: dict[tuple[int, ...], tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._plain)

    def add(self, entry: str, number: int) -> None:
        """Add an entry under a condition's number."""
        plain, masked = get_keys(entry)
        self._put(self._plain, plain, number)
        if masked:
            self._put(self._masked, masked, number)

    def _put(self, index: dict[str, tuple[int, ...]], key: str, number: int) -> None:
        before = index.get(key, ())
        if number not in before:
            numbers = (*before, number)
            index[key] = self._shared.setdefault(numbers, numbers)
        if " " in key:
            words = key.split(" ")
            self._longer[words[0]] = max(self._longer.get(words[0], 0), len(words))
            self._parts.update(words)

    def has(self, words: Sequence[str]) -> list[bool]:
        """Return which words may end a run of spaced letters."""
        return [len(word) <= 3 or self.lists(word) for word in words]

    def lists(self, word: str) -> bool:
        """Return whether a word is an entry, or a word of one."""
        return word in self._plain or word in self._parts

    def find(self, body: str) -> dict[int, list[Span]]:
        """Return the spans of entries by condition number, in code points."""
        spans: dict[int, list[Span]] = {}
        if not self._plain:
            return spans
        if not body.isascii():
            body = body.translate(SHOWN)  # letter by letter: places stay
        places = read_words(body, self)
        for index, place in enumerate(places):
            for reading in place.readings:
                if reading.word in self._plain or reading.is_disguised:
                    end = places[min(index + reading.width, len(places)) - 1].end
                    for number in self._numbers(reading.word, reading.is_disguised):
                        spans.setdefault(number, []).append((place.start, end))
                if reading.word in self._longer:
                    for number, end in self._phrases(places, index, reading):
                        spans.setdefault(number, []).append((place.start, end))
        return spans

    def _numbers(self, key: str, is_disguised: bool) -> tuple[int, ...]:
        numbers = self._plain.get(key, ())
        return numbers + self._masked.get(key, ()) if is_disguised else numbers

    def _phrases(
        self, places: Sequence[WordPosition], index: int, first: WordReading
    ) -> Iterator[tuple[int, int]]:
        """Yield the condition number and end of each phrase at a position."""
        most = self._longer[first.word]
        paths = [(first.word, index + first.width, first.is_disguised)]
        for _ in range(most - 1):
            paths = [
                (
                    f"{key} {reading.word}",
                    at + reading.width,
                    disguised or reading.is_disguised,
                )
                for key, at, disguised in paths
                if at < len(places)
                for reading in places[at].readings
            ][:MAX_PATHS]
            for key, at, disguised in paths:
                for number in self._numbers(key, disguised):
                    yield number, places[min(at, len(places)) - 1].end


class _Listed:
    """Recognizes listed words in runs of spaced letters."""

    def __init__(self, index: WordIndex) -> None:
        self._index = index

    def has(self, words: Sequence[str]) -> list[bool]:
        return [self._index.lists(word) for word in words]


def read_words(body: str, index: WordIndex) -> list[WordPosition]:
    """Return the words of a text with all their readings."""
    tokens = [
        (spell(token), *_trimmed(token, start, end))
        for token, start, end in spaced_words.despaced(body, index, _Listed(index))
    ]
    is_foreign = any(spelling.is_foreign for spelling, _, _ in tokens)
    places: list[WordPosition] = []
    for spelling, start, end in tokens:
        places += _places(spelling, start, end, is_foreign)
    return places


def _trimmed(token: str, start: int, end: int) -> Span:
    """Return a token's span without surrounding punctuation."""
    if (token[-1].isalnum() and token[0].isalnum()) or end - start != len(token):
        return start, end
    leading = len(token) - len(token.lstrip(EDGES))
    trailing = len(token) - len(token.rstrip(EDGES))
    return (
        (start + leading, end - trailing)
        if leading + trailing < len(token)
        else (start, end)
    )


def _places(
    spelling: Spelling, start: int, end: int, is_foreign: bool
) -> Iterator[WordPosition]:
    plain, bare = spelling.plain, spelling.bare
    width = max(1, len(plain))
    twin = (spelling.twin,) if spelling.twin and not is_foreign else ()
    whole = tuple(
        WordReading(word, width, True) for word in (*spelling.disguised, *twin)
    )
    by_word = [
        tuple(WordReading(reading, 1, False) for reading in (word, *others))
        for word, others in zip(plain, bare, strict=True)
    ]
    first, *rest = by_word or [()]
    yield WordPosition(start, end, (*first, *whole))
    for readings in rest:
        yield WordPosition(start, end, readings)
