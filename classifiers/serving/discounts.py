"""Tokens of comments with less weight: those denied, quoted, or names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter

import numpy as np

from classifiers.serving.weights import Floats
from classifiers.text import person_names, quotation
from classifiers.text.features import Indices
from classifiers.text.quotation import quotations

#: What a name counts that is spelled like a rude word, 0 to 1.
NAME_SHARE = 0.125
#: Such names of one comment that are read.
MAX_NAMES = 50

#: Places of tokens, and what each of them counts, 0 to 1.
Discounts = tuple[Indices, Floats]


_start_of, _end_of = itemgetter(0), itemgetter(1)


def quoted_tokens(
    texts: Iterable[tuple[str, Sequence[Sequence[int]] | None, int]],
) -> Discounts:
    """Return the tokens of texts that are quoted, or names like rude words.

    Parameters
    ----------
    texts : each with its tokens' first code points and those after their last, and
        the place of its first token; None: the tokens are those between white space
    """
    shares: dict[int, float] = {}
    for text, spans, first in texts:
        names = [
            (start, end, NAME_SHARE) for start, end in person_names.stretches(text)
        ]
        quoted = [(q.start, q.end, q.share) for q in quotations(text)]
        for start, end, share in (*names[:MAX_NAMES], *quoted):
            if spans is None:
                begin, stop = _tokens_between(text, start, end)
            else:
                begin = bisect_right(spans, start, key=_end_of)
                stop = bisect_left(spans, end, key=_start_of)
            places = range(first + begin, first + stop)
            shares.update(dict.fromkeys(places, share))
    return np.array(list(shares), np.int64), np.array(list(shares.values()), float)


def may_have(token: str) -> bool:
    """Return whether a comment with this token may have a quotation or such a name."""
    return quotation.may_begin(token) or person_names.may_be(token)


def _tokens_between(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the first token that lies in a stretch, and the one after the last."""
    begin = len(text[:start].split())
    is_inside = start > 0 and not text[start - 1].isspace()
    return begin - is_inside, len(text[:end].split())


def discounted_tokens(
    denied: Sequence[int], denied_share: float, quoted: Discounts
) -> Discounts:
    """Return denied and quoted tokens; one that is both counts the smaller share."""
    if not len(quoted[0]):
        return np.array(denied, np.int64), np.full(len(denied), denied_share)
    places = np.concatenate([np.array(denied, np.int64), quoted[0]])
    shares = np.concatenate([np.full(len(denied), denied_share), quoted[1]])
    distinct, inverse = np.unique(places, return_inverse=True)
    least = np.ones(len(distinct))
    np.minimum.at(least, inverse, shares)
    return distinct, least
