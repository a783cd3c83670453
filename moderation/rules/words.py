"""Finds listed words and phrases, also in disguised spellings.

A word that is written plainly is looked up as it is. One that is disguised (look-alike
letters, digits for letters, signs in between, letters apart, zero-width characters) is
looked up under each spelling that it may stand for. The time that takes depends on the
comment, not on how many words are listed.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.text import characters, normalization, spaced_words

#: Words of a listed phrase.
MAX_WORDS = 10
#: Tokens whose spellings are kept; what people write repeats itself.
REMEMBERED = 32_768
#: Longer tokens are no words that anybody writes twice.
MAX_CACHED_LENGTH = 64  # characters
#: Spellings of neighbouring words are combined up to so many times in one phrase.
MAX_PATHS = 64

# Letters of Cyrillic and Greek that are drawn like a Latin one in every font: a word
# wholly of them, amid Latin words, is a disguise.
_TWINS = frozenset("авекмнорстухіјѕԁһӏԛԝαεικνορτυχ")
#: Ends sentences and quotes: no part of an entry.
_PUNCTUATION = ".,;:!?\"'…“”‘’«»„"
_BRACKETS = "()[]{}"
_EDGES = f"{_PUNCTUATION}{_BRACKETS}<>*_~`-–—"
#: Letters that show nothing; in their place stands a character that is read as none.
_FILLERS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0"), "\u200b")
#: Letters in circles and squares, white on black, which NFKC leaves as they are.
_ENCLOSED = {
    first + place: chr(ord("a") + place)
    for first in (0x1F130, 0x1F150, 0x1F170)
    for place in range(26)
}
_SHOWN = {**_FILLERS, **_ENCLOSED}
_SYMBOL = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_WORD = re.compile(rf"[^\W_]+(?:['’][^\W_]+)*|{_SYMBOL}")
# Possessive: a run of letters that is followed by something else would be cut up in
# every way there is.
_CLEAN = re.compile(rf"(?:[^\W_]++(?:['’_-][^\W_]++)*+|{_SYMBOL})++")
_LATIN = re.compile("[a-z]")
_OTHER = re.compile("[\u0370-\u058f]")  # Greek, Cyrillic, Armenian
_LEETED = re.compile(r"[01345789@$!|+€£¢¥(]")  # as in `classifiers.text`
_APOSTROPHES = str.maketrans("", "", "'’")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words that a token may stand for."""

    plain: tuple[str, ...]  #: its words as they are written, in lower case
    disguised: tuple[str, ...]  #: what the whole token may stand for
    twin: str = ""  #: the Latin word that a word of another script is drawn like
    is_foreign: bool = False  #: it has letters that no Latin one is drawn like


@functools.lru_cache(REMEMBERED)
def _remembered(token: str) -> Spelling:
    return _spell(token)


def spell(token: str) -> Spelling:
    """Return the words that a token may stand for."""
    if len(token) <= MAX_CACHED_LENGTH:
        return _remembered(token)
    return _spell(token)


def _spell(token: str) -> Spelling:
    lower = unicodedata.normalize("NFKC", token).casefold()
    core = lower.strip(_EDGES)
    folded = normalization.fold(core if token.isascii() and core.isalpha() else token)
    plain = plain_words(lower)
    readings = (core, *folded.words, *folded.readings, "".join(folded.words))
    if core != lower:
        readings = (*readings, *_with_signs(lower, core))
    if _OTHER.search(core) and not _LATIN.search(core):
        readings = tuple(reading for reading in readings if not reading.isascii())
    only_word = plain[0] if len(plain) == 1 else ""
    twin = _twin(core)
    return Spelling(
        plain=plain,
        disguised=tuple(
            reading
            for reading in dict.fromkeys(readings)
            if reading and reading != only_word
        ),
        twin=twin,
        is_foreign=not twin and bool(_OTHER.search(core)) and not _LATIN.search(core),
    )


def _with_signs(lower: str, core: str) -> Iterator[str]:
    """Yield a token with the signs at its edges, as an entry may have them.

    >>> list(_with_signs("(now>>),", "now"))
    ['(now>>)', 'now>>']
    """
    for edges in (_PUNCTUATION, _PUNCTUATION + _BRACKETS):
        kept = lower.strip(edges)
        if kept not in {core, ""}:
            yield kept


def plain_words(lower: str) -> tuple[str, ...]:
    """Return the words of a lower-case text, without apostrophes.

    >>> plain_words("don't do-that 🖕")
    ('dont', 'do', 'that', '🖕')
    """
    return tuple(word.translate(_APOSTROPHES) for word in _WORD.findall(lower))


def _twin(core: str) -> str:
    letters = [char for char in core if char.isalpha()]
    if not letters or not all(char in _TWINS for char in letters):
        return ""
    return re.sub(r"[\W_]+", "", core.translate(characters.LOOKALIKES))


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


def get_keys(entry: str) -> tuple[str, str]:
    """Return an entry's lookup keys: plain, and for disguised words.

    The second one is empty where it says nothing more. A word of another script is
    never looked up as the Latin one that it is drawn like. Signs at the edges of a word
    belong to it, but for those that end sentences and quotes.

    >>> get_keys("Schöne  Worte!")
    ('schöne worte', 'schone worte')
    >>> get_keys("-isis-")
    ('-isis-', '')
    """
    words: list[str] = []
    for token in unicodedata.normalize("NFKC", entry).casefold().split():
        core = token.strip(_PUNCTUATION) or token
        words += plain_words(core) if _CLEAN.fullmatch(core) else (core,)
    plain = " ".join(words)
    if plain.isascii():
        return plain, ""
    folded = " ".join(characters.unmask_letters(word) for word in words)
    masked = folded.translate(characters.LOOKALIKES)
    if masked.isascii() and not folded.isascii():
        return plain, ""  # all of it could be Latin: it would catch Latin words
    return plain, masked if masked != plain else ""


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
            body = body.translate(_SHOWN)  # letter by letter: places stay
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
    leading = len(token) - len(token.lstrip(_EDGES))
    trailing = len(token) - len(token.rstrip(_EDGES))
    return (
        (start + leading, end - trailing)
        if leading + trailing < len(token)
        else (start, end)
    )


def _places(
    spelling: Spelling, start: int, end: int, is_foreign: bool
) -> Iterator[WordPosition]:
    plain = spelling.plain
    width = max(1, len(plain))
    twin = (spelling.twin,) if spelling.twin and not is_foreign else ()
    whole = tuple(
        WordReading(word, width, True) for word in (*spelling.disguised, *twin)
    )
    first = (WordReading(plain[0], 1, False), *whole) if plain else whole
    yield WordPosition(start, end, first)
    for word in plain[1:]:
        yield WordPosition(start, end, (WordReading(word, 1, False),))


def unmask(body: str) -> str | None:
    """Return a text with disguised words unmasked; None if there are none.

    White space becomes one space each.
    """
    tokens, is_disguised = [], False
    for token in (html.unescape(body) if "&" in body else body).split():
        plain = (
            characters.unmask_letters(token) if not token.isascii() else token.lower()
        )
        reading = plain
        if _LEETED.search(plain):
            reading = next(iter(normalization.fold(token).readings), plain)
        is_disguised = is_disguised or reading != token.lower()
        tokens.append(reading)
    return " ".join(tokens) if is_disguised or "&" in body else None
