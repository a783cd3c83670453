"""Words that a written token may mean, and the keys of listed entries.

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
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.text import characters, normalization

#: Tokens whose spellings are kept: most tokens of comments repeat.
REMEMBERED = 32_768
#: Longer tokens are no words that anybody writes twice.
MAX_CACHED_LENGTH = 64  # characters

# Letters of Cyrillic and Greek that are drawn like a Latin one in every font: a word
# wholly of them, amid Latin words, is a disguise.
_TWINS = frozenset("авекмнорстухіјѕԁһӏԛԝαεικνορτυχ")
_SENTENCE_MARKS = ".,;:!?…"
_QUOTES = "\"'“”‘’«»„"
_PUNCTUATION = f"{_SENTENCE_MARKS}{_QUOTES}"
_BRACKETS = "()[]{}"
EDGES = f"{_PUNCTUATION}{_BRACKETS}<>*_~`-–—"
#: A word of these letters before an apostrophe is an article or the like, as in French
#: and Italian: `l'idiot`, `qu'il`, `dell'arte`.
_ELIDED = re.compile(r"(?:[cdjlmnst]|[a-z]*qu|[a-z]*ll|un|quest)'(?=[^\W_]{3})")
#: What English hangs on a word: `idiot's`, `he'll`.
_CONTRACTED = re.compile(r"'(?:s|ll|re|ve|d|m)(?![^\W_])")
_NEGATED = re.compile(r"[^\W_]*n't(?![^\W_])")
_UNMARKED = re.compile(  # `dont`, which is written as often
    "(?:ai|are|ca|could|did|do|does|had|has|have|is|might|must|need|sha|should|was|were"
    "|wo|would)nt"
)
#: Letters that show nothing; in their place stands a character that is read as none.
_FILLERS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0"), "\u200b")
#: Letters in circles and squares, white on black, which NFKC leaves as they are.
_ENCLOSED = {
    first + place: chr(ord("a") + place)
    for first in (0x1F130, 0x1F150, 0x1F170)
    for place in range(26)
}
SHOWN = {**_FILLERS, **_ENCLOSED}
_SYMBOL = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_WORD = re.compile(rf"[^\W_]+(?:'[^\W_]+)*|{_SYMBOL}")
# Possessive: a run of letters that is followed by something else would be cut up in
# every way there is.
_CLEAN = re.compile(rf"(?:[^\W_]++(?:['-][^\W_]++)*+|{_SYMBOL})++")
_LATIN = re.compile("[a-z]")
_OTHER = re.compile("[\u0370-\u058f]")  # Greek, Cyrillic, Armenian
_MARK = r"(?:\.\.\.|[.,;:!?…])\Z"
_END = re.compile(rf"(?<=[^\W_]{{3}}){_MARK}|(?<=[^\W\x00-\x7f]){_MARK}")
_LEETED = re.compile(r"[01345789@$!|+€£¢¥(]")  # as in `classifiers.text`


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words that a token may stand for."""

    plain: tuple[str, ...]  #: its words as they are written, in lower case
    bare: tuple[tuple[str, ...], ...]  #: of each, what else it may be: see `_bare`
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
    lower = _lower(unicodedata.normalize("NFKC", token))
    core = lower.strip(EDGES)
    plain = plain_words(lower)
    readings = (core, *_folded(token, core))
    if core != lower or not token.isascii():
        readings = (*readings, *_as_written(token, lower, core))
    if _OTHER.search(core) and not _LATIN.search(core):
        readings = tuple(reading for reading in readings if not reading.isascii())
    only_word = plain[0] if len(plain) == 1 else ""
    twin = _twin(core)
    return Spelling(
        plain=plain,
        bare=tuple(_bare(word) for word in plain),
        disguised=tuple(
            reading
            for reading in dict.fromkeys(readings)
            if reading and reading != only_word
        ),
        twin=twin,
        is_foreign=not twin and bool(_OTHER.search(core)) and not _LATIN.search(core),
    )


def _lower(token: str) -> str:
    return token.casefold().replace("’", "'")


