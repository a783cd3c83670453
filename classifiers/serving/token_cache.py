"""A cache of token vectors that many threads read while one adds to it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.serving import discounts
from classifiers.serving.network import BEFORE, Network, Parts, seen
from classifiers.serving.vectorizer import Vectorizer
from classifiers.serving.weights import Floats, Weights
from classifiers.text import features, negation, normalization, tokens
from classifiers.text.token_reader import TokenReader

#: Distinct tokens whose vectors are kept. A full cache starts again empty.
MAX_TOKENS = 120_000  # about 70 MB with eight labels and a network, when full
#: The same for the length of these tokens together: some people write without spaces.
MAX_CHARACTERS = 4_000_000


@dataclass
class TokenTable:
    """Vectors of tokens by their spelling; only ever grows, then is replaced."""

    ids: dict[str, int]
    #: the same by the tokens' hashes, for many at a time
    rows: tokens.Rows
    #: one column per label, then the token's squared length
    vectors: Floats
    #: which of the parts below each token has; many spellings read alike
    part_rows: features.Indices
    #: what a token adds to the network's filters, after the first `network.BEFORE`
    parts: Parts
    #: words that the network sees → their row of parts
    part_ids: dict[Sequence[str], int]
    #: hash of the folded token, for pairs
    hashes: features.Hashes
    #: kind of the token, as in `negation`
    kinds: negation.Kinds
    #: whether the token may begin a quotation, or be a name like a rude word
    quotes: npt.NDArray[np.bool_]
    #: length of all tokens together
    characters: int = 0

    def reserve(self, count: int) -> None:
        """Make room for tokens, by their number with those that are stored."""
        if count > len(self.vectors):
            room = max(1024, 2 * count)
            self.vectors = _grown(self.vectors, room)
            self.hashes = _grown(self.hashes, room)
            self.kinds = _grown(self.kinds, room)
            self.quotes = _grown(self.quotes, room)
            self.part_rows = _grown(self.part_rows, room)

    def rows_of_parts(
        self, network: Network, words: Sequence[tuple[str, ...]]
    ) -> list[int]:
        """Return the rows of parts of tokens, after adding those that are missing.

        Parameters
        ----------
        words : of each token, with its marks
        """
        keys = [tuple(seen(token)) for token in words]
        first = BEFORE + len(self.part_ids)
        fresh = [key for key in dict.fromkeys(keys) if key not in self.part_ids]
        if fresh:
            end = first + len(fresh)
            if end > self.parts.shape[1]:
                places, _, filters = self.parts.shape
                room = max(1024, 2 * end)
                larger = np.zeros((places, room, filters), self.parts.dtype)
                larger[:, : self.parts.shape[1]] = self.parts
                self.parts = larger
            self.parts[:, first:end] = network.parts(fresh)
            self.part_ids.update(zip(fresh, range(first, end), strict=True))
        return [self.part_ids[key] for key in keys]


class TokenCache:
    """Find tokens in a table, and add those that are missing.

    A table is read without a lock: what a reader has found in it stays there, even if
    a new table has replaced it since.
    """

    def __init__(self, weights: Weights, reader: TokenReader) -> None:
        self._network = weights.network
        self._label_count = len(weights.slope)
        self._reader = reader
        self._vectorizer = Vectorizer(weights)
        self._lock = threading.Lock()
        self.table = self._new_table()

    def find(
        self, split: Sequence[list[str]], hashes: features.Hashes | None = None
    ) -> tuple[TokenTable, features.Indices]:
        """Return a table that holds all tokens, and their places in it.

        Parameters
        ----------
        hashes : of all tokens, from `tokens.cut`, if there are any
        """
        table = self.table
        try:
            return table, _looked_up(table.ids, split)
        except KeyError:
            table = self._learn(list(chain.from_iterable(split)), hashes)
            return table, _looked_up(table.ids, split)

    def cut(
        self, texts: Sequence[str]
    ) -> tuple[TokenTable, features.Indices, features.Indices]:
        """Return a table, the places of the texts' tokens, and each text's count."""
        cut = tokens.cut(texts)
        table = self.table
        if cut is None:
            split = [normalization.tokens(text) for text in texts]
            counts = np.fromiter(map(len, split), np.int64, len(split))
            return (*self.find(split), counts)
        ids = table.rows.find(cut.hashes)
        missing = np.flatnonzero(ids < 0)
        if len(missing):
            newest, places = self.find([cut.tokens(missing)], cut.hashes[missing])
            if newest is not table:  # it was full: the places are of another
                everything = np.arange(len(ids))
                return (*self.find([cut.tokens(everything)]), cut.counts)
            ids[missing] = places
        return table, ids, cut.counts

    def _learn(
        self, spellings: list[str], hashes: features.Hashes | None
    ) -> TokenTable:
        if hashes is None:
            spellings = list(dict.fromkeys(spellings))
            hashes = tokens.hashes(spellings)
        by_spelling = dict(zip(spellings, hashes.tolist(), strict=True))
        with self._lock:
            table = self.table
            fresh = {t: h for t, h in by_spelling.items() if t not in table.ids}
            if not fresh:  # Another thread was first.
                return table
            characters = table.characters + sum(map(len, fresh))
            if len(table.ids) + len(fresh) > MAX_TOKENS or characters > MAX_CHARACTERS:
                self.table = table = self._new_table()
                fresh = by_spelling
            self._append(table, list(fresh), np.array([*fresh.values()], np.uint64))
            return table

    def _new_table(self) -> TokenTable:
        network = self._network
        parts = np.zeros((0, 0, 0), np.int16) if network is None else network.before()
        return TokenTable(
            ids={},
            rows=tokens.Rows(),
            vectors=np.zeros((0, self._label_count + 1)),
            part_rows=np.zeros(0, np.int64),
            parts=parts,
            part_ids={},
            hashes=np.zeros(0, dtype=np.uint64),
            kinds=np.zeros(0, dtype=np.uint8),
            quotes=np.zeros(0, dtype=bool),
        )

    def _append(
        self, table: TokenTable, fresh: list[str], row_hashes: features.Hashes
    ) -> None:
        """Add tokens; the spelling comes last, so that no reader finds half of one."""
        words = self._reader.read(fresh)
        vectors, hashes = self._vectorizer.vectors(words)
        kinds = "".join(map(negation.kind, fresh)).encode()
        first = len(table.ids)
        end = first + len(fresh)
        table.reserve(end)
        part = slice(first, end)
        table.vectors[part], table.hashes[part] = vectors, hashes
        table.kinds[part] = np.frombuffer(kinds, np.uint8)
        table.quotes[part] = [discounts.may_have(token) for token in fresh]
        if self._network is not None:
            table.part_rows[part] = table.rows_of_parts(self._network, words)
        table.characters += sum(map(len, fresh))
        table.ids.update(zip(fresh, range(first, end), strict=True))
        if end <= tokens.ROOM:
            table.rows.add(row_hashes, np.arange(first, end))


def taken(array: npt.NDArray[Any], places: features.Indices) -> npt.NDArray[Any]:
    """Return rows of an array; without checks of bounds this is five times as fast."""
    return array.take(places, axis=0, mode="clip")


def _looked_up(ids: dict[str, int], split: Sequence[list[str]]) -> features.Indices:
    spellings = list(chain.from_iterable(split))
    return np.fromiter(map(ids.__getitem__, spellings), np.int64, len(spellings))


def _grown(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    larger = np.zeros((room, *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
