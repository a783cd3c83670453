"""Turn texts into sparse matrices of the features that are scored."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers.serving.discounts import (
    Discounts,
    discounted_tokens,
    may_have,
    quoted_tokens,
)
from classifiers.serving.weights import SMOOTHING, Weights
from classifiers.text import features, negation, normalization, readings
from classifiers.text.token_reader import TokenReader
from classifiers.training.fairness import alike

Floats = npt.NDArray[np.float64]
Sparse = Any  # scipy-stubs' matrix types are generic over too much to name

#: A word seen in fewer texts is not taken for a reading of a disguised one.
MIN_KNOWN = 4  # texts
#: A word seen in fewer texts is not taken for a harsh one.
MIN_HARSH = 5  # texts
#: How far above the usual share of toxic texts a harsh word's share is, 0 to 1.
HARSH_SHARE = 0.4
#: How rare a pair is taken to be where there are too few texts to measure it.
ADAPTED_PAIR_RARITY = 0.5


@dataclass(frozen=True)
class Corpus:
    """Texts as matrices; one row a text."""

    #: texts × words, scaled by rarity and length
    words: Sparse
    #: words × hashed rows
    ngrams: Sparse
    #: texts × hashed pairs, scaled by rarity and length
    pairs: Sparse
    #: how rare the word is that a hashed row stands for, 0 to 1
    rarity: npt.NDArray[np.float16]
    #: how rare a hashed pair is, 0 to 1
    pair_rarity: npt.NDArray[np.float32]
    #: bits of the words seen in training
    known: features.Bits
    #: bits of those of them that mostly do harm
    harsh: features.Bits


@dataclass(frozen=True)
class _Tokens:
    """Texts as numbered distinct tokens."""

    spellings: list[str]
    ids: features.Indices
    bounds: features.Indices
    #: those that are quoted, and what they count
    quoted: Discounts

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Tokens:
        kinds: dict[str, int] = {}
        ids: list[int] = []
        bounds = [0]
        quoting = []
        for text in texts:
            if any(map(may_have, normalization.tokens(text))):
                quoting.append((text, None, bounds[-1]))
            ids.extend(
                [kinds.setdefault(t, len(kinds)) for t in normalization.tokens(text)]
            )
            bounds.append(len(ids))
        return cls(
            list(kinds),
            np.array(ids, np.int64),
            np.array(bounds, np.int64),
            quoted_tokens(quoting),
        )

    def counts(self, denied_share: float = 1.0) -> Sparse:
        """Return texts × distinct tokens.

        Parameters
        ----------
        denied_share : what a denied token counts, 0 to 1; 1: quoted ones count, too
        """
        shape = (len(self.bounds) - 1, len(self.spellings))
        shares = self.shares(denied_share)
        return sp.csr_matrix((shares, self.ids, self.bounds), shape=shape)

    def shares(self, denied_share: float) -> npt.NDArray[np.float32]:
        """Return what each token counts."""
        shares = np.ones(len(self.ids), np.float32)
        if denied_share < 1:
            places, counts = discounted_tokens(
                self._denied(), denied_share, self.quoted
            )
            shares[places] = counts
        return shares

    def _denied(self) -> list[int]:
        """Return the places of tokens that are denied."""
        kinds = "".join(map(negation.kind, self.spellings)).encode()
        letters = np.frombuffer(kinds, np.uint8)[self.ids].tobytes()
        bounds = self.bounds.tolist()
        return [
            place
            for start, end in itertools.pairwise(bounds)
            for place in negation.denied(letters, start, end)
        ]


def _lexicons(
    tokens: _Tokens, harmful: npt.NDArray[np.float32]
) -> tuple[features.Bits, features.Bits]:
    """Return the bits of the words that several texts use, and of the harsh ones.

    Parameters
    ----------
    harmful : 1 for a toxic text, 0 for another
    """
    counts = (tokens.counts() > 0).astype(np.float32)
    totals = np.asarray(counts.sum(axis=0)).ravel()
    harmful_totals = harmful @ counts
    words: dict[str, list[float]] = {}
    for spelling, total, harmful_total in zip(
        tokens.spellings, totals, harmful_totals, strict=True
    ):
        token = normalization.fold(spelling)
        if len(token.words) == 1 and not token.readings and token.words[0].isalpha():
            sums = words.setdefault(token.words[0], [0.0, 0.0])
            sums[0] += total
            sums[1] += harmful_total
    known = sorted(word for word, (count, _) in words.items() if count >= MIN_KNOWN)
    usual = float(harmful.mean())
    harsh = [
        word
        for word in known
        if words[word][0] >= MIN_HARSH
        and words[word][1] / words[word][0] > usual + HARSH_SHARE * (1 - usual)
    ]
    return features.Lexicon.of(known).bits, features.Lexicon.of(harsh).bits


def words_of(texts: Sequence[str], min_count: int) -> features.Bits:
    """Return the bits of the plain words that so many texts use."""
    tokens = _Tokens.of(texts)
    totals = np.asarray((tokens.counts() > 0).sum(axis=0)).ravel()
    words: dict[str, int] = {}
    for spelling, total in zip(tokens.spellings, totals.tolist(), strict=True):
        folded = normalization.fold(spelling)
        for word in folded.words:
            if word.isalpha():
                words[word] = words.get(word, 0) + total
    known = sorted(word for word, total in words.items() if total >= min_count)
    return features.Lexicon.of(known).bits


class CachedReader:
    """Read tokens as the words that they stand for, and keep these words."""

    #: Distinct tokens that are kept. A full cache starts again empty.
    MAX_TOKENS = 300_000

    def __init__(self, known: features.Bits, harsh: features.Bits) -> None:
        self._reader = TokenReader(features.Lexicon(known), features.Lexicon(harsh))
        self._words: dict[str, Sequence[str]] = {}

    def read(self, spellings: Sequence[str]) -> list[Sequence[str]]:
        """Return the words of each distinct token."""
        if len(self._words) + len(spellings) > self.MAX_TOKENS:
            self._words = {}
        fresh = [token for token in spellings if token not in self._words]
        self._words.update(zip(fresh, self._reader.read(fresh), strict=True))
        return [self._words[token] for token in spellings]


def encode(
    texts: Sequence[str],
    base: Weights | None = None,
    harmful: npt.NDArray[np.float32] | None = None,
    denied_share: float = 1.0,
    names: Sequence[str] = (),
    reader: CachedReader | None = None,
) -> Corpus:
    """Turn texts into matrices.

    Which words are known, harsh and rare is learned from the texts, or taken from
    `base`.

    Parameters
    ----------
    harmful : 1 for a toxic text, 0 for another; needed without `base`
    denied_share : what a denied word counts, 0 to 1
    names : words that are taken to be equally rare, see `fairness`
    reader : reads tokens as `base` does, and keeps their words from part to part
    """
    tokens = _Tokens.of(texts)
    if base is not None:
        known, harsh = base.known, base.harsh
    else:
        toxic = np.zeros(len(texts), np.float32) if harmful is None else harmful
        known, harsh = _lexicons(tokens, toxic)
    read = (reader or CachedReader(known, harsh)).read(tokens.spellings)
    distinct, by_token = _word_counts(read)
    words = (tokens.counts() @ by_token).tocsr()
    rows, starts = features.ngrams(distinct)
    word_rows = rows[starts[:-1]]
    rarity = _row_rarity(words, word_rows) if base is None else base.rarity
    rarity = alike(rarity, names)
    word_rarity = rarity[word_rows].astype(np.float32)
    lengths = np.sqrt(words @ (word_rarity**2) + SMOOTHING).astype(np.float32)
    scale = sp.diags_array(1 / lengths)
    counted = (tokens.counts(denied_share) @ by_token).tocsr()
    spellings = [readings.spelling(words) for words in read]
    pairs = _pairs(tokens, spellings, tokens.shares(denied_share))
    pair_rarity = np.full(pairs.shape[1], ADAPTED_PAIR_RARITY, np.float32)
    if base is None:
        pair_rarity = _rarity(pairs).astype(np.float32)
    return Corpus(
        words=(scale @ counted @ sp.diags_array(word_rarity)).tocsr(),
        ngrams=_hashed(rows, starts),
        pairs=(scale @ pairs @ sp.diags_array(pair_rarity)).tocsr(),
        rarity=rarity,
        pair_rarity=pair_rarity,
        known=known,
        harsh=harsh,
    )


def _word_counts(read: Sequence[Sequence[str]]) -> tuple[list[str], Sparse]:
    """Return the distinct words of tokens, and tokens × these words."""
    numbers: dict[str, int] = {}
    flat = [numbers.setdefault(word, len(numbers)) for words in read for word in words]
    ends = np.cumsum([0, *map(len, read)])
    ones = np.ones(len(flat), np.float32)
    shape = (len(read), len(numbers))
    return list(numbers), sp.csr_matrix((ones, flat, ends), shape=shape)


def _hashed(rows: features.Indices, starts: features.Indices) -> Sparse:
    """Return words × hashed rows, from what `features.ngrams` returns."""
    weights = features.ngram_weights(starts).astype(np.float32)
    shape = (len(starts) - 1, 1 << features.BITS)
    return sp.csr_matrix((weights, rows, starts), shape=shape)


def _row_rarity(words: Sparse, word_rows: features.Indices) -> npt.NDArray[np.float16]:
    """Return how rare the most frequent word of each hashed row is, 0 to 1."""
    rarity = np.ones(1 << features.BITS, np.float16)
    np.minimum.at(rarity, word_rows, _rarity(words).astype(np.float16))
    return rarity


def _rarity(counts: Sparse) -> Floats:
    """Return inverse document frequencies, scaled to 0–1."""
    texts = counts.shape[0] + 1
    uses = np.bincount(counts.indices, minlength=counts.shape[1])
    idf: Floats = np.log(texts / (np.minimum(uses, texts - 1) + 1)) / np.log(texts)
    return np.clip(idf, 0.02, 1.0)


def _pairs(
    tokens: _Tokens, spellings: list[str], shares: npt.NDArray[np.float32]
) -> Sparse:
    """Return texts × hashed pairs; a pair counts what its second token does."""
    hashes = features.word_hashes(spellings)[tokens.ids]
    owner = np.repeat(np.arange(len(tokens.bounds) - 1), np.diff(tokens.bounds))
    together = owner[1:] == owner[:-1]
    places = features.pairs(hashes[:-1], hashes[1:])[together]
    counts = shares[1:][together]
    shape = (len(tokens.bounds) - 1, 1 << features.PAIR_BITS)
    return sp.csr_matrix((counts, (owner[1:][together], places)), shape=shape)
