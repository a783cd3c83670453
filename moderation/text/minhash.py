"""MinHash signatures of texts, for finding near-duplicates."""

from __future__ import annotations

import hashlib
import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
from rensa import RMinHash

from classifiers.text import characters, normalization, spaced_words
from moderation.text.public_suffixes import public_suffixes

logger = logging.getLogger(__name__)

PERMUTATIONS = 128  # minima: the estimate's standard error is at most 4.5 points
BANDS, ROWS = 8, 3  # of 0.6 alike, 86% share a band; of 0.1 alike, 0.8%
ALIKE_FROM = 0.6  # Jaccard of word pairs: 2 words of 20 exchanged still are
#: So similar must a text be for a standing decision to apply: the text of a reader who
#: quotes an advertisement as a warning is also near it.
STANDING_FROM = 0.75

#: Under it one word is too much of the text: only equal texts are near-duplicates.
MIN_WORDS = 10
#: Under it, with a link, a text is compared by its single words: of an advertisement
#: of 13 words, three exchanged ones leave too few pairs.
MIN_WORDS_IF_LINKED = 20
LINKED_ROWS = 4  # of 0.73 alike, 93% share a band; of 0.1 alike, 0.08%
LINKED_FROM = 0.5  # Jaccard of words: 3 of 10 exchanged still are
LINKED_STANDING_FROM = 0.6  # who quotes so short a text writes as much again
#: Under it a text is anybody's: "thanks" is no campaign.
MIN_WORDS_IF_EQUAL = 4
#: Under it, next to a link, where that leads counts: "see for yourself at".
MIN_WORDS_BESIDE_LINK = 5
MIN_WORDS_OF_POINTER = 2  # under it, the path of the link counts, too
MAX_WORDS = 2000  # the rest of a longer text is not looked at
MAX_TOKEN_LENGTH = 2048  # characters; the rest of a longer one is not looked at
MAX_KEPT_LENGTH = 40  # characters of a token whose reading is remembered
TOKENS_KEPT = 50_000
SEED = 1
KEPT = np.dtype(
    "<u2"
)  # the low half of a minimum: two differ in it, but for 1 in 65536

