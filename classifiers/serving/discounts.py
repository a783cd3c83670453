"""Which tokens of comments count for less: those denied and those quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from classifiers.serving.weights import Floats
from classifiers.text.features import Indices
from classifiers.text.quotation import quotations

#: Places of tokens, and what each of them counts, 0 to 1.
Discounts = tuple[Indices, Floats]


def quoted_tokens(
    texts: Iterable[tuple[str, Sequence[Sequence[int]], int]],
) -> Discounts:
    """Return the quoted tokens of texts.

    Parameters
    ----------
    texts : each with its tokens' first code points and those after their last, and
        the place of its first token
    """
    shares: dict[int, float] = {}
    for text, spans, first in texts:
        starts, ends = np.array(spans).reshape(-1, 2).T
        for quotation in quotations(text):
            begin = np.searchsorted(ends, quotation.start, side="right")
            end = np.searchsorted(starts, quotation.end, side="left")
            places = range(first + int(begin), first + int(end))
            shares.update(dict.fromkeys(places, quotation.share))
    return np.array(list(shares), np.int64), np.array(list(shares.values()), float)


def discounted_tokens(
    denied: Sequence[int], denied_share: float, quoted: Discounts
) -> Discounts:
    """Return denied and quoted tokens; one that is both counts the smaller share."""
    if not len(quoted[0]):
        return np.array(denied, np.int64), np.full(len(denied), denied_share)
    shares = dict.fromkeys(denied, denied_share)
    for place, share in zip(quoted[0].tolist(), quoted[1].tolist(), strict=True):
        shares[place] = min(share, shares.get(place, 1.0))
    return np.array(list(shares), np.int64), np.array(list(shares.values()), float)
