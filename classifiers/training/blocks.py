"""Texts in blocks of sparse matrices, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers.text import features
from classifiers.training.corpus import Corpus, Sparse
from classifiers.training.memmap import Array, Spill

Single = npt.NDArray[np.float32]
Result = TypeVar("Result")

#: Texts of a block: few enough to be read in one go.
BLOCK_TEXTS = 16_384
#: Blocks that are worked on at the same time; NumPy and SciPy let other threads run.
THREADS = 2


@dataclass(frozen=True)
class Block:
    """Some texts, as of a `Corpus`."""

    start: int  #: place of its first text among all
    words: Sparse
    ngrams: Sparse
    pairs: Sparse

    @property
    def places(self) -> slice:
        """Where its texts are among all."""
        return slice(self.start, self.start + self.words.shape[0])

    def sums(self, rows: Single, pairs: Single) -> Single:
        """Return what each text's words and pairs add up to."""
        sums: Single = self.words @ (self.ngrams @ rows) + self.pairs @ pairs
        return sums

    def back(self, push: Single) -> tuple[Single, Single]:
        """Return what a push at each text is at each weight."""
        return self.ngrams.T @ (self.words.T @ push), self.pairs.T @ push

    def squared(self) -> Block:
        """Return it with each entry squared."""
        squares = [matrix.power(2) for matrix in (self.words, self.ngrams, self.pairs)]
        return Block(self.start, *squares)


class Blocks:
    """Blocks of texts, renumbered by what occurs in them.

    Few stay in memory, many lie on disk; see `memmap`.
    """

    def __init__(self) -> None:
        self._spill = Spill()
        self._shapes: list[tuple[int, int, int]] = []  # start, texts, words
        self._is_used = (
            np.zeros(1 << features.BITS, bool),
            np.zeros(1 << features.PAIR_BITS, bool),
        )
        self._texts = 0

    def add(self, corpus: Corpus) -> None:
        """Take the next texts."""
        matrices = corpus.words, corpus.ngrams, corpus.pairs
        for used, matrix in zip(self._is_used, matrices[1:], strict=True):
            used[matrix.indices] = True
        self._spill.add([part for matrix in matrices for part in _parts(matrix)])
        self._shapes.append((self._texts, *corpus.words.shape))
        self._texts += corpus.words.shape[0]

    def __len__(self) -> int:
        return self._texts

    @property
    def used(self) -> tuple[features.Indices, features.Indices]:
        """The hashed rows and pairs that occur: what `Block`'s columns stand for."""
        rows, pairs = (np.flatnonzero(used) for used in self._is_used)
        return rows, pairs

    @contextmanager
    def mapped(
        self,
    ) -> Iterator[Callable[[Callable[[Block], Result]], Iterator[Result]]]:
        """Give a function that does something with each block, in their order.

        Two blocks are worked on at the same time.
        """
        numbers = [np.cumsum(used, dtype=np.int32) - 1 for used in self._is_used]
        widths = [int(used.sum()) for used in self._is_used]
        kept = {} if self._spill.is_on_disk else dict(self._all(numbers, widths))

        def get(place: int) -> Block:
            return kept.get(place) or self._block(place, numbers, widths)

        with ThreadPoolExecutor(THREADS) as pool:

            def over(do: Callable[[Block], Result]) -> Iterator[Result]:
                if len(self._shapes) == 1:
                    return iter([do(get(0))])
                places = range(len(self._shapes))
                return pool.map(lambda place: do(get(place)), places)

            yield over

    def _all(
        self, numbers: Sequence[Array], widths: Sequence[int]
    ) -> Iterator[tuple[int, Block]]:
        for place in range(len(self._shapes)):
            yield place, self._block(place, numbers, widths)

    def _block(
        self, place: int, numbers: Sequence[Array], widths: Sequence[int]
    ) -> Block:
        start, texts, words = self._shapes[place]
        arrays = self._spill.get(place)
        return Block(
            start,
            _matrix(arrays[0], arrays[1], arrays[2], (texts, words)),
            _matrix(arrays[3], numbers[0][arrays[4]], arrays[5], (words, widths[0])),
            _matrix(arrays[6], numbers[1][arrays[7]], arrays[8], (texts, widths[1])),
        )


def _parts(matrix: Sparse) -> list[Array]:
    """Return a matrix's arrays in SciPy's canonical order.

    Otherwise SciPy would bring them into it in place, once a fit: the columns, which
    are renumbered each time, apart from the values, which are not.
    """
    ordered = matrix.copy()
    ordered.sum_duplicates()
    return [
        ordered.data.astype(np.float32),
        ordered.indices.astype(np.int32),
        ordered.indptr.astype(np.int32),
    ]


def _matrix(data: Array, columns: Array, bounds: Array, shape: tuple[int, int]) -> Any:
    return sp.csr_matrix((data, columns, bounds), shape=shape)