_LINK = re.compile(r"(?:h(?:tt|xx)ps?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_BARE = re.compile(r"[a-z0-9-]{2,}(?:\.[a-z0-9-]{2,})+(?:/[^\s<>\"')\]]*)?")
_DOTS = re.compile(r"\[\.\]|\(\.\)|\(dot\)|\[dot\]", re.IGNORECASE)
_LINK_WORD = "link:"  # stands for any link among the words of a text
_NUMBER = "0"  # stands for any number
#: Scripts that write no spaces between words: each letter counts as a word there.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)


class SketchWord(NamedTuple):
    """A word of a text, as it is compared."""

    text: str  #: unmasked; of a link, `link:` and its registered domain
    address: str | None = None  #: of a link, its host and path
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class TextSketch:
    """The hashes of one text at one site."""

    exact: int
    minima: bytes | None = None  #: None: only an equal text is a near-duplicate
    bands: tuple[int, ...] = ()
    alike_from: float = ALIKE_FROM  #: similarity of near-duplicates, 0 to 1
    standing_from: float = STANDING_FROM  #: of what was decided in advance, 0 to 1


def sketch(site_id: int, text: str) -> TextSketch | None:
    """Return the signature of a text; None if it is too short.

    A fault in here is ours: the comment then belongs to no campaign.
    """
    try:
        return _sketch(site_id, text)
    except Exception:
        logger.exception("a text could not be sketched")
        return None


def estimate_similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard similarity of two texts' word pairs, 0 to 1."""
    same = np.frombuffer(one, KEPT) == np.frombuffer(other, KEPT)
    return float(np.count_nonzero(same)) / PERMUTATIONS


def list_words(text: str) -> list[str]:
    """Return a text's words unmasked, with links as their domain.

    >>> list_words("Ｖ1agra, CHEAP: see https://www.shop.example.com/?id=7 !!")
    ['viagra', 'cheap', 'see', 'link:example.com']
    """
    return [word.text for word in _read(text)]


def _sketch(site_id: int, text: str) -> TextSketch | None:
    read = list(_read(text))
    link_count = sum(word.address is not None for word in read)
    if link_count and len(read) - link_count < MIN_WORDS_BESIDE_LINK:
        return TextSketch(exact=_hash(site_id, _pointer(read)))
    if len(read) < MIN_WORDS_IF_EQUAL:
        return None
    if len(read) < MIN_WORDS and not link_count:
        return TextSketch(exact=_hash(site_id, [word.text for word in read]))
    words = [_generic(word) for word in read]
    if link_count and len(words) < MIN_WORDS_IF_LINKED:
        return _hashed(site_id, words, words, is_linked=True)
    return _hashed(site_id, words, _shingles(words), is_linked=False)


def _generic(word: SketchWord) -> str:
    """Return a word, without what the sender of a wave changes first.

    That is where a link leads, and amounts, dates, and codes.
    """
    if word.address is not None:
        return _LINK_WORD
    return _NUMBER if word.is_number else word.text


def _pointer(read: Sequence[SketchWord]) -> list[str]:
    """Return what counts of a text that does little more than link to something."""
    if sum(word.address is None for word in read) >= MIN_WORDS_OF_POINTER:
        return [word.text for word in read]
    return [word.address or word.text for word in read]


def _hashed(
    site_id: int, words: Sequence[str], features: Sequence[str], *, is_linked: bool
) -> TextSketch:
    """Return the signature of a text by its features: single words, or pairs."""
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(list(features))
    minima = np.array(minhash.digest(), np.dtype("<u4"))
    rows = LINKED_ROWS if is_linked else ROWS
    raw, size = minima.tobytes(), rows * minima.itemsize
    prefix = b"linked %d %d " if is_linked else b"%d %d "
    return TextSketch(
        exact=_hash(site_id, words),
        minima=minima.astype(KEPT).tobytes(),
        bands=tuple(
            _digest(prefix % (site_id, band) + raw[band * size : (band + 1) * size])
            for band in range(BANDS)
        ),
        alike_from=LINKED_FROM if is_linked else ALIKE_FROM,
        standing_from=LINKED_STANDING_FROM if is_linked else STANDING_FROM,
    )


def _read(text: str) -> Iterator[SketchWord]:
    """Yield up to `MAX_WORDS` words of a text."""
    words = itertools.chain.from_iterable(map(_read_token, _joined(text)))
    return itertools.islice(words, MAX_WORDS)


def _joined(text: str) -> Iterator[str]:
    """Yield the tokens of a text, with s p a c e d letters joined."""
    run: list[str] = []
    for token in normalization.tokens(text):
        if len(token) <= 2 and characters.is_single(token):
            run.append(token)
            continue
        if run:
            yield from _together(run)
            run = []
        yield token
    yield from _together(run)


def _together(run: Sequence[str]) -> Sequence[str]:
    return ["".join(run)] if len(run) >= spaced_words.MIN_RUN else run


def _read_token(token: str) -> Sequence[SketchWord]:
    if len(token) <= MAX_KEPT_LENGTH:
        return _remembered(token)
    return tuple(_read_any(token[:MAX_TOKEN_LENGTH]))


@lru_cache(TOKENS_KEPT)
def _remembered(token: str) -> Sequence[SketchWord]:
    return tuple(_read_any(token))


def _read_any(token: str) -> Iterator[SketchWord]:
    plain = token if token.isascii() else characters.unmask_letters(token)
    plain = _DOTS.sub(".", plain)
    link = _LINK.search(plain) or _BARE.fullmatch(plain.strip(".,;:!?()[]\"'"))
    domain = _domain(link[0]) if link else None
    if link is None or domain is None:
        yield from _plain_words(token)
        return
    before = plain[: link.start()] if link.re is _LINK else ""
    yield from _plain_words(before)
    yield SketchWord(f"link:{domain}", address=f"link:{_address(link[0])}")


def _plain_words(token: str) -> Iterator[SketchWord]:
    folded = normalization.fold(token)
    is_number = _is_number(token)
    # Which reading is meant, only a vocabulary could tell; always the same is enough.
    chosen = folded.readings[:1] or folded.words
    for word in chosen:
        if any(char.isalnum() for char in word):
            for part in filter(None, map(str.strip, _UNSPACED.split(word))):
                yield SketchWord(part, is_number=is_number)


def _is_number(token: str) -> bool:
    """Return whether at least half of a token's letters and digits are digits."""
    digit_count = sum(char.isdigit() for char in token)
    return digit_count > 0 and 2 * digit_count >= sum(map(str.isalnum, token))


def _domain(link: str) -> str | None:
    """Return the registered domain of a link, or None."""
    host = _parts(link)[0]
    suffixes = public_suffixes()(host)
    if suffixes.suffix:
        return suffixes.top_domain_under_public_suffix or host
    return host if _LINK.match(link) else None  # an IP address, a name inside


def _address(link: str) -> str:
    """Return the host and path of a link, without its query."""
    host, path = _parts(link)
    return f"{host}{path}".rstrip("/")


def _parts(link: str) -> tuple[str, str]:
    written = link if "://" in link else f"http://{link}"
    try:
        parts = urlsplit(written)
        return (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:  # a bracket where no IPv6 address is
        return written.partition("://")[2], ""


def _shingles(plain: Sequence[str]) -> list[str]:
    return [" ".join(pair) for pair in itertools.pairwise(plain)]


def _hash(site_id: int, parts: Sequence[str]) -> int:
    return _digest("\x00".join((str(site_id), *parts)).encode())


def _digest(data: bytes) -> int:
    """Return 63 bits, which fit an integer in both databases."""
    digest = hashlib.blake2b(data, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
