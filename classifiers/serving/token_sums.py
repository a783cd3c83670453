"""Add up what the tokens of comments say about each label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from classifiers.serving.document import Document
from classifiers.serving.network import EMPTY
from classifiers.serving.token_cache import TokenCache, TokenTable, taken
from classifiers.serving.weights import SMOOTHING, Floats, Weights
from classifiers.text import features, negation, normalization
from classifiers.text.token_reader import TokenReader

#: Sums by label, and what the network adds to the log-odds, if there is one.
Totals = tuple[Floats, Floats | None]

# Longer comments are added up like many.
_ONES = np.ones(512)


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
            self._weaken(terms, pairs, places)
        # A product with ones is the fastest sum, and as exact as any on the grid.
        sums: Floats = _ONES[: len(ids)].dot(terms)
        totals = sums[:-1]
        totals += _ONES[: len(pairs)].dot(pairs)
        totals /= math.sqrt(sums[-1] + SMOOTHING)
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
        width = len(self._labels)
        lengths = np.sqrt(sums[:, width : width + 1] + SMOOTHING)
        totals: Floats = sums[:, :width] / lengths
        if "spam" in self._labels:
            self._add_authors(documents, sums[:, : width + 1], totals)
        return totals, None if self._network is None else sums[:, width + 1 :]

    def pairs(self, hashes: features.Hashes) -> npt.NDArray[np.float32]:
        """Return the weights of neighboring tokens, one row per pair."""
        return taken(self._pair_weights, features.pairs(hashes[:-1], hashes[1:]))

    def denied(
        self, kinds: negation.Kinds, starts: features.Indices, ends: features.Indices
    ) -> features.Indices:
        """Return the places of denied tokens, each comment searched by itself."""
        if self._denied_share == 1:
            return np.zeros(0, np.int64)
        owners = np.unique(_owners(negation.candidates(kinds), starts))
        bounds = zip(starts[owners].tolist(), ends[owners].tolist(), strict=True)
        letters = kinds.tobytes()
        places = [
            place
            for start, end in bounds
            for place in negation.denied(letters, start, end)
        ]
        return np.array(places, np.int64)

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

    def _sums(self, documents: Sequence[Document]) -> Floats:
        """Add up the vectors of each document's tokens and pairs.

        With a network, its log-odds are in the last columns.
        """
        table, ids, counts = self._cache.cut([document.text for document in documents])
        network_width = 0 if self._network is None else len(self._labels)
        sums = np.zeros((len(documents), len(self._labels) + 1 + network_width))
        full = np.flatnonzero(counts)
        if not len(full):
            return sums
        ends = np.cumsum(counts[full])
        starts = ends - counts[full]
        batch = _Batch(table, ids, taken(table.kinds, ids), starts, ends)
        sums[full] = self._added(batch)
        spaced = full[_spaced(batch.kinds, starts)].tolist()
        if spaced:
            sums[spaced] = self._added(
                self._joined([documents[index].text for index in spaced])
            )
        return sums

    def _joined(self, texts: Sequence[str]) -> _Batch:
        """Return the tokens of texts, with spaced-out words put together."""
        split = [
            [token for token, _, _ in self._reader.despaced(text)] for text in texts
        ]
        table, ids = self._cache.find(split)
        ends = np.cumsum([len(tokens) for tokens in split])
        starts = np.concatenate([[0], ends[:-1]])
        return _Batch(table, ids, taken(table.kinds, ids), starts, ends)

    def _added(self, batch: _Batch) -> Floats:
        """Add up comments that have tokens."""
        starts = batch.starts
        terms = taken(batch.table.vectors, batch.ids)
        pairs = self.pairs(taken(batch.table.hashes, batch.ids))
        denied = self.denied(batch.kinds, starts, batch.ends)
        if len(denied):
            self._weaken(terms, pairs, denied)
        sums: Floats = np.add.reduceat(terms, starts)
        if len(pairs):
            pairs[starts[1:] - 1] = 0  # no pair across two comments
            # The last comment may be a word, which begins no pair.
            paired = starts[starts < len(pairs)]
            sums[: len(paired), :-1] += np.add.reduceat(pairs, paired, dtype=np.float64)
        if self._network is None:
            return sums
        rows = taken(batch.table.part_rows, batch.ids)
        rows[denied] = EMPTY  # the network doesn't see denied tokens
        strongest = self._network.strongest(batch.table.parts, rows, starts, batch.ends)
        return np.hstack([sums, self._network.log_odds(strongest)])

    def _weaken(
        self, terms: Floats, pairs: npt.NDArray[np.float32], denied: features.Indices
    ) -> None:
        """Let denied tokens and the pairs they end count for less, in place."""
        terms[denied, :-1] *= self._denied_share
        pairs[denied - 1] *= self._denied_share


def _owners(places: features.Indices, starts: features.Indices) -> features.Indices:
    """Return which comment each of the places lies in."""
    return np.searchsorted(starts, places, side="right") - 1


def _spaced(kinds: negation.Kinds, starts: features.Indices) -> features.Indices:
    """Return which comments have three tokens of one letter in a row."""
    places = negation.runs(kinds)
    owners = _owners(places, starts)
    return np.unique(owners[owners == _owners(places + 2, starts)])
