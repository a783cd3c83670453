"""Training data of each label: targets, weights, and sources of examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import Example, held_out
from classifiers.data.teacher_labels import SoftLabels
from classifiers.errors import BadExample
from classifiers.evaluation.model_scores import Targets, targets
from classifiers.text import features
from classifiers.text.labels import LABELS
from classifiers.training.recipes import Recipe

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Sources that share an intercept, as one of them has no harmless texts.
POOLS = {"civil_toxic_spans": "civil_toxic"}
#: Fewer examples of either side cannot train a label.
MIN_EXAMPLES = 20


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """Examples with the targets of the labels that are fitted to them."""

    examples: Sequence[Example]
    #: label → 1, 0, or NaN where it is unknown, in the order of the weights' columns
    targets: Targets
    #: the examples that shape no weight
    is_held_out: Mask

    @classmethod
    def of(cls, examples: Sequence[Example], labels: Sequence[str]) -> Supervision:
        """Hold a tenth of the examples out; see `datasets.held_out`."""
        return cls(
            examples=examples,
            targets={label: targets(examples, label) for label in labels},
            is_held_out=np.array(held_out(examples)),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are fitted."""
        return tuple(self.targets)

    @cached_property
    def texts(self) -> list[str]:
        """The texts of all examples."""
        return [example.text for example in self.examples]

    def harmful(self) -> npt.NDArray[np.float32]:
        """Return 1 for each toxic text to learn from, 0 for the others."""
        toxicity = self.targets.get("toxicity", np.zeros(len(self.is_held_out)))
        return np.where(self.is_held_out, 0, toxicity == 1).astype(np.float32)

    def held_out(self) -> Supervision:
        """Return the held-out examples by themselves."""
        places = np.flatnonzero(self.is_held_out)
        return Supervision(
            examples=[self.examples[place] for place in places.tolist()],
            targets={label: target[places] for label, target in self.targets.items()},
            is_held_out=np.ones(len(places), bool),
        )

    def sources(self, label: str) -> features.Indices:
        """Return the number of each example's source, for the intercepts.

        Spam and harmless comments come from different places: an intercept for each
        place would absorb all there is to learn, so they share one.
        """
        names = [
            "" if label == "spam" else POOLS.get(e.source, e.source)
            for e in self.examples
        ]
        numbers = {name: number for number, name in enumerate(sorted(set(names)))}
        return np.array([numbers[name] for name in names])

    def softened(
        self, label: str, recipe: Recipe, soft: SoftLabels | None
    ) -> tuple[Floats, Floats]:
        """Return targets, moved towards the teacher's, and each example's weight."""
        target = self.targets[label]
        counts = recipe.spam_weights if label == "spam" else recipe.source_weights
        weight = np.array([e.weight * counts.get(e.source, 1.0) for e in self.examples])
        if label == "spam":
            return target, weight * self._rare_ham(target, recipe)
        if soft is None:
            return target, weight
        taught = soft.of(self.texts, label)
        taught[[e.source in recipe.untaught for e in self.examples]] = np.nan
        share = recipe.teacher_share
        both = share * taught + (1 - share) * target
        softened = np.where(np.isnan(both), target, both)
        alone = np.isnan(target) & ~np.isnan(taught)
        softened[alone] = taught[alone]
        weight[alone] *= recipe.teacher_alone
        return softened, weight

    def _rare_ham(self, target: Floats, recipe: Recipe) -> Floats:
        """Let the few harmless texts of a spammy source count for more."""
        return np.array(
            [
                recipe.ham_weights.get(e.source, 1.0) if truth == 0 else 1.0
                for e, truth in zip(self.examples, target, strict=True)
            ]
        )


def trainable(examples: Sequence[Example], recipe: Recipe) -> tuple[str, ...]:
    """Return the labels of a recipe that have enough examples of both sides.

    Raises
    ------
    BadExample
        If there is none.
    """
    labels = []
    for label in recipe.labels or LABELS:
        values = [e.labels[label] for e in examples if label in e.labels]
        if min(sum(values), len(values) - sum(values)) >= MIN_EXAMPLES:
            labels.append(label)
    if not labels:
        raise BadExample("no label has examples enough of both sides")
    return tuple(labels)
