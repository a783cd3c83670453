"""MinHash signatures of texts, for finding near-duplicates."""

from __future__ import annotations

import hashlib
import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import numpy as np
from rensa import RMinHash

from classifiers.text import characters, normalization, spaced_words
from moderation.text.public_suffixes import public_suffixes

logger = logging.getLogger(__name__)

PERMUTATIONS = 128  # minima: the estimate's standard error is at most 4.5 points
BANDS, ROWS = 8, 3  # of 0.6 alike, 86 % share a band; of 0.1 alike, 0.8 %
ALIKE_FROM = 0.6  # Jaccard of word pairs: 2 words of 20 exchanged still are

#: Under it one word is too much of the text: only equal texts are near-duplicates.
MIN_WORDS = 10
#: Under it, without a link, a text is anybody's: "thanks" is no campaign.
MIN_WORDS_IF_EQUAL = 4
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
#: Scripts that write no spaces between words: each letter counts as a word there.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)


@dataclass(frozen=True, kw_only=True)
class TextSketch:
    """The hashes of one text at one site."""

    exact: int
    minima: bytes | None = None  #: None: only an equal text is a near-duplicate
    bands: tuple[int, ...] = ()


def sketch(site_id: int, text: str) -> TextSketch | None:
    """Return the signature of a text; None if it is too short.

    Whatever breaks in here is ours: the comment then belongs to no campaign.
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
    return [word for word, _ in _read(text)]


def _sketch(site_id: int, text: str) -> TextSketch | None:
    read = list(_read(text))
    plain = [word for word, _ in read]
    has_link = any(full for _, full in read)
    if not plain or (len(plain) < MIN_WORDS_IF_EQUAL and not has_link):
        return None
    if len(plain) < MIN_WORDS:
        # Of so little text, where a link leads is much: the whole address counts.
        return TextSketch(exact=_hash(site_id, [full or word for word, full in read]))
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(_shingles(plain))
    minima = np.array(minhash.digest(), np.dtype("<u4"))
    raw, size = minima.tobytes(), ROWS * minima.itemsize
    return TextSketch(
        exact=_hash(site_id, plain),
        minima=minima.astype(KEPT).tobytes(),
        bands=tuple(
            _digest(b"%d %d " % (site_id, band) + raw[band * size : (band + 1) * size])
            for band in range(BANDS)
        ),
    )


def _read(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each word, and the full address for a link."""
    count = 0
    for token in _joined(text):
        for word, full in _read_token(token):
            yield word, full
            count += 1
            if count == MAX_WORDS:
                return


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


def _read_token(token: str) -> Sequence[tuple[str, str | None]]:
    if len(token) <= MAX_KEPT_LENGTH:
        return _remembered(token)
    return tuple(_read_any(token[:MAX_TOKEN_LENGTH]))


@lru_cache(TOKENS_KEPT)
def _remembered(token: str) -> Sequence[tuple[str, str | None]]:
    return tuple(_read_any(token))


def _read_any(token: str) -> Iterator[tuple[str, str | None]]:
    plain = token if token.isascii() else characters.unmask_letters(token)
    plain = _DOTS.sub(".", plain)
    link = _LINK.search(plain) or _BARE.fullmatch(plain.strip(".,;:!?()[]\"'"))
    domain = _domain(link[0]) if link else None
    if link is None or domain is None:
        yield from ((word, None) for word in _plain_words(token))
        return
    before = plain[: link.start()] if link.re is _LINK else ""
    yield from ((word, None) for word in _plain_words(before))
    yield f"link:{domain}", f"link:{_address(link[0])}"


def _plain_words(token: str) -> Iterator[str]:
    folded = normalization.fold(token)
    # Which reading is meant, only a vocabulary could tell; always the same is enough.
    chosen = folded.readings[:1] or folded.words
    for word in chosen:
        if any(char.isalnum() for char in word):
            yield from filter(None, map(str.strip, _UNSPACED.split(word)))


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
