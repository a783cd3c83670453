"""Count right decisions on sentences of our own, by kind."""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.data.contrasts import collection
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer


@dataclass(frozen=True, kw_only=True)
class KindFigure:
    """The number of one kind's sentences that thresholds alone decide rightly."""

    #: whether the kind is harmful: then a sentence must be held, else it must not
    is_harmful: bool
    #: sentences, of templates that are never trained on
    n: int
    #: share of them that is decided rightly, 0 to 1
    right: float


def by_kind(scorer: Scorer) -> dict[str, KindFigure]:
    """Return kind → how often a scorer's own thresholds are right about it.

    A harmful sentence is held if any of its labels reaches its threshold; a harmless
    one must reach none.
    """
    thresholds = scorer.manifest["thresholds"]
    kinds = {kind.name: kind for kind in collection.kinds()}
    found = {}
    for name, examples in collection.held_out().items():
        rows = scorer.score_many([Document(text=e.text) for e in examples])
        is_harmful = any(kinds[name].labels.values())
        held = [
            any(row[label] >= thresholds[label]["review_at"] for label in row)
            for row in rows
        ]
        right = sum(is_held == is_harmful for is_held in held)
        if examples:
            found[name] = KindFigure(
                is_harmful=is_harmful, n=len(examples), right=right / len(examples)
            )
    return found
