"""Explain scores by leaving words out, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.serving.explanation import MIN_SHARE, Span, trimmed
from classifiers.serving.weights import Floats
from classifiers.text import normalization

#: Parts of a comment that are left out in turn, at most: a comment is read so often.
MAX_PARTS = 32


@dataclass(frozen=True, kw_only=True)
class WordLosses:
    """The loss of a text's log-odds without each of its parts."""

    text: str
    #: first code point of each part, and the one after its last
    stretches: Sequence[tuple[int, int]]
    #: parts × labels, 0 or more
    losses: Floats

    def spans(self, column: int) -> list[Span]:
        """Return the parts without which a label's score is lower, in their order."""
        losses = self.losses[:, column]
        total = losses.sum()
        if not total:
            return []
        return [
            Span(start=first, end=last, share=float(loss / total))
            for (start, end), loss in zip(self.stretches, losses, strict=True)
            if loss / total >= MIN_SHARE
            for first, last in (trimmed(self.text, start, end),)
        ]


def leave_out(text: str, log_odds: Callable[[Sequence[str]], Floats]) -> WordLosses:
    """Score a text without each of its words; of a long one, several at once.

    Parameters
    ----------
    log_odds : scores texts, one column a label
    """
    bounds = normalization.spans(text)
    size = max(1, -(-len(bounds) // MAX_PARTS))
    parts = [bounds[place : place + size] for place in range(0, len(bounds), size)]
    stretches = [(part[0][0], part[-1][1]) for part in parts]
    without = [f"{text[:start]} {text[end:]}" for start, end in stretches]
    scored = log_odds([text, *without])
    return WordLosses(
        text=text,
        stretches=stretches,
        losses=np.maximum(scored[:1] - scored[1:], 0),
    )
