"""Undo the tricks of people who want to get through, one token at a time.

A token is a run of characters without white space in the original text, so its
offsets are known and what is learned about it can be cached under its spelling.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

#: Starts a pseudo-word ("a link stood here"); control characters never survive
#: folding, so no text can spell one.
MARK = "\x01"

#: Longest part of a token that is folded as one; longer runs are cut.
CHUNK = 256  # characters

#: So many letters standing alone in a row are taken for a spaced-out word.
SPACED_RUN = 3
#: Letters of one run that are put together; longer runs are taken in parts.
SPACED_LIMIT = 48
#: Runs of one text that are cut into words; the rest are only joined.
CUT_RUNS = 50
#: Longest word that a run of letters is cut into.
MAX_SEGMENT = 14

#: Letters of other scripts that are drawn like a Latin one. Source: Unicode
#: Technical Standard 39, confusables.txt (read 2026-11): our selection.
LOOKALIKES = str.maketrans(
    {
        # Cyrillic
        "а": "a", "в": "b", "е": "e", "ё": "e", "з": "3", "к": "k", "м": "m",
        "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x",
        "ь": "b", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "һ": "h", "ԁ": "d",
        "ԛ": "q", "ԝ": "w", "ѵ": "v", "ӏ": "l", "г": "r", "п": "n", "и": "u",
        "ѡ": "w", "ү": "y", "ғ": "f", "ң": "h", "қ": "k", "ө": "o", "ҫ": "c",
        # Greek
        "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "η": "n", "ι": "i",
        "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "ς": "c", "τ": "t",
        "υ": "u", "χ": "x", "ω": "w", "μ": "u", "ϲ": "c", "ϳ": "j", "θ": "o",
        # Armenian, Cherokee, Latin letters that do not decompose
        "ց": "g", "հ": "h", "ո": "n", "ս": "u", "օ": "o", "զ": "q", "ա": "w",
        "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h",
        "Ꭵ": "i", "Ꭻ": "j", "Ꮶ": "k", "Ꮮ": "l", "Ꮇ": "m", "Ꮲ": "p", "Ꭱ": "r",
        "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮃ": "w", "Ꮓ": "z",
        "ɑ": "a", "ɡ": "g", "ı": "i", "ɩ": "i", "ʟ": "l", "ɴ": "n", "ʀ": "r",
        "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g",
        "ʜ": "h", "ɪ": "i", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o", "ᴘ": "p",
        "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z",
        "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ƒ": "f", "ß": "ss",
        "æ": "ae", "œ": "oe", "ɐ": "a", "ǝ": "e", "ɔ": "c", "ʇ": "t", "ʌ": "v",
        "ʍ": "w", "ʎ": "y", "ɯ": "m", "ɥ": "h", "ʞ": "k", "ɹ": "r", "€": "e",
        "£": "l", "¢": "c", "¥": "y",
    }
)  # fmt: skip

#: Digits and signs written for letters, in the middle of a word.
LEET = str.maketrans("01345789@$!|+€£¢¥(", "oieastbgasiltelcyc")
LEET_OTHER = str.maketrans("01345789@$!|+€£¢¥(", "oleastbgaslitelcyc")

_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});?")
_LINK = re.compile(
    r"(?:https?|hxxps?|ftp)://|www\.|\[url|\bhref=|"
    r"[a-z0-9-]{2,}\.(?:com|net|org|info|biz|ru|cn|co|us|uk|io|me|xyz|top|club|"
    r"site|online|shop|tk|ml|ga|cf|ly|to|pl|de|eu|in|tv)(?:/|\b)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_WORD = re.compile(r"[^\W_]+(?:[*#@$!|+\d'’][^\W_]+)*", re.UNICODE)
_STRETCH = re.compile(r"([^\W\d_])\1{2,}")
_LEETED = re.compile(r"[01345789@$!|+€£¢¥(]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>?")
#: Markup that commenters use for emphasis and quotes: it says nothing.
_FORMAT = re.compile(r"</?(?:b|i|u|s|p|em|strong|br|q|blockquote|cite|code|del)\s*/?>")
_MASKED = re.compile(r"[^\W\d_][*#@%$&!^-]{1,}[^\W\d_]?", re.UNICODE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """What a token says once its disguise is taken off."""

    #: words in plain lower case, in order
    words: tuple[str, ...]
    #: pseudo-words: link, e-mail address, capitals, exclamation …
    marks: tuple[str, ...] = ()
    #: spellings that the words, joined, may stand for; the first known one wins
    readings: tuple[str, ...] = ()


def tokens(text: str) -> list[str]:
    """Cut a text at white space; token i is a slice of the original."""
    return text.split()


def has_link(text: str) -> bool:
    """Return whether a text has something like an address of the web."""
    return _LINK.search(text) is not None


def spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each of `tokens(text)`, in code points."""
    found = []
    position = 0
    for token in text.split():
        start = text.index(token, position)
        position = start + len(token)
        found.append((start, position))
    return found


