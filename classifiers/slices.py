"""Whether a candidate is worse for some: by length, by who is spoken of, by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers import text
from classifiers.datasets import Example
from classifiers.evaluation import Difference, differences, targets
from classifiers.figures import IDENTITIES

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Fewer examples of either side say nothing about a slice.
FEWEST = 30  # examples
#: Stands beside the labels: whether any of them holds, scored by the highest.
ANY = "any"
SHORT, MEDIUM = 10, 40  # words


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Both models on a part of the held-out examples."""

    #: what it is cut by: length, identity, section, language
    kind: str
    name: str
    label: str
    n: int
    positives: int
    auc: Difference
    brier: Difference


def measure(
    examples: Sequence[Example],
    labels: Sequence[str],
    before: Floats,
    after: Floats,
    told: Mapping[str, Sequence[str | None]],
) -> list[Slice]:
    """Measure both models on each slice that has examples enough of both sides.

    Parameters
    ----------
    before, after : probabilities of the active model and of the candidate, one row an
        example and one column a label
    told : kind → what each example is of that kind (its section, its language)
    """
    found = []
    columns = list(_columns(examples, labels, before, after))
    for kind, name, member in (*_by_text(examples), *_by_kind(told)):
        for label, target, old, new in columns:
            part = member & ~np.isnan(target)
            positives = int(target[part].sum())
            if min(positives, int(part.sum()) - positives) < FEWEST:
                continue
            area, error = differences(target[part], old[part], new[part])
            found.append(
                Slice(
                    kind=kind,
                    name=name,
                    label=label,
                    n=int(part.sum()),
                    positives=positives,
                    auc=area,
                    brier=error,
                )
            )
    return found


def _columns(
    examples: Sequence[Example], labels: Sequence[str], before: Floats, after: Floats
) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Yield each label with its targets and both models' scores, `ANY` first."""
    harmful = np.array([float(any(each.labels.values())) for each in examples])
    if len(labels) > 1:
        yield ANY, harmful, before.max(axis=1), after.max(axis=1)
    for column, label in enumerate(labels):
        yield label, targets(examples, label), before[:, column], after[:, column]


def _by_text(examples: Sequence[Example]) -> Iterator[tuple[str, str, Mask]]:
    words = [text.tokens(each.text) for each in examples]
    lengths = np.array([len(each) for each in words])
    yield "length", f"to {SHORT} words", lengths <= SHORT
    middle = (lengths > SHORT) & (lengths <= MEDIUM)
    yield "length", f"{SHORT + 1} to {MEDIUM} words", middle
    yield "length", f"over {MEDIUM} words", lengths > MEDIUM
    folded = [{word.lower() for word in each} for each in words]
    for term in IDENTITIES:
        yield "identity", term, np.array([term in each for each in folded], bool)


def _by_kind(
    told: Mapping[str, Sequence[str | None]],
) -> Iterator[tuple[str, str, Mask]]:
    for kind, values in told.items():
        for name in sorted({value for value in values if value is not None}):
            yield kind, name, np.array([value == name for value in values], bool)
