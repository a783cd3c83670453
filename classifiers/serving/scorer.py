"""Score comments with numpy alone, and tell which words did it."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.errors import UnknownLabel
from classifiers.serving.network import BEFORE, EMPTY, Network, Parts, seen
from classifiers.serving.regression_set import Frozen
from classifiers.text import (
    features,
    negation,
    normalization,
    readings,
    spaced_words,
    tokens,
)
from classifiers.text.languages import weak_by_language

Floats = npt.NDArray[np.float64]

#: Distinct tokens whose vectors are kept; when full, the cache starts anew.
CACHED_TOKENS = 120_000  # about 70 MB with eight labels and a network, when full
#: Or when its tokens are as long as this together: some people write without spaces.
CACHED_CHARACTERS = 4_000_000
#: Comments scored in one go; bounds memory, changes no score.
BATCH = 1024
#: Added to the length of a comment, so that one word alone decides less.
SMOOTHING = 0.5
#: Vectors lie on this grid, so that their sums are exact in any order.
GRID = 2.0**-20
#: Probabilities are whole numbers of these parts: the same on every machine.
PARTS = 1e6
# Without a dimension: numpy takes such arrays sooner than Python's numbers.
_PARTS, _HALF_PARTS, _HALF = np.array(PARTS), np.array(PARTS / 2), np.array(0.5)
# Longer comments are added up like many.
_ONES = np.ones(512)
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
    #: what a denied word and the pair it ends count, 0 to 1, a power of two
    denied_share: float = 1.0
    #: what is added to the log-odds, if anything
    network: Network | None = None

    def log_odds(self, sums: Floats) -> Floats:
        """Return log-odds for what the words add up to, a column a label.

        They are honest together with those of the network, where there is one.

        Far from the middle sums say ever less: the inverse hyperbolic sine is straight
        near zero and logarithmic outside.
        """
        found: Floats = self.slope * np.arcsinh(sums) + self.intercept
        return found


#: The fields of `Weights` that are arrays.
ARRAYS = ("rows", "pairs", "rarity", "known", "harsh", "slope", "intercept")


@dataclass
class _Cache:
    """Vectors of tokens by their spelling; only ever grows, then is replaced."""

    ids: dict[str, int]
    #: the same by the tokens' hashes, for many at once
    rows: tokens.Rows
    #: one column a label, then the token's squared length
    vectors: Floats
    #: which of the parts below each token has; many a spelling reads alike
    part_rows: features.Indices
    #: what a token adds to the network's filters, with `network.BEFORE` at first
    parts: Parts
    #: words that the network sees → their row of parts
    part_ids: dict[Sequence[str], int]
    #: hash of the folded token, for pairs
    hashes: features.Hashes
    #: kind of the token, as in `denials`
    kinds: npt.NDArray[np.uint8]
    #: length of all tokens together
    characters: int = 0
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
        #: language → labels that its figures don't let decide there
        self.weak = weak_by_language(manifest.get("good_for", {}), languages, labels)
        self.frozen = frozen
        self._known = features.Lexicon(weights.known)
        self._harsh = features.Lexicon(weights.harsh)
        # What numpy adds up quickly, and no larger: most of a look-up is its way there.
        self._pair_weights = weights.pairs.astype(np.float32)
        # 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which cannot overflow.
        self._half_slope = weights.slope / 2
        self._half_intercept = weights.intercept / 2
        self._cache = self._new_cache()

    def score(self, document: Document) -> dict[str, float]:
        """Return the probability of each label, 0 to 1."""
        return self.score_many([document])[0]

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        """Return the probabilities of each document, in order."""
        if len(documents) == 1:
            found = self._plain_totals(documents[0])
            if found is not None:
                row = self._probabilities(*found).tolist()
                return [dict(zip(self.labels, row))]  # noqa: B905
        rows = self.probabilities(documents).tolist()
        return list(map(dict, map(zip, repeat(self.labels), rows)))

    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Return the probabilities of each document, 0 to 1, a column a label."""
        found = np.empty((len(documents), len(self.labels)))
        for start in range(0, len(documents), BATCH):
            totals, beyond = self._totals(documents[start : start + BATCH])
            found[start : start + BATCH] = self._probabilities(totals, beyond)
        return found

    def explain(self, document: Document, label: str) -> list[Span]:
        """Return the words that pushed a label up, in the order of the text.

        With the words that pulled down, they add up to the score; see `pushes`.

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
        """Return what each token of the text adds to the label's log-odds.

        Together they are the log-odds of the score, less `Weights.intercept`. A word's
        push is its part of the sum, its own weight and half of each pair it stands in,
        and what it adds to the network's filters where they are strongest.
        """
        column = self.labels.index(label)
        tokens = [token for token, _, _ in self._pieces(document.text)]
        if not tokens:
            return []
        cache, ids = self._ids([tokens])
        vectors = cache.vectors[ids]
        own = vectors[:, column].copy()
        pairs = self._pairs(cache.hashes[ids])[:, column] / 2
        ends = np.array([len(ids)])
        denied = self._denied(cache.kinds[ids], ends - len(ids), ends)
        own[denied] *= self.weights.denied_share
        pairs[denied - 1] *= self.weights.denied_share
        own[:-1] += pairs
        own[1:] += pairs
        own /= np.sqrt(vectors[:, -1].sum() + SMOOTHING)
        total = own.sum()
        own *= self.weights.slope[column] * (np.arcsinh(total) / total if total else 1)
        if self.weights.network is not None:
            rows = cache.part_rows[ids]
            rows[denied] = EMPTY
            own += self.weights.network.pushes(cache.parts, rows, column)
        pushed: list[float] = own.tolist()
        return pushed

    def _pieces(self, original: str) -> list[tuple[str, int, int]]:
        """Return the tokens that are scored, with their bounds in the original."""
        tokens = normalization.tokens(original)
        if tokens:
            cache, ids = self._ids([tokens])
            if len(negation.runs(cache.kinds[ids])):
                return spaced_words.despaced(original, self._known, self._harsh)
        bounds = normalization.spans(original)
        return [(t, *b) for t, b in zip(tokens, bounds, strict=True)]

    def _probabilities(self, totals: Floats, beyond: Floats | None) -> Floats:
        """Return probabilities for sums and what the network adds to their log-odds."""
        found: Floats = np.arcsinh(totals)
        found *= self._half_slope
        found += self._half_intercept
        if beyond is not None:
            found += beyond * _HALF
        np.tanh(found, found)
        found *= _HALF_PARTS
        found += _HALF_PARTS
        np.rint(found, found)
        found /= _PARTS
        return found

    def _plain_totals(self, document: Document) -> tuple[Floats, Floats | None] | None:
        """Add up the usual comment, whose words are all known; None for others.

        What numpy's calls cost by themselves counts here, so there are few of them.
        """
        if document.author_name or document.author_url:
            return None
        cache = self._cache
        tokens = normalization.tokens(document.text)
        if not 1 < len(tokens) < len(_ONES):
            return None
        try:
            ids = np.array(itemgetter(*tokens)(cache.ids))
        except KeyError:
            return None
        kinds = _taken(cache.kinds, ids).tobytes()
        denied: list[int] = []
        if negation.SHAPE.search(kinds):
            if negation.SPACED.search(kinds):
                return None
            if self.weights.denied_share != 1:
                denied = negation.denied(kinds, 0, len(kinds))
        terms = _taken(cache.vectors, ids)
        pairs = self._pairs(_taken(cache.hashes, ids))
        places = np.array(denied, np.int64)
        if denied:
            self._weaken(terms, pairs, places)
        # A product with ones is the quickest sum, and as exact as any on the grid.
        sums: Floats = _ONES[: len(ids)].dot(terms)
        totals = sums[:-1]
        totals += _ONES[: len(pairs)].dot(pairs)
        totals /= math.sqrt(sums[-1] + SMOOTHING)
        network = self.weights.network
        if network is None:
            return totals, None
        rows = _taken(cache.part_rows, ids)
        if denied:
            rows[places] = EMPTY
        return totals, network.log_odds(network.strongest_of_one(cache.parts, rows))

    def _totals(self, documents: Sequence[Document]) -> tuple[Floats, Floats | None]:
        sums = self._sums(documents)
        width = len(self.labels)
        lengths = np.sqrt(sums[:, width : width + 1] + SMOOTHING)
        totals: Floats = sums[:, :width] / lengths
        if "spam" in self.labels:
            self._add_authors(documents, sums[:, : width + 1], totals)
        has_network = self.weights.network is not None
        return totals, sums[:, width + 1 :] if has_network else None

    def log_odds(self, documents: Sequence[Document]) -> Floats:
        """Return the log-odds of each label, before they are rounded."""
        found = []
        for start in range(0, len(documents), BATCH):
            totals, beyond = self._totals(documents[start : start + BATCH])
            odds = self.weights.log_odds(totals)
            found.append(odds if beyond is None else odds + beyond)
        return np.concatenate(found)

    def beyond(self, texts: Sequence[str]) -> Floats:
        """Return what the network adds to the log-odds of texts, a column a label."""
        found = np.zeros((len(texts), len(self.labels)))
        if self.weights.network is not None:
            for start in range(0, len(texts), BATCH):
                part = slice(start, start + BATCH)
                documents = [Document(text=one) for one in texts[part]]
                found[part] = self._totals(documents)[1]
        return found

    def _beyond(
        self,
        cache: _Cache,
        ids: features.Indices,
        starts: features.Indices,
        ends: features.Indices,
        denied: features.Indices | None = None,
    ) -> Floats:
        """Return what the network adds to log-odds; it does not see denied tokens."""
        network = self.weights.network
        if network is None:
            return np.zeros((len(starts), 0))
        rows = _taken(cache.part_rows, ids)
        if denied is not None:
            rows[denied] = EMPTY
        return network.log_odds(network.strongest(cache.parts, rows, starts, ends))

    def _add_authors(
        self, documents: Sequence[Document], sums: Floats, totals: Floats
    ) -> None:
        """Let the author's name and address speak for spam, but never against it.

        Their words weigh what they weigh in a text: "cheap pills" as a name tells,
        a person's name does not.
        """
        if not any(d.author_name or d.author_url for d in documents):
            return
        told = [
            normalization.author_words(d.author_name, d.author_url) for d in documents
        ]
        counts = np.fromiter(map(len, told), np.int64, len(told))
        full = np.flatnonzero(counts)
        if not len(full):
            return
        cache, ids = self._ids(told)
        starts = np.cumsum(counts[full]) - counts[full]
        added = np.add.reduceat(cache.vectors[ids], starts, axis=0)
        column = self.labels.index("spam")
        whole = sums[full] + added
        spam = whole[:, column] / np.sqrt(whole[:, -1] + SMOOTHING)
        totals[full, column] = np.maximum(totals[full, column], spam)

    def _sums(self, documents: Sequence[Document]) -> Floats:
        """Add up the vectors of each document's tokens and pairs.

        Behind them stands what the network adds, if there is one.
        """
        cache, ids, counts = self._cut([document.text for document in documents])
        more = 0 if self.weights.network is None else len(self.labels)
        sums = np.zeros((len(documents), len(self.labels) + 1 + more))
        full = np.flatnonzero(counts)
        if not len(full):
            return sums
        kinds = _taken(cache.kinds, ids)
        ends = np.cumsum(counts[full])
        starts = ends - counts[full]
        sums[full] = self._added(cache, ids, kinds, starts, ends)
        spaced = full[_spaced(kinds, starts)].tolist()
        if spaced:
            joined = [self._joined(documents[index].text) for index in spaced]
            cache, ids = self._ids(joined)
            ends = np.cumsum([len(tokens) for tokens in joined])
            starts = np.concatenate([[0], ends[:-1]])
            kinds = _taken(cache.kinds, ids)
            sums[spaced] = self._added(cache, ids, kinds, starts, ends)
        return sums

    def _joined(self, original: str) -> list[str]:
        """Return the tokens of a text whose spaced-out words are put together."""
        pieces = spaced_words.despaced(original, self._known, self._harsh)
        return [token for token, _, _ in pieces]

    def _added(
        self,
        cache: _Cache,
        ids: features.Indices,
        kinds: negation.Kinds,
        starts: features.Indices,
        ends: features.Indices,
    ) -> Floats:
        """Add up comments that have tokens, one after the other in `ids`."""
        terms = _taken(cache.vectors, ids)
        pairs = self._pairs(_taken(cache.hashes, ids))
        denied = self._denied(kinds, starts, ends)
        if len(denied):
            self._weaken(terms, pairs, denied)
        sums: Floats = np.add.reduceat(terms, starts)
        if len(pairs):
            pairs[starts[1:] - 1] = 0  # no pair across two comments
            # The last comment may be a word, which begins no pair.
            paired = starts[starts < len(pairs)]
            sums[: len(paired), :-1] += np.add.reduceat(pairs, paired, dtype=np.float64)
        if self.weights.network is None:
            return sums
        return np.hstack([sums, self._beyond(cache, ids, starts, ends, denied)])

    def _weaken(
        self, terms: Floats, pairs: npt.NDArray[np.float32], denied: features.Indices
    ) -> None:
        """Let denied tokens and the pairs they end count for less, in place."""
        terms[denied, :-1] *= self.weights.denied_share
        pairs[denied - 1] *= self.weights.denied_share

    def _denied(
        self, kinds: negation.Kinds, starts: features.Indices, ends: features.Indices
    ) -> features.Indices:
        """Return the places of denied tokens, each comment searched by itself."""
        if self.weights.denied_share == 1:
            return np.zeros(0, np.int64)
        owners = np.unique(_owners(negation.candidates(kinds), starts))
        bounds = zip(starts[owners].tolist(), ends[owners].tolist(), strict=True)
        told = kinds.tobytes()
        found = [p for start, end in bounds for p in negation.denied(told, start, end)]
        return np.array(found, np.int64)

    def _pairs(self, hashes: features.Hashes) -> npt.NDArray[np.float32]:
        return _taken(self._pair_weights, features.pairs(hashes[:-1], hashes[1:]))

    def _ids(self, split: Sequence[list[str]]) -> tuple[_Cache, features.Indices]:
        """Return the tokens' places in a cache that holds them all."""
        cache = self._cache
        try:
            return cache, _looked_up(cache.ids, split)
        except KeyError:
            cache = self._learn(list(chain.from_iterable(split)))
            return cache, _looked_up(cache.ids, split)

    def _cut(
        self, texts: Sequence[str]
    ) -> tuple[_Cache, features.Indices, features.Indices]:
        """Return the texts' tokens by their places in a cache, and how many of each."""
        found = tokens.cut(texts)
        cache = self._cache
        if found is None:
            split = [normalization.tokens(one) for one in texts]
            counts = np.fromiter(map(len, split), np.int64, len(split))
            return (*self._ids(split), counts)
        ids = cache.rows.find(found.hashes)
        missing = np.flatnonzero(ids < 0)
        if len(missing):
            known, others = self._ids([found.tokens(missing)])
            if known is not cache:  # it was full: the places are of another
                everything = np.arange(len(ids))
                return (*self._ids([found.tokens(everything)]), found.counts)
            ids[missing] = others
        return cache, ids, found.counts

    def _learn(self, tokens: list[str]) -> _Cache:
        with self._cache.lock:
            cache = self._cache
            fresh = [t for t in dict.fromkeys(tokens) if t not in cache.ids]
            if not fresh:  # Another thread was first.
                return cache
            characters = cache.characters + sum(map(len, fresh))
            count = len(cache.ids) + len(fresh)
            if count > CACHED_TOKENS or characters > CACHED_CHARACTERS:
                self._cache = cache = self._new_cache()
                fresh = list(dict.fromkeys(tokens))
            self._append(cache, fresh)
            return cache

    def _new_cache(self) -> _Cache:
        network = self.weights.network
        parts = np.zeros((0, 0, 0), np.int16) if network is None else network.before()
        return _Cache(
            ids={},
            rows=tokens.Rows(),
            vectors=np.zeros((0, len(self.labels) + 1)),
            part_rows=np.zeros(0, np.int64),
            parts=parts,
            part_ids={},
            hashes=np.zeros(0, dtype=np.uint64),
            kinds=np.zeros(0, dtype=np.uint8),
        )

    def _append(self, cache: _Cache, fresh: list[str]) -> None:
        words = self._read(fresh)
        vectors, hashes = self._vectors(words)
        kinds = "".join(map(negation.kind, fresh)).encode()
        first = len(cache.ids)
        if first + len(fresh) > len(cache.vectors):
            room = max(1024, 2 * (first + len(fresh)))
            cache.vectors = _grown(cache.vectors, room)
            cache.hashes = _grown(cache.hashes, room)
            cache.kinds = _grown(cache.kinds, room)
            cache.part_rows = _grown(cache.part_rows, room)
        part = slice(first, first + len(fresh))
        cache.vectors[part], cache.hashes[part] = vectors, hashes
        cache.kinds[part] = np.frombuffer(kinds, np.uint8)
        if self.weights.network is not None:
            cache.part_rows[part] = self._part_rows(self.weights.network, cache, words)
        cache.characters += sum(map(len, fresh))
        cache.ids.update(zip(fresh, range(first, first + len(fresh)), strict=True))
        if first + len(fresh) <= tokens.ROOM:
            cache.rows.add(tokens.hashes(fresh), np.arange(first, first + len(fresh)))

    def _part_rows(
        self, network: Network, cache: _Cache, words: Sequence[tuple[str, ...]]
    ) -> list[int]:
        """Return the rows of parts of tokens that read so, and add what is missing."""
        told = [tuple(seen(each)) for each in words]
        first = BEFORE + len(cache.part_ids)
        fresh = [each for each in dict.fromkeys(told) if each not in cache.part_ids]
        if fresh:
            end = first + len(fresh)
            if end > cache.parts.shape[1]:
                room = max(1024, 2 * end)
                places, _, filters = cache.parts.shape
                larger = np.zeros((places, room, filters), cache.parts.dtype)
                larger[:, : cache.parts.shape[1]] = cache.parts
                cache.parts = larger
            cache.parts[:, first:end] = network.parts(fresh)
            cache.part_ids.update(zip(fresh, range(first, end), strict=True))
        return [cache.part_ids[each] for each in told]

    def _read(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        folded = [normalization.fold(token) for token in tokens]
        return readings.read_all(folded, self._known, self._harsh)

    def _vectors(
        self, words: Sequence[tuple[str, ...]]
    ) -> tuple[Floats, features.Hashes]:
        """Return the vectors and hashes of tokens that read so."""
        flat = [word for read in words for word in read]
        vectors = np.zeros((len(words), len(self.labels) + 1))
        if flat:
            numbers: dict[str, int] = {}
            places = [numbers.setdefault(word, len(numbers)) for word in flat]
            counts = np.fromiter(map(len, words), np.int64, len(words))
            full = np.flatnonzero(counts)
            starts = np.cumsum(counts[full]) - counts[full]
            terms = self._word_vectors(list(numbers))[places]
            vectors[full] = np.add.reduceat(terms, starts, axis=0)
        hashes = features.word_hashes([readings.spelling(read) for read in words])
        return vectors, hashes

    def _word_vectors(self, words: Sequence[str]) -> Floats:
        rows, starts = features.ngrams(words)
        values = self.weights.rows[rows].astype(np.float64)
        values *= features.ngram_weights(starts)[:, None]
        sums = np.add.reduceat(values, starts[:-1], axis=0)
        rarity = self.weights.rarity[rows[starts[:-1]]].astype(np.float64)[:, None]
        vectors = np.concatenate([sums * rarity, rarity * rarity], axis=1)
        return np.round(vectors / GRID) * GRID


def _looked_up(ids: dict[str, int], split: Sequence[list[str]]) -> features.Indices:
    tokens = list(chain.from_iterable(split))
    return np.fromiter(map(ids.__getitem__, tokens), np.int64, len(tokens))


def _owners(places: features.Indices, starts: features.Indices) -> features.Indices:
    """Return which comment each of the places lies in."""
    return np.searchsorted(starts, places, side="right") - 1


def _spaced(kinds: negation.Kinds, starts: features.Indices) -> list[int]:
    """Return which comments have three tokens of one letter in a row."""
    places = negation.runs(kinds)
    owners = _owners(places, starts)
    found: list[int] = np.unique(owners[owners == _owners(places + 2, starts)]).tolist()
    return found


def _taken(array: npt.NDArray[Any], places: features.Indices) -> npt.NDArray[Any]:
    """Return rows of an array; without checks of bounds this is five times as fast."""
    return array.take(places, axis=0, mode="clip")


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