def despaced(text: str, known: Words, harsh: Words) -> list[tuple[str, int, int]]:
    """Cut a text like `tokens`, but put s p a c e d words together again.

    Returns
    -------
    token, start and end of each; a run of single letters is cut into known words
    where that is possible
    """
    found: list[tuple[str, int, int]] = []
    bounds = spans(text)
    index = runs = 0
    while index < len(bounds):
        run = _run_length(text, bounds, index)
        if run < SPACED_RUN:
            found.append((text[slice(*bounds[index])], *bounds[index]))
            index += 1
            continue
        runs += 1
        part = bounds[index : index + run]
        if runs <= CUT_RUNS:
            found += _rejoined(text, part, known, harsh)
        else:
            letters = [text[start:end] for start, end in part]
            found.append(("".join(letters), part[0][0], part[-1][1]))
        index += run
    return found


#: Parts of an address that say nothing about who has it.
_ADDRESS_PARTS = {
    *("http", "https", "www", "com", "net", "org", "info", "html", "htm", "php"),
    *("asp", "aspx", "index", "blog", "wordpress"),
}
#: Words of an author's name and address that are looked at.
AUTHOR_WORDS = 16
#: Characters of a name or an address that are looked at.
AUTHOR_CHARACTERS = 300


def author_words(name: str | None, url: str | None) -> list[str]:
    """Return the words of an author's name and address, in lower case."""
    if not name and not url:
        return []
    said = f"{(name or '')[:AUTHOR_CHARACTERS]} {(url or '')[:AUTHOR_CHARACTERS]}"
    words = re.findall(r"[^\W\d_]{2,}", said.lower())
    return [word for word in words if word not in _ADDRESS_PARTS][:AUTHOR_WORDS]


def _run_length(text: str, bounds: list[tuple[int, int]], first: int) -> int:
    """Return how many single letters stand in a row, up to `SPACED_LIMIT`."""
    last = first
    while (
        last < len(bounds)
        and last - first < SPACED_LIMIT
        and is_single(text[slice(*bounds[last])])
    ):
        last += 1
    return last - first


def is_single(token: str) -> bool:
    """Return whether a token is one letter or digit, perhaps beside a sign."""
    if len(token) > 2:
        return False
    letters = [char for char in token if char.isalnum()]
    return len(letters) == 1 and letters[0] < "\u2e80"


def _rejoined(
    text: str, bounds: list[tuple[int, int]], known: Words, harsh: Words
) -> list[tuple[str, int, int]]:
    letters = [text[start:end] for start, end in bounds]
    plain = [unmask_letters(letter)[:1] or letter for letter in letters]
    found, first = [], 0
    for size in _segments("".join(plain), known, harsh):
        token = "".join(letters[first : first + size])
        found.append((token, bounds[first][0], bounds[first + size - 1][1]))
        first += size
    return found


def _segments(letters: str, known: Words, harsh: Words) -> list[int]:
    """Return the lengths of the words that letters are most likely cut into."""
    count = len(letters)
    starts = [
        (first, size)
        for first in range(count)
        for size in range(1, min(MAX_SEGMENT, count - first) + 1)
    ]
    words = [letters[first : first + size] for first, size in starts]
    costs = {
        start: _segment_cost(word, is_known, is_harsh)
        for start, word, is_known, is_harsh in zip(
            starts, words, known.has(words), harsh.has(words), strict=True
        )
    }
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, count + 1):
        options = [
            (
                best[end - size][0] + costs[end - size, size],
                [*best[end - size][1], size],
            )
            for size in range(1, min(MAX_SEGMENT, end) + 1)
        ]
        best.append(min(options))
    return best[count][1] if best[count][0] < count else [count]


