"""Take the disguise off words, one token at a time.

A token is a run of characters without white space in the original text, so its
offsets are known and its features can be cached under its spelling.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.text import emoji, masks
from classifiers.text.characters import (
    BLANKS,
    FLAG_LETTERS,
    LEET,
    LEET_OTHER,
    LOOKALIKES,
    TURNED,
    UPSIDE_DOWN,
    unmask_letters,
    without_blanks,
)
from classifiers.text.marks import MARK, has_link, marks, without_tags

#: Longest part of a token that is folded as one; longer runs are cut.
CHUNK = 256  # characters

#: Longer tokens have no other readings.
MAX_DISGUISED = 40  # characters

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});?")
_WORD = re.compile(r"[^\W_]+(?:[*#@$!|+\d'’][^\W_]+)*", re.UNICODE)
_STRETCH = re.compile(r"([^\W\d_])\1{2,}")
_LEETED = re.compile(r"[01345789@$!|+€£¢¥(]")
_TOKEN = re.compile(r"\S+")  # as `str.split` cuts
_NO_LETTER = re.compile(r"[\W_]+")
_HOLE = re.compile(r"[*#@%&^$!-]")
_HAS_BLANK = re.compile(f"[{BLANKS}]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
#: A capital i between small letters: it is drawn like a small l.
_INNER_CAPITAL_I = re.compile(r"(?<=[^\W\d_A-Z])I(?=[^\W\d_A-Z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """The words of a token once its disguise is taken off."""

    #: words in plain lower case, in order
    words: tuple[str, ...]
    #: pseudo-words: link, email address, capitals, exclamation …
    marks: tuple[str, ...] = ()
    #: spellings that the words, joined, may stand for; the first known one wins
    readings: tuple[str, ...] = ()


def tokens(text: str) -> list[str]:
    """Cut a text at white space; token i is a slice of the original."""
    return text.split()


def spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each of `tokens(text)`, in code points."""
    return [match.span() for match in _TOKEN.finditer(text)]


#: Parts of an address that carry nothing about its owner.
_ADDRESS_PARTS = {
    *("http", "https", "www", "com", "net", "org", "info", "html", "htm", "php"),
    *("asp", "aspx", "index", "blog", "wordpress"),
}
#: Words of an author's name and address that are used.
MAX_AUTHOR_WORDS = 16
#: Characters of a name or an address that are read.
MAX_AUTHOR_LENGTH = 300


def author_words(name: str | None, url: str | None) -> list[str]:
    """Return the words of an author's name and address, in lower case."""
    if not name and not url:
        return []
    written = f"{(name or '')[:MAX_AUTHOR_LENGTH]} {(url or '')[:MAX_AUTHOR_LENGTH]}"
    words = re.findall(r"[^\W\d_]{2,}", written.lower())
    return [word for word in words if word not in _ADDRESS_PARTS][:MAX_AUTHOR_WORDS]


def fold(token: str) -> Folded:
    """Take the disguise off one token.

    Examples
    --------
    >>> fold("Ｉｄ\u200bìотs!").words
    ('idiots',)
    """
    if is_plain(token):
        return _fold_letters(token.strip(_EDGES).replace("'", ""))
    if len(token) > CHUNK:
        return _fold_long(token)
    return _fold_any(token)


def is_plain(token: str) -> bool:
    """Return whether a token is a word of plain letters, which hides nothing."""
    if not token.isascii():
        return False
    core = token.strip(_EDGES)
    return core.isalpha() or _APOSTROPHE.fullmatch(core) is not None


#: Signs at the edge of a word that carry nothing.
_EDGES = ".,;:\"'()"
_APOSTROPHE = re.compile(r"[A-Za-z]+'[A-Za-z]+")


def _fold_letters(token: str) -> Folded:
    """Fold the usual token, plain letters, without checking for every disguise."""
    word = token.lower()
    form = (MARK + "caps",) if len(token) > 2 and token.isupper() else ()
    if _STRETCH.search(word):
        return _unstretched((word,), form, ())
    return Folded(words=(word,), marks=form)


def _fold_long(token: str) -> Folded:
    parts = [_fold_any(token[i : i + CHUNK]) for i in range(0, len(token), CHUNK)]
    words = tuple(word for part in parts for word in part.words)
    form = tuple(sorted({mark for part in parts for mark in part.marks}))
    return Folded(words=words, marks=(*form, MARK + "long"))


def _fold_any(token: str) -> Folded:
    if "&" in token:
        token = _ENTITY.sub(lambda entity: html.unescape(entity[0]), token)
    if token.isascii():
        plain = unmask_letters(token)
        pictures: tuple[str, ...] = ()
    else:
        if _HAS_BLANK.search(token):
            token = without_blanks(token)
        pictures = emoji.words(token)
        plain = unmask_letters(token)
    form = tuple(marks(token, plain))
    plain = without_tags(plain)
    words = tuple(_WORD.findall(plain)) or (() if pictures else _leftover(plain))
    readings = (*_other_letters(token), *_readings(plain, words))
    return _unstretched((*_cleaned(words), *pictures), form, readings)


def _other_letters(token: str) -> Iterator[str]:
    """Yield what a token reads in flags, upside down, or with l for a capital i."""
    if len(token) > MAX_DISGUISED:
        return
    if _INNER_CAPITAL_I.search(token):
        yield unmask_letters(_INNER_CAPITAL_I.sub("l", token))
    if token.isascii():
        return
    if _FLAG.search(token):
        letters = unmask_letters(token.translate(FLAG_LETTERS))
        yield _NO_LETTER.sub("", letters)
    if not TURNED.isdisjoint(token):
        yield _NO_LETTER.sub("", token.lower()[::-1].translate(UPSIDE_DOWN))


def _leftover(plain: str) -> tuple[str, ...]:
    kept = plain.strip()
    return (kept[:8],) if kept else ()


def _cleaned(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.replace("'", "").replace("’", "") for word in words)


def _unstretched(
    words: tuple[str, ...], form: tuple[str, ...], readings: tuple[str, ...]
) -> Folded:
    """Write stretched letters twice, and offer the reading with one."""
    if not any(map(_STRETCH.search, words)):
        return Folded(words=words, marks=form, readings=readings)
    joined = "".join(words)
    once = _STRETCH.sub(r"\1", joined)
    twice = tuple(_STRETCH.sub(r"\1\1", word) for word in words)
    return Folded(
        words=twice,
        marks=(*form, MARK + "stretched"),
        readings=(*readings, once, "".join(twice)),
    )


def _readings(plain: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield what the token may have been before signs were put into it."""
    core = plain.strip(".,;:?\"'()[]{}<>-_~“”‘’…")
    if not core or len(core) > MAX_DISGUISED or has_link(core):
        return
    if not core.isascii() and (latin := core.translate(LOOKALIKES)).isascii():
        yield latin
    joined = _NO_LETTER.sub("", core)
    if len(words) > 1 and joined.isalpha():
        yield joined
    if _LEETED.search(core.rstrip("!")) and any(map(str.isalpha, core)):
        for table in (LEET, LEET_OTHER):
            yield _NO_LETTER.sub("", core.rstrip("!").translate(table))
    if "*" in core or "#" in core or "-" in core or "@" in core or "%" in core:
        yield from _unstarred(core)
    yield from masks.readings(core)


def _unstarred(core: str) -> Iterator[str]:
    if len(core) > 16 or core[0] in "*#@-" or len(holes := _HOLE.findall(core)) != 1:
        return
    before, _, after = core.partition(holes[0])
    if (before + after).isalpha():
        yield from (before + vowel + after for vowel in "uiaeoy")
