"""Sums of stretches of long comments: padding does not outvote a threat or a link.

A comment's sum is divided by its length, so that much harmless text around a few words
hides them. Therefore each label takes the sum of the comment or, if it is larger, that
of its strongest window, lowered by a margin: of many windows one is strong by chance.

A long comment is cut into blocks; two blocks in a row are a window. A block has its
tokens' vectors, and the pairs that its tokens begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.serving.weights import SMOOTHING, Floats
from classifiers.text.features import Indices

#: Tokens of a block, two of which are a window.
BLOCK = 6
#: Shorter comments have no windows.
MIN_TOKENS = 24
#: How far a window's sum is lowered, in the inverse hyperbolic sine of the sum.
MARGIN = 0.35
#: The same for spam: readers cite sources amid long comments.
SPAM_MARGIN = 0.75


def margins(labels: Sequence[str]) -> Floats:
    """Return the margin of each label."""
    return np.array([SPAM_MARGIN if label == "spam" else MARGIN for label in labels])


def lowered(totals: Floats, margins: Floats) -> Floats:
    """Return the totals of windows, lowered by the labels' margins."""
    # sinh(asinh(x) - m), by the addition theorem.
    roots = np.sqrt(totals * totals + 1)
    lower: Floats = totals * np.cosh(margins) - roots * np.sinh(margins)
    return lower


def bounds(count: int) -> list[tuple[int, int]]:
    """Return where the windows of a comment begin and end, in tokens."""
    if count < MIN_TOKENS:
        return []
    starts = range(0, count - BLOCK, BLOCK)
    return [(start, min(start + 2 * BLOCK, count)) for start in starts]


def totals_of(sums: Floats) -> Floats:
    """Divide sums by the length of what was added up.

    Parameters
    ----------
    sums : one column a label, then the squared length
    """
    totals: Floats = sums[:, :-1] / np.sqrt(sums[:, -1:] + SMOOTHING)
    return totals


@dataclass(frozen=True)
class WindowBlocks:
    """The beginnings of comments' blocks, and the blocks of each comment."""

    starts: Indices
    #: first block of each comment
    firsts: Indices
    #: blocks of each comment
    counts: Indices

    @classmethod
    def of(cls, starts: Indices, ends: Indices) -> WindowBlocks:
        """Cut comments, of one token at least each, into blocks."""
        tokens = ends - starts
        counts = np.where(tokens < MIN_TOKENS, 1, -(-tokens // BLOCK))
        firsts = np.cumsum(counts) - counts
        within = np.arange(int(counts.sum())) - np.repeat(firsts, counts)
        return cls(np.repeat(starts, counts) + BLOCK * within, firsts, counts)

    def added(self, terms: Floats, pairs: npt.NDArray[np.float32]) -> Floats:
        """Add up each block.

        Parameters
        ----------
        terms : of tokens, with their squared length in the last column
        pairs : of each token with the next; 0 across two comments
        """
        sums: Floats = np.add.reduceat(terms, self.starts)
        # The last block may be of one word, which begins no pair.
        paired = self.starts[self.starts < len(pairs)]
        if len(paired):
            added = np.add.reduceat(pairs, paired, dtype=np.float64)
            sums[: len(paired), :-1] += added
        return sums

    def strongest(self, sums: Floats, margins: Floats) -> tuple[Indices, Floats]:
        """Return which comments have windows, and the largest totals of these.

        Parameters
        ----------
        sums : of the blocks
        margins : of the labels
        """
        owners = np.flatnonzero(self.counts > 1)
        if not len(owners):
            return owners, np.zeros((0, sums.shape[1] - 1))
        counts = self.counts[owners] - 1
        firsts = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum()))
        places += np.repeat(self.firsts[owners] - firsts, counts)
        totals = totals_of(sums[places] + sums[places + 1])
        return owners, lowered(np.maximum.reduceat(totals, firsts), margins)
