"""Sums of stretches of long comments: padding does not outvote a threat or a link.

A comment's sum is divided by its length, so that much harmless text around a few words
hides them. Therefore each label takes the sum of the comment or, if it is larger, that
of its strongest window, lowered by a margin: of many windows one is strong by chance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classifiers.serving.weights import SMOOTHING, Floats
from classifiers.text.features import Indices

#: Tokens of a window, and how far the next one begins behind it.
WIDTH, STRIDE = 12, 6  # tokens
#: Shorter comments have no windows.
MIN_TOKENS = 24
#: How far a window's sum is lowered, in the inverse hyperbolic sine of the sum.
MARGIN = 0.25


def bounds(count: int) -> list[tuple[int, int]]:
    """Return where the windows of a comment begin and end, in tokens."""
    if count < MIN_TOKENS:
        return []
    starts = [*range(0, count - WIDTH, STRIDE), count - WIDTH]
    return [(start, start + WIDTH) for start in starts]


def lowered(totals: Floats) -> Floats:
    """Return the totals of windows, lowered by the margin."""
    lower: Floats = np.sinh(np.arcsinh(totals) - MARGIN)
    return lower


def totals_of(
    terms: Floats, pairs: npt.NDArray[np.float32], starts: Indices, ends: Indices
) -> Floats:
    """Return the totals of stretches, one row each, as `TokenSums` has of comments.

    Parameters
    ----------
    terms : of tokens, with their squared length in the last column
    pairs : of each token with the next
    starts, ends : where the stretches, of two tokens at least, lie
    """
    sums = _added(terms, starts, ends)
    totals: Floats = sums[:, :-1]
    totals += _added(pairs, starts, ends - 1)
    totals /= np.sqrt(sums[:, -1:] + SMOOTHING)
    return totals


def _added(rows: npt.NDArray[np.floating], starts: Indices, ends: Indices) -> Floats:
    # Every other sum is of what lies between two stretches.
    places = np.stack([starts, ends], axis=1).ravel()
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), rows.dtype)])
    sums: Floats = np.add.reduceat(padded, places, axis=0, dtype=np.float64)[::2]
    return sums


def strongest(
    terms: Floats, pairs: npt.NDArray[np.float32], starts: Indices, ends: Indices
) -> tuple[Indices, Floats]:
    """Return which comments have windows, and the largest totals of these.

    Parameters
    ----------
    starts, ends : where the tokens of each comment lie
    """
    counts = ends - starts
    owners = np.flatnonzero(counts >= MIN_TOKENS)
    if not len(owners):
        return owners, np.zeros((0, terms.shape[1] - 1))
    windows = [bounds(count) for count in counts[owners].tolist()]
    sizes = np.array([len(each) for each in windows])
    flat = np.array([window for each in windows for window in each], np.int64)
    flat += np.repeat(starts[owners], sizes)[:, None]
    totals = totals_of(terms, pairs, flat[:, 0], flat[:, 1])
    firsts = np.cumsum(sizes) - sizes
    return owners, lowered(np.maximum.reduceat(totals, firsts, axis=0))
