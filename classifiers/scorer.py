"""Score comments with numpy alone, and tell which words did it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import features, text
from classifiers.errors import UnknownLabel
from classifiers.regression import Frozen

Floats = npt.NDArray[np.float64]

#: Distinct tokens whose vectors are kept; when full, the cache starts anew.
CACHED_TOKENS = 120_000  # about 25 MB with eight labels
#: Longer tokens are scored, but not kept.
CACHED_LENGTH = 48  # characters
#: Comments scored in one go; bounds memory, changes no score.
BATCH = 512
#: Added to the length of a comment, so that one word alone decides less.
SMOOTHING = 0.5
#: Vectors lie on this grid, so that their sums are exact in any order.
GRID = 2.0**-20
#: Probabilities are rounded to so many digits: the same on every machine.
DIGITS = 6
#: Words that pushed less than this share are not told.
TOLD_SHARE = 0.02


@dataclass(frozen=True, kw_only=True)
class Document:
    """A comment with what is known beside its text."""

    #: the comment itself
    text: str
    #: name the author gave
    author_name: str | None = None
    #: address the author gave
    author_url: str | None = None
    #: title of the article commented on
    article_title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the original text that pushed a label up."""

    #: first code point
    start: int
    #: code point after the last
    end: int
    #: its part in all that pushed up, 0 to 1
    share: float


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What training learnt, as plain arrays; one column a label."""

    #: hashed words and n-grams inside words → weight, float16
    rows: npt.NDArray[np.float16]
    #: hashed pairs of neighbouring tokens → weight, float16
    pairs: npt.NDArray[np.float16]
    #: hashed words → how rare they are, 0 to 1, float16
    rarity: npt.NDArray[np.float16]
    #: the words seen in training, as the bits of a Bloom filter
    known: npt.NDArray[np.uint8]
    #: those of them that mostly do harm, likewise
    harsh: npt.NDArray[np.uint8]
    #: log-odds = slope * asinh(sum) + intercept
    slope: Floats
    intercept: Floats

    def log_odds(self, sums: Floats) -> Floats:
        """Return honest log-odds for what the words add up to, a column a label.

        Far from the middle sums say ever less: the inverse hyperbolic sine is straight
        near zero and logarithmic outside.
        """
        found: Floats = self.slope * np.arcsinh(sums) + self.intercept
        return found


@dataclass
class _Cache:
    """Vectors of tokens by their spelling; only ever grows, then is replaced."""

    ids: dict[str, int]
    #: one column a label, then the token's squared length
    vectors: Floats
    #: hash of the folded token, for pairs
    hashes: features.Hashes
    #: whether the token is one letter, perhaps of a spaced-out word
    single: npt.NDArray[np.bool_]
    lock: threading.Lock = field(default_factory=threading.Lock)


class Scorer:
    """Fitted weights under one version.

    Parameters
    ----------
    version : name and first eight digits of the weights' SHA-256
    labels : one column of the weights each
    languages : ISO 639-1 codes whose scores may decide
    frozen : hashed examples that guard what the scorer knew
    """

    def __init__(
        self,
        *,
        version: str,
        labels: Sequence[str],
        weights: Weights,
        manifest: Mapping[str, Any],
        languages: frozenset[str],
        frozen: Frozen | None = None,
    ) -> None:
        self.version = version
        self.labels = tuple(labels)
        self.weights = weights
        self.manifest = manifest
        self.languages = languages
        self.frozen = frozen
        self._known = features.Lexicon(weights.known)
        self._harsh = features.Lexicon(weights.harsh)
        # Single precision holds half precision exactly, and is faster to add.
        self._pair_weights = weights.pairs.astype(np.float32)
        self._cache = self._new_cache()

    def score(self, document: Document) -> dict[str, float]:
        """Return the probability of each label, 0 to 1."""
        return self.score_many([document])[0]

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        """Return the probabilities of each document, in order."""
        found: list[dict[str, float]] = []
        for start in range(0, len(documents), BATCH):
            logits = self._logits(documents[start : start + BATCH])
            for row in self._probabilities(logits).tolist():
                found.append(dict(zip(self.labels, row, strict=True)))
        return found

    def explain(self, document: Document, label: str) -> list[Span]:
        """Return the words that pushed a label up, in the order of the text.

        A word's push is its own weight and half of each pair it stands in: with the
        words that pulled down, they add up to the score exactly.

        Raises
        ------
        UnknownLabel
            If the scorer has no such label.
        """
        if label not in self.labels:
            raise UnknownLabel(f"this scorer has no label {label!r}")
        pushes = self.pushes(document, label)
        total = sum(push for push in pushes if push > 0)
        bounds = [
            _trimmed(document.text, start, end)
            for _, start, end in self._pieces(document.text)
        ]
        return [
            Span(start=start, end=end, share=push / total)
            for (start, end), push in zip(bounds, pushes, strict=True)
            if push > 0 and push / total >= TOLD_SHARE
        ]

    def pushes(self, document: Document, label: str) -> list[float]:
        """Return what each token of the text adds to the label's sum.

        The score is `Weights.log_odds` of the total.
        """
        column = self.labels.index(label)
        tokens = [token for token, _, _ in self._pieces(document.text)]
        if not tokens:
            return []
        cache, ids = self._ids(tokens)
        vectors = cache.vectors[ids]
        own = vectors[:, column].copy()
        pairs = self._pairs(cache.hashes[ids])[:, column] / 2
        own[:-1] += pairs
        own[1:] += pairs
        length = np.sqrt(vectors[:, -1].sum() + SMOOTHING)
        pushed: list[float] = (own / length).tolist()
        return pushed

    def _pieces(self, original: str) -> list[tuple[str, int, int]]:
        """Return the tokens that are scored, with their bounds in the original."""
        tokens = text.tokens(original)
        if tokens:
            cache, ids = self._ids(tokens)
            if _runs(cache.single[ids]).any():
                return text.despaced(original, self._known, self._harsh)
        bounds = text.spans(original)
        return [(t, *b) for t, b in zip(tokens, bounds, strict=True)]

    def _probabilities(self, logits: Floats) -> Floats:
        with np.errstate(over="ignore"):
            rounded: Floats = np.round(1 / (1 + np.exp(-logits)), DIGITS)
        return rounded

    def _logits(self, documents: Sequence[Document]) -> Floats:
        split = [text.tokens(document.text) for document in documents]
        sums = self._sums(documents, split)
        lengths = np.sqrt(sums[:, -1:] + SMOOTHING)
        totals: Floats = sums[:, :-1] / lengths
        if "spam" in self.labels:
            self._add_authors(documents, sums, totals)
        return self.weights.log_odds(totals)

    def _add_authors(
        self, documents: Sequence[Document], sums: Floats, totals: Floats
    ) -> None:
        """Let the author's name and address speak for spam, but never against it.

        Their words weigh what they weigh in a text: "cheap pills" as a name tells,
        a person's name does not.
        """
        told = [text.author_words(d.author_name, d.author_url) for d in documents]
        counts = np.fromiter(map(len, told), np.int64, len(told))
        full = np.flatnonzero(counts)
        if not len(full):
            return
        cache, ids = self._ids(list(chain.from_iterable(told)))
        starts = np.cumsum(counts[full]) - counts[full]
        added = np.add.reduceat(cache.vectors[ids], starts, axis=0)
        column = self.labels.index("spam")
        whole = sums[full] + added
        spam = whole[:, column] / np.sqrt(whole[:, -1] + SMOOTHING)
        totals[full, column] = np.maximum(totals[full, column], spam)

    def _sums(self, documents: Sequence[Document], split: list[list[str]]) -> Floats:
        """Add up the vectors of each document's tokens and pairs."""
        counts = np.fromiter(map(len, split), np.int64, len(split))
        sums = np.zeros((len(split), len(self.labels) + 1))
        if not counts.any():
            return sums
        cache, ids = self._ids(list(chain.from_iterable(split)))
        runs = _runs(cache.single[ids])
        if runs.any() and self._rejoin(documents, split, counts, runs):
            counts = np.fromiter(map(len, split), np.int64, len(split))
            cache, ids = self._ids(list(chain.from_iterable(split)))
        self._add_up(cache, ids, counts, sums)
        return sums

    def _rejoin(
        self,
        documents: Sequence[Document],
        split: list[list[str]],
        counts: features.Indices,
        runs: npt.NDArray[np.bool_],
    ) -> bool:
        """Put spaced-out words together where there are any; tell if there were."""
        owners = np.repeat(np.arange(len(counts)), counts)
        firsts = np.flatnonzero(runs)
        inside = firsts[owners[firsts] == owners[firsts + text.SPACED_RUN - 1]]
        for index in np.unique(owners[inside]).tolist():
            pieces = text.despaced(documents[index].text, self._known, self._harsh)
            split[index] = [token for token, _, _ in pieces]
        return len(inside) > 0

    def _add_up(
        self,
        cache: _Cache,
        ids: features.Indices,
        counts: features.Indices,
        out: Floats,
    ) -> None:
        full = np.flatnonzero(counts)
        starts = np.cumsum(counts[full]) - counts[full]
        terms = cache.vectors[ids]
        pairs = self._pairs(cache.hashes[ids])
        pairs[starts[1:] - 1] = 0  # no pair across two comments
        terms[:-1, :-1] += pairs
        out[full] = np.add.reduceat(terms, starts, axis=0)

    def _pairs(self, hashes: features.Hashes) -> npt.NDArray[np.float32]:
        places = features.pairs(hashes[:-1], hashes[1:])
        return self._pair_weights[places]

    def _ids(self, tokens: list[str]) -> tuple[_Cache, features.Indices]:
        """Return the tokens' places in a cache that holds them all."""
        cache = self._cache
        try:
            return cache, _looked_up(cache.ids, tokens)
        except KeyError:
            cache = self._learn(tokens)
            return cache, _looked_up(cache.ids, tokens)

    def _learn(self, tokens: list[str]) -> _Cache:
        with self._cache.lock:
            cache = self._cache
            fresh = [t for t in dict.fromkeys(tokens) if t not in cache.ids]
            if len(cache.ids) + len(fresh) > CACHED_TOKENS:
                self._cache = cache = self._new_cache()
                fresh = list(dict.fromkeys(tokens))
            self._append(cache, fresh)
            return cache

    def _new_cache(self) -> _Cache:
        return _Cache(
            ids={},
            vectors=np.zeros((0, len(self.labels) + 1)),
            hashes=np.zeros(0, dtype=np.uint64),
            single=np.zeros(0, dtype=bool),
        )

    def _append(self, cache: _Cache, fresh: list[str]) -> None:
        vectors, hashes, single = self.vectors(fresh)
        first = len(cache.ids)
        if first + len(fresh) > len(cache.vectors):
            room = max(1024, 2 * (first + len(fresh)))
            cache.vectors = _grown(cache.vectors, room)
            cache.hashes = _grown(cache.hashes, room)
            cache.single = _grown(cache.single, room)
        part = slice(first, first + len(fresh))
        cache.vectors[part], cache.hashes[part] = vectors, hashes
        cache.single[part] = single
        cache.ids.update(zip(fresh, range(first, first + len(fresh)), strict=True))

    def vectors(
        self, tokens: Sequence[str]
    ) -> tuple[Floats, features.Hashes, npt.NDArray[np.bool_]]:
        """Return the tokens' vectors, hashes, and whether they are one letter."""
        words = text.read_all([text.fold(t) for t in tokens], self._known, self._harsh)
        flat = [word for read in words for word in read]
        vectors = np.zeros((len(tokens), len(self.labels) + 1))
        if flat:
            numbers: dict[str, int] = {}
            places = [numbers.setdefault(word, len(numbers)) for word in flat]
            counts = np.fromiter(map(len, words), np.int64, len(words))
            full = np.flatnonzero(counts)
            starts = np.cumsum(counts[full]) - counts[full]
            terms = self._word_vectors(list(numbers))[places]
            vectors[full] = np.add.reduceat(terms, starts, axis=0)
        hashes = features.word_hashes([text.spelling(read) for read in words])
        single = np.fromiter(map(text.is_single, tokens), bool, len(tokens))
        return vectors, hashes, single

    def _word_vectors(self, words: Sequence[str]) -> Floats:
        rows, starts = features.ngrams(words)
        values = self.weights.rows[rows].astype(np.float64)
        values *= features.ngram_weights(starts)[:, None]
        sums = np.add.reduceat(values, starts[:-1], axis=0)
        rarity = self.weights.rarity[rows[starts[:-1]]].astype(np.float64)[:, None]
        vectors = np.concatenate([sums * rarity, rarity * rarity], axis=1)
        return np.round(vectors / GRID) * GRID


def _looked_up(ids: dict[str, int], tokens: list[str]) -> features.Indices:
    return np.fromiter(map(ids.__getitem__, tokens), np.int64, len(tokens))


def _runs(single: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return where three tokens of one letter begin to follow each other."""
    found = np.zeros(len(single), dtype=bool)
    if len(single) >= text.SPACED_RUN:
        found[:-2] = single[:-2] & single[1:-1] & single[2:]
    return found


def _grown(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.zeros((room, *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


def _trimmed(original: str, start: int, end: int) -> tuple[int, int]:
    """Leave the punctuation around a word out of its span."""
    left, right = start, end
    while left < right and not original[left].isalnum():
        left += 1
    while right > left and not original[right - 1].isalnum():
        right -= 1
    return (left, right) if left < right else (start, end)
