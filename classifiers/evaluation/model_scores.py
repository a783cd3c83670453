"""The scores that a model gives to examples, and their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.data.datasets import Example
from classifiers.evaluation.ranking import Floats
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer

Targets = Mapping[str, Floats]  #: label → of each example, as `targets` returns them


@dataclass(frozen=True)
class ModelScores:
    """The scores that one model gives to examples."""

    version: str
    labels: tuple[str, ...]
    #: probabilities, one row per example and one column per label
    scores: Floats

    @classmethod
    def of(cls, scorer: Scorer, examples: Sequence[Example]) -> ModelScores:
        """Score examples."""
        return cls(scorer.version, scorer.labels, score_examples(scorer, examples))

    def row(self, place: int) -> dict[str, float]:
        """Return the probabilities of one example."""
        return dict(zip(self.labels, self.scores[place].tolist(), strict=True))

    def of_label(self, label: str) -> Floats:
        """Return the probabilities of one label."""
        return self.scores[:, self.labels.index(label)]


def document(example: Example) -> Document:
    """Return the part of an example that the scorer may see."""
    return Document(
        text=example.text,
        author_name=example.author_name,
        author_url=example.author_url,
        article_title=example.article_title,
    )


def score_examples(scorer: Scorer, examples: Sequence[Example]) -> Floats:
    """Return probabilities, one row per example and one column per label."""
    return scorer.probabilities([document(example) for example in examples])


def targets(examples: Sequence[Example], label: str) -> Floats:
    """Return 1 where the label holds, 0 where not, NaN where it is unknown."""
    return np.array([float(e.labels.get(label, np.nan)) for e in examples])