def _segment_cost(word: str, is_known: bool, is_harsh: bool) -> float:
    """Return what a word costs: harsh and long known ones are cheap."""
    if not is_known:
        return 3.0 * len(word)
    if is_harsh and len(word) > 2:
        return 0.3
    if len(word) == 1:
        return 1.0 if word in "ai" else 2.5
    return 1.0 + 1.2 / len(word) ** 2


def fold(token: str) -> Folded:
    """Take the disguise off one token.

    Examples
    --------
    >>> fold("Ｉｄ\u200bìотs!").words
    ('idiots',)
    """
    if token.isascii():
        core = token.strip(_EDGES)
        if core.isalpha() or _APOSTROPHE.fullmatch(core):
            return _fold_letters(core.replace("'", ""))
    if len(token) > CHUNK:
        return _fold_long(token)
    return _fold_any(token)


#: Signs at the edge of a word that say nothing.
_EDGES = ".,;:\"'()"
_APOSTROPHE = re.compile(r"[A-Za-z]+'[A-Za-z]+")


def _fold_letters(token: str) -> Folded:
    """Fold the usual token, plain letters, without asking for every disguise."""
    word = token.lower()
    marks = (MARK + "caps",) if len(token) > 2 and token.isupper() else ()
    if _STRETCH.search(word):
        return _unstretched((word,), marks, ())
    return Folded(words=(word,), marks=marks)


def _fold_long(token: str) -> Folded:
    parts = [_fold_any(token[i : i + CHUNK]) for i in range(0, len(token), CHUNK)]
    words = tuple(word for part in parts for word in part.words)
    marks = tuple(sorted({mark for part in parts for mark in part.marks}))
    return Folded(words=words, marks=(*marks, MARK + "long"))


def _fold_any(token: str) -> Folded:
    if "&" in token:
        token = _ENTITY.sub(lambda found: html.unescape(found[0]), token)
    plain = unmask_letters(token)
    marks = list(_marks(token, plain))
    plain = _TAG.sub(" ", plain)
    words = tuple(_WORD.findall(plain)) or _leftover(plain)
    readings = tuple(_readings(plain, words))
    return _unstretched(_cleaned(words), tuple(marks), readings)


def _leftover(plain: str) -> tuple[str, ...]:
    kept = plain.strip()
    return (kept[:8],) if kept else ()


def _cleaned(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.replace("'", "").replace("’", "") for word in words)


def _unstretched(
    words: tuple[str, ...], marks: tuple[str, ...], readings: tuple[str, ...]
) -> Folded:
    """Write stretched letters twice, and offer the reading with one."""
    if not any(_STRETCH.search(word) for word in words):
        return Folded(words=words, marks=marks, readings=readings)
    joined = "".join(words)
    once = _STRETCH.sub(r"\1", joined)
    twice = tuple(_STRETCH.sub(r"\1\1", word) for word in words)
    return Folded(
        words=twice,
        marks=(*marks, MARK + "stretched"),
        readings=(*readings, once, "".join(twice)),
    )


def unmask_letters(token: str) -> str:
    """Return plain lower-case letters for full-width, mathematical and accented ones.

    Look-alikes from other scripts become Latin only in a token that also has Latin
    letters: real Cyrillic, Greek, Arabic or Chinese words stay what they are.
    """
    if token.isascii():
        return "".join(c for c in token if c >= " ").lower()
    token = unicodedata.normalize("NFKD", token)
    kept = []
    latin = False
    after_latin = True
    for char in token:
        if char < "\x7f":
            if char >= " ":
                kept.append(char)
                after_latin = True
                latin = latin or char.isalpha()
            continue
        category = unicodedata.category(char)
        if category in _INVISIBLE:
            continue
        if category in {"Mn", "Me"}:
            if not after_latin:
                kept.append(char)
            continue
        after_latin = False
        kept.append(char)
    plain = unicodedata.normalize("NFC", "".join(kept)).lower()
    return plain.translate(LOOKALIKES) if latin or _is_odd_latin(plain) else plain


def _is_odd_latin(plain: str) -> bool:
    return any("\u0100" <= char <= "\u02af" or "ᴀ" <= char <= "ᶿ" for char in plain)