def _folded(token: str, core: str) -> Iterator[str]:
    """Yield what a token may stand for once its disguise is taken off.

    A sign between letters is dropped, but no apostrophe of an honest contraction: then
    `he'll` would be read as another word.
    """
    shown = core if token.isascii() and core.isalpha() else token
    if "'" in core:
        shown = _NEGATED.sub("", _CONTRACTED.sub("", _lower(token)))
    folded = normalization.fold(shown)
    yield from folded.words
    yield from folded.readings
    yield "".join(folded.words)


def _as_written(token: str, lower: str, core: str) -> Iterator[str]:
    """Yield a token with signs at its edges, as an entry may have them.

    >>> list(_as_written("(now>>),", "(now>>),", "now"))
    ['(now>>),', '(now>>)', '(now>>)', 'now>>']
    """
    written = _lower(token)
    yield written
    if written[-1] in _SENTENCE_MARKS:
        yield written[:-1]
    for edges in (_PUNCTUATION, _PUNCTUATION + _BRACKETS):
        kept = lower.strip(edges)
        if kept not in {core, ""}:
            yield kept


def plain_words(lower: str) -> tuple[str, ...]:
    """Return the words of a lower-case text with straight apostrophes.

    >>> plain_words("don't do-that 🖕")
    ("don't", 'do', 'that', '🖕')
    """
    return tuple(_WORD.findall(lower))


def _bare(word: str) -> tuple[str, ...]:
    """Return what a word is without what an apostrophe joins to it, or with one.

    >>> _bare("l'idiot's"), _bare("he'll"), _bare("don't"), _bare("dont")
    (('idiot',), ('he',), (), ("don't",))
    """
    if _UNMARKED.fullmatch(word):
        return (f"{word[:-1]}'t",)
    if "'" not in word or word.endswith("n't"):
        return ()
    kept = _ELIDED.sub("", _CONTRACTED.sub("", word), 1)
    return (kept,) if kept != word else ()


def _twin(core: str) -> str:
    letters = [char for char in core if char.isalpha()]
    if not letters or not all(char in _TWINS for char in letters):
        return ""
    return re.sub(r"[\W_]+", "", core.translate(characters.LOOKALIKES))


def get_keys(entry: str) -> tuple[str, str]:
    """Return an entry's lookup keys: plain, and for disguised words.

    The second one is empty where it says nothing more. A word of another script is
    never looked up as the Latin one that it is drawn like. A word that is more than
    letters is looked up as it is written, signs included: who lists `.in,` doesn't mean
    every *in*. Quotes around a word and one mark at its end are no part of it.

    >>> get_keys("Schöne  Worte!")
    ('schöne worte', 'schone worte')
    >>> get_keys("-isis-"), get_keys("best.;"), get_keys("the_best")
    (('-isis-', ''), ('best.;', ''), ('the_best', ''))
    """
    words = [_entry_words(token) for token in entry.translate(SHOWN).split()]
    plain = " ".join(word for _, found in words for word in found)
    if plain.isascii() or not all(is_clean for is_clean, _ in words):
        return plain, ""
    folded = " ".join(characters.unmask_letters(word) for word in plain.split(" "))
    masked = folded.translate(characters.LOOKALIKES)
    if masked.isascii() and not folded.isascii():
        return plain, ""  # all of it could be Latin: it would catch Latin words
    return plain, masked if masked != plain else ""


def _entry_words(token: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether a token is letters alone, and its words."""
    written = core = _lower(token)
    if len(core) > 2 and core[0] in _QUOTES and core[-1] in _QUOTES:
        core = core[1:-1]
    core = _END.sub("", core)
    word = _lower(unicodedata.normalize("NFKC", core))
    if not _CLEAN.fullmatch(word) or _is_masked(core):
        return False, (written,)
    return True, plain_words(word)


def _is_masked(core: str) -> bool:
    """Return whether letters amid Latin ones are drawn like others: `bｅ`, `uѕ`."""
    return bool(_LATIN.search(core)) and any(
        char > "\u017f"
        and (
            ord(char) in characters.LOOKALIKES
            or unicodedata.normalize("NFKC", char).isascii()
        )
        for char in core
    )


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
