"""Add up what the tokens of comments say about each label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.serving import windows
from classifiers.serving.discounts import Discounts, discounted_tokens, quoted_tokens
from classifiers.serving.document import Document
from classifiers.serving.network import EMPTY
from classifiers.serving.token_cache import TokenCache, TokenTable, taken
from classifiers.serving.weights import SMOOTHING, Floats, Weights
from classifiers.text import features, negation, normalization
from classifiers.text.allowance import legible
from classifiers.text.token_reader import TokenReader

#: Sums by label, and what the network adds to the log-odds, if there is one.
Totals = tuple[Floats, Floats | None]

# Longer comments are added up like many.
_ONES = np.ones(512)
_FIRST = np.zeros(1, np.int64)


@dataclass(frozen=True)
class _Batch:
    """The tokens of comments that have some, one comment after the other."""

    table: TokenTable
    #: places of the tokens in the table
    ids: features.Indices
    kinds: negation.Kinds
    #: where the tokens of each comment begin and end
    starts: features.Indices
    ends: features.Indices
    #: tokens that are quoted
    quoted: Discounts


@dataclass(frozen=True)
class _Sums:
    """The sums of comments' tokens, one row each."""

    #: sums by label, then the squared length
    terms: Floats
    #: totals of the strongest window by label; minus infinity where there is none
    windows: Floats
    #: log-odds of the network
    beyond: Floats | None

    @classmethod
    def empty(cls, count: int, labels: int, has_network: bool) -> _Sums:
        return cls(
            np.zeros((count, labels + 1)),
            np.full((count, labels), -np.inf),
            np.zeros((count, labels)) if has_network else None,
        )

    def put(self, places: Any, other: _Sums) -> None:
        """Take over the rows of some comments."""
        self.terms[places] = other.terms
        self.windows[places] = other.windows
        if self.beyond is not None:
            self.beyond[places] = other.beyond