def _marks(token: str, plain: str) -> Iterator[str]:
    """Yield pseudo-words for what a comment's form says about it."""
    if _LINK.search(plain):
        yield MARK + "link"
        if "://" in plain or "www." in plain:
            yield MARK + "url"
    if "href=" in plain or "[url" in plain or _TAG.search(_FORMAT.sub("", plain)):
        yield MARK + "tag"
    if "@" in plain and _EMAIL.search(plain):
        yield MARK + "email"
    elif plain.startswith("@") and len(plain) > 2:
        yield MARK + "mention"
    if plain.startswith("#") and len(plain) > 2:
        yield MARK + "hash"
    letters = [c for c in token if c.isalpha()]
    if len(letters) > 2 and token.upper() == token:
        yield MARK + "caps"
    if "!" in plain:
        yield MARK + ("!!" if "!!" in plain else "!")
    if "?" in plain:
        yield MARK + ("??" if "??" in plain else "?")
    if any(c.isdigit() for c in plain):
        yield MARK + ("money" if "$" in plain or "%" in plain else "number")
    if any(c > "\u2600" and unicodedata.category(c) == "So" for c in plain):
        yield MARK + "emoji"
    if _MASKED.search(plain):
        yield MARK + "masked"


def _readings(plain: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield what the token may have been before signs were put into it."""
    core = plain.strip(".,;:?\"'()[]{}<>-_~“”‘’…")
    if not core or len(core) > 40 or _LINK.search(core):
        return
    if not core.isascii() and (latin := core.translate(LOOKALIKES)).isascii():
        yield latin
    joined = re.sub(r"[\W_]+", "", core)
    if len(words) > 1 and joined.isalpha():
        yield joined
    if _LEETED.search(core.rstrip("!")) and any(c.isalpha() for c in core):
        for table in (LEET, LEET_OTHER):
            yield re.sub(r"[\W_]+", "", core.rstrip("!").translate(table))
    if "*" in core or "#" in core or "-" in core or "@" in core or "%" in core:
        yield from _unstarred(core)


def _unstarred(core: str) -> Iterator[str]:
    holes = re.findall(r"[*#@%&^$!-]", core)
    if len(holes) != 1 or core[0] in "*#@-" or len(core) > 16:
        return
    for vowel in "uiaeoy":
        word = re.sub(r"[*#@%&^$!-]", vowel, core)
        if word.isalpha():
            yield word


class Words(Protocol):
    """A set of words that can be asked about many at once."""

    def has(self, words: Sequence[str]) -> Sequence[bool]:
        """Return, for each word, whether it is in the set."""


def read_all(
    folded: Sequence[Folded], known: Words, harsh: Words
) -> list[tuple[str, ...]]:
    """Return the words and marks of each token, after choosing among its readings.

    The first harsh reading is taken, as nobody disguises a word that need not be;
    without one, the first known reading of words that are not known themselves.

    Parameters
    ----------
    known, harsh : words that training saw, and those of them that mostly do harm
    """
    asked = [word for token in folded if token.readings for word in _asked(token)]
    if not asked:
        return [token.words + token.marks for token in folded]
    is_known = dict(zip(asked, known.has(asked), strict=True))
    is_harsh = dict(zip(asked, harsh.has(asked), strict=True))
    return [_read(token, is_known, is_harsh) for token in folded]


def _asked(token: Folded) -> tuple[str, ...]:
    return token.words + token.readings


def _read(
    token: Folded, known: Mapping[str, bool], harsh: Mapping[str, bool]
) -> tuple[str, ...]:
    if not token.readings:
        return token.words + token.marks
    worth = [word for word in token.readings if len(word) > 2 and known[word]]
    longer = [word for word in token.words if len(word) > 2]
    is_plain = bool(longer) and all(known[word] for word in longer)
    chosen = next((word for word in worth if harsh[word]), "")
    if not chosen and not is_plain:
        chosen = "".join(worth[:1])
    return (chosen, *token.marks) if chosen else token.words + token.marks


def spelling(words: Sequence[str]) -> str:
    """Return the words of a token as one, its marks left out."""
    return "".join([word for word in words if word[:1] != MARK])[:CHUNK]
