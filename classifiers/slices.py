"""Whether a candidate is worse for some: by length, by who is spoken of, by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers import text
from classifiers.evaluation import Difference, Known, Scored, differences
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


@dataclass(frozen=True)
class Facts:
    """What texts are cut by, beside what a site tells of them."""

    words: npt.NDArray[np.int64]  #: how many each text has
    #: whether each group of `IDENTITIES` is named; texts × groups
    named: Mask

    @classmethod
    def of(cls, texts: Iterable[str]) -> Facts:
        """Read texts, none of which is kept."""
        words, named = [], []
        for one in texts:
            tokens = text.tokens(one)
            words.append(len(tokens))
            folded = {word.lower() for word in tokens}
            named.append(np.fromiter((x in folded for x in IDENTITIES), bool))
        shape = (len(named), len(IDENTITIES))
        return cls(np.array(words, np.int64), np.array(named, bool).reshape(shape))

    def parts(self) -> Iterator[tuple[str, str, Mask]]:
        """Yield each part's kind and name, and which texts belong to it."""
        yield "length", f"to {SHORT} words", self.words <= SHORT
        middle = (self.words > SHORT) & (self.words <= MEDIUM)
        yield "length", f"{SHORT + 1} to {MEDIUM} words", middle
        yield "length", f"over {MEDIUM} words", self.words > MEDIUM
        for column, term in enumerate(IDENTITIES):
            yield "identity", term, self.named[:, column]


def measure(
    active: Scored,
    candidate: Scored,
    known: Known,
    is_harmful: Mask,
    facts: Facts,
    told: Mapping[str, Sequence[str | None]],
) -> list[Slice]:
    """Measure both models on each slice that has examples enough of both sides.

    Parameters
    ----------
    is_harmful : whether any label holds
    told : kind → what each example is of that kind (its section, its language)
    """
    found = []
    columns = list(_columns(active, candidate, known, is_harmful))
    for kind, name, member in (*facts.parts(), *_by_kind(told)):
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
    active: Scored, candidate: Scored, known: Known, is_harmful: Mask
) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Yield each label with its targets and both models' scores, `ANY` first."""
    labels = [label for label in active.labels if label in candidate.labels]
    pairs = [[each.of_label(label) for label in labels] for each in (active, candidate)]
    if len(labels) > 1:
        highest = [np.max(each, axis=0) for each in pairs]
        yield ANY, is_harmful.astype(np.float64), highest[0], highest[1]
    for label, old, new in zip(labels, *pairs, strict=True):
        yield label, known[label], old, new


def _by_kind(
    told: Mapping[str, Sequence[str | None]],
) -> Iterator[tuple[str, str, Mask]]:
    for kind, values in told.items():
        for name in sorted({value for value in values if value is not None}):
            yield kind, name, np.array([value == name for value in values], bool)