class TokenSums:
    """Add up vectors of tokens and weights of pairs, and ask the network."""

    def __init__(
        self,
        labels: tuple[str, ...],
        weights: Weights,
        reader: TokenReader,
        cache: TokenCache,
    ) -> None:
        self._labels = labels
        self._is_spam = np.array([label == "spam" for label in labels])
        #: how far the sums of windows are lowered, one a label
        self.margins = windows.margins(labels)
        self._reader = reader
        self._cache = cache
        self._network = weights.network
        self._denied_share = weights.denied_share
        # What numpy adds up fast, and no larger: a look-up is mostly memory access.
        self._pair_weights = weights.pairs.astype(np.float32)

    def of_one(self, document: Document) -> Totals | None:
        """Add up the usual comment, whose words are all cached; None for others.

        The overhead of numpy's calls counts here, so there are few of them.
        """
        if document.author_name or document.author_url:
            return None
        table = self._cache.table
        tokens = normalization.tokens(document.text)
        if not 1 < len(tokens) < len(_ONES):
            return None
        try:
            ids = np.array(itemgetter(*tokens)(table.ids))
        except KeyError:
            return None
        if taken(table.quotes, ids).any():
            return None
        kinds = taken(table.kinds, ids).tobytes()
        denied: list[int] = []
        if negation.SHAPE.search(kinds):
            if negation.SPACED.search(kinds):
                return None
            if self._denied_share != 1:
                denied = negation.denied(kinds, 0, len(kinds))
        terms = taken(table.vectors, ids)
        pairs = self.pairs(taken(table.hashes, ids))
        places = np.array(denied, np.int64)
        if denied:
            shares = np.full(len(places), self._denied_share)
            self.weaken(terms, pairs, (places, shares))
        if len(ids) < windows.MIN_TOKENS:
            # A product with ones is the fastest sum, and as exact as any on the grid.
            sums: Floats = _ONES[: len(ids)].dot(terms)
            sums[:-1] += _ONES[: len(pairs)].dot(pairs)
        else:
            blocks = windows.WindowBlocks.of(_FIRST, np.array([len(ids)]))
            added = blocks.added(terms, pairs)
            sums = _ONES[: len(added)].dot(added)
            best = blocks.strongest(added, self.margins)[1][0]
        totals = sums[:-1]
        totals /= math.sqrt(sums[-1] + SMOOTHING)
        if len(ids) >= windows.MIN_TOKENS:
            np.maximum(totals, best, out=totals)
        network = self._network
        if network is None:
            return totals, None
        rows = taken(table.part_rows, ids)
        if denied:
            rows[places] = EMPTY
        return totals, network.log_odds(network.strongest_of_one(table.parts, rows))

    def of_many(self, documents: Sequence[Document]) -> Totals:
        """Add up comments, one row each."""
        sums = self._sums(documents)
        lengths = np.sqrt(sums.terms[:, -1:] + SMOOTHING)
        totals: Floats = sums.terms[:, :-1] / lengths
        np.maximum(totals, sums.windows, out=totals)
        if "spam" in self._labels:
            self._add_authors(documents, sums.terms, totals)
        return totals, sums.beyond

    def pairs(self, hashes: features.Hashes) -> npt.NDArray[np.float32]:
        """Return the weights of neighboring tokens, one row per pair."""
        return taken(self._pair_weights, features.pairs(hashes[:-1], hashes[1:]))

    def discounts(
        self,
        kinds: negation.Kinds,
        starts: features.Indices,
        ends: features.Indices,
        quoted: Discounts,
    ) -> Discounts:
        """Return the places of denied and quoted tokens, and what they count."""
        if self._denied_share == 1:
            return np.zeros(0, np.int64), np.zeros(0)
        owners = np.unique(_owners(negation.candidates(kinds), starts))
        bounds = zip(starts[owners].tolist(), ends[owners].tolist(), strict=True)
        letters = kinds.tobytes()
        denied = [
            place
            for start, end in bounds
            for place in negation.denied(letters, start, end)
        ]
        return discounted_tokens(denied, self._denied_share, quoted)

    def weaken(
        self, terms: Floats, pairs: npt.NDArray[np.float32], discounts: Discounts
    ) -> None:
        """Let denied or quoted tokens and the pairs they end count for less, in place.

        For spam they count in full: an advertisement stays one between quotation marks.
        """
        places, shares = discounts
        factors = np.where(self._is_spam, 1.0, shares[:, None])
        terms[places, :-1] *= factors
        ending = places > 0  # the first token ends no pair
        pairs[places[ending] - 1] *= factors[ending].astype(np.float32)

    def _add_authors(
        self, documents: Sequence[Document], sums: Floats, totals: Floats
    ) -> None:
        """Let the author's name and address raise spam, but never lower it.

        Their words weigh what they weigh in a text: "cheap pills" as a name raises
        spam, a person's name does not.
        """
        if not any(d.author_name or d.author_url for d in documents):
            return
        words = [
            normalization.author_words(d.author_name, d.author_url) for d in documents
        ]
        counts = np.fromiter(map(len, words), np.int64, len(words))
        full = np.flatnonzero(counts)
        if not len(full):
            return
        table, ids = self._cache.find(words)
        starts = np.cumsum(counts[full]) - counts[full]
        added = np.add.reduceat(table.vectors[ids], starts, axis=0)
        column = self._labels.index("spam")
        whole = sums[full] + added
        spam = whole[:, column] / np.sqrt(whole[:, -1] + SMOOTHING)
        totals[full, column] = np.maximum(totals[full, column], spam)

    def _sums(self, documents: Sequence[Document]) -> _Sums:
        """Add up the vectors of each document's tokens and pairs."""
        texts = [legible(document.text) for document in documents]
        table, ids, counts = self._cache.cut(texts)
        has_network = self._network is not None
        sums = _Sums.empty(len(documents), len(self._labels), has_network)
        full = np.flatnonzero(counts)
        if not len(full):
            return sums
        ends = np.cumsum(counts[full])
        starts = ends - counts[full]
        quoting = _owners(np.flatnonzero(taken(table.quotes, ids)), starts)
        quoted = quoted_tokens(
            (texts[full[owner]], None, int(starts[owner]))
            for owner in np.unique(quoting).tolist()
        )
        kinds = taken(table.kinds, ids)
        sums.put(full, self._added(_Batch(table, ids, kinds, starts, ends, quoted)))
        spaced = full[_spaced(kinds, starts)].tolist()
        if spaced:
            sums.put(spaced, self._added(self._joined([texts[i] for i in spaced])))
        return sums

    def _joined(self, texts: Sequence[str]) -> _Batch:
        """Return the tokens of texts, with spaced-out words put together."""
        pieces = [self._reader.despaced(text) for text in texts]
        table, ids = self._cache.find([[t for t, _, _ in each] for each in pieces])
        ends = np.cumsum([len(tokens) for tokens in pieces])
        starts = np.concatenate([[0], ends[:-1]])
        quoted = quoted_tokens(
            (text, [(start, end) for _, start, end in each], first)
            for text, each, first in zip(texts, pieces, starts.tolist(), strict=True)
        )
        return _Batch(table, ids, taken(table.kinds, ids), starts, ends, quoted)

    def _added(self, batch: _Batch) -> _Sums:
        """Add up comments that have tokens."""
        starts = batch.starts
        terms = taken(batch.table.vectors, batch.ids)
        pairs = self.pairs(taken(batch.table.hashes, batch.ids))
        discounts = self.discounts(batch.kinds, starts, batch.ends, batch.quoted)
        if len(discounts[0]):
            self.weaken(terms, pairs, discounts)
        pairs[starts[1:] - 1] = 0  # no pair across two comments
        blocks = windows.WindowBlocks.of(starts, batch.ends)
        added = blocks.added(terms, pairs)
        sums: Floats = np.add.reduceat(added, blocks.firsts)
        best = np.full((len(starts), len(self._labels)), -np.inf)
        owners, totals = blocks.strongest(added, self.margins)
        best[owners] = totals
        if self._network is None:
            return _Sums(sums, best, None)
        rows = taken(batch.table.part_rows, batch.ids)
        rows[discounts[0]] = EMPTY  # the network doesn't see what is denied or quoted
        strongest = self._network.strongest(batch.table.parts, rows, starts, batch.ends)
        return _Sums(sums, best, self._network.log_odds(strongest))


def _owners(places: features.Indices, starts: features.Indices) -> features.Indices:
    """Return which comment each of the places lies in."""
    return np.searchsorted(starts, places, side="right") - 1


def _spaced(kinds: negation.Kinds, starts: features.Indices) -> features.Indices:
    """Return which comments have three tokens of one letter in a row."""
    places = negation.runs(kinds)
    owners = _owners(places, starts)
    return np.unique(owners[owners == _owners(places + 2, starts)])
