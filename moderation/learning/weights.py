"""Weights and sources of training examples, as columns.

How much a training example weighs is set in `provenance`; here it is worked out.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.learning.provenance import (
    BATCH_WEIGHT,
    CAPS,
    CLOSE,
    PSEUDONYM_DIGITS,
    ROUNDS,
    SHOWN,
    WEIGHTS,
    Provenance,
    TrainingExample,
)

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_KINDS = tuple(Provenance)
_WORTH = np.array([WEIGHTS[kind] for kind in _KINDS])


class SourceNames:
    """Numbers values in order of appearance; each None gets a new number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._count = 0
        self._codes = array("i")

    def add(self, value: Hashable) -> None:
        """Add a value."""
        number = None if value is None else self._numbers.get(value)
        if number is None:
            number = self._count
            self._count += 1
            if value is not None:
                self._numbers[value] = number
        self._codes.append(number)

    @property
    def codes(self) -> Codes:
        """The number of each value."""
        return np.array(self._codes, np.int64)

    def by_code(self) -> dict[int, Hashable]:
        """Return the values that are not None by their numbers."""
        return {number: value for value, number in self._numbers.items()}


class ExampleWeights:
    """The source and weight of each training example."""

    def __init__(self, lessons: Iterable[TrainingExample] = ()) -> None:
        self.sources = {kind: SourceNames() for kind in CAPS}
        self._batches = SourceNames()
        self._is_batch = array("b")
        self._is_from_teach = array("b")
        self._kinds = array("b")
        self._sides: dict[tuple[str, bool], array[int]] = {}
        self._weights = array("d")
        for lesson in lessons:
            self.add(lesson)

    def __len__(self) -> int:
        return len(self._kinds)

    def add(self, lesson: TrainingExample) -> None:
        """Add an example."""
        for side in lesson.example.labels.items():
            self._sides.setdefault(side, array("i")).append(len(self))
        for kind, (of, _) in CAPS.items():
            self.sources[kind].add(of(lesson))
        self._batches.add(lesson.batch_id)
        self._is_batch.append(lesson.batch_id is not None)
        self._is_from_teach.append(lesson.is_from_teach)
        self._kinds.append(_KINDS.index(lesson.provenance))
        self._weights.append(lesson.example.weight)

    @property
    def given(self) -> Floats:
        """The weight that each example already has."""
        return np.array(self._weights)

    @property
    def kinds(self) -> Codes:
        """The provenance of each example, as an index into `Provenance`."""
        return np.array(self._kinds, np.int64)

    def are(self, kind: Provenance) -> npt.NDArray[np.bool_]:
        """Return which examples have a provenance."""
        is_kind: npt.NDArray[np.bool_] = self.kinds == _KINDS.index(kind)
        return is_kind

    @property
    def are_from_teach(self) -> npt.NDArray[np.bool_]:
        """Which examples came through the order `teach`."""
        return np.array(self._is_from_teach, bool)

    def weigh(self) -> Floats:
        """Return each example's weight: by provenance, then capped.

        A decision in bulk is split among its comments. Where a source weighs more in
        one side of a label (texts that have it, or that don't) than its cap, its
        examples there are lowered equally until it does not.
        """
        weights = self._before_caps(np.arange(len(self)))
        sides = [np.array(self._sides[side], np.int64) for side in sorted(self._sides)]
        codes = {kind: names.codes for kind, names in self.sources.items()}
        for _ in range(ROUNDS):
            factor = np.ones(len(self))
            for members in sides:
                total = float(weights[members].sum())
                for kind, (_, cap) in CAPS.items():
                    among = codes[kind][members]
                    sums = np.bincount(among, weights[members])
                    limit = max(cap.share * total, cap.floor)
                    lowered = np.minimum(1, limit / np.maximum(sums, limit))
                    factor[members] = np.minimum(factor[members], lowered[among])
            if factor.min(initial=1.0) > 1 - CLOSE:
                break
            weights = weights * factor
        return weights

    def _before_caps(self, places: Codes) -> Floats:
        """Return examples' weights before the caps."""
        worth: Floats = _WORTH[self.kinds[places]]
        batches = self._batches.codes[places]
        sizes = np.bincount(batches, minlength=1)[batches]
        is_batch = np.array(self._is_batch, bool)[places]
        return np.where(is_batch, np.minimum(worth, BATCH_WEIGHT / sizes), worth)

    def contributions(self, places: Codes, weights: Floats) -> dict[str, Any]:
        """Return the shares of sources in the weight of examples, as JSON.

        Moderators stand by their login, authors by the beginning of their keyed hash.

        Parameters
        ----------
        weights : of those examples
        """
        return {
            "provenance": self._by_provenance(places, weights),
            **{kind: self._heaviest(kind, places, weights) for kind in CAPS},
        }

    def _by_provenance(self, places: Codes, weights: Floats) -> dict[str, Any]:
        kinds, total = self.kinds[places], float(weights.sum()) or 1.0
        counts = np.bincount(kinds, minlength=len(_KINDS))
        sums = np.bincount(kinds, weights, len(_KINDS))
        return {
            kind.value: {"examples": int(n), "share": round(float(weight) / total, 4)}
            for kind, n, weight in zip(_KINDS, counts, sums, strict=True)
            if n
        }

    def _heaviest(
        self, kind: str, places: Codes, weights: Floats
    ) -> list[dict[str, Any]]:
        """Return the sources of a kind that weigh most."""
        if not len(places):
            return []
        names, codes = self.sources[kind].by_code(), self.sources[kind].codes[places]
        counts = np.bincount(codes)
        was, now = (
            np.bincount(codes, part) for part in (self._before_caps(places), weights)
        )
        total = float(weights.sum()) or 1.0
        order = np.argsort(-now, kind="stable").tolist()
        named = [code for code in order if names.get(code) and counts[code]]
        digits = PSEUDONYM_DIGITS if kind == "authors" else None
        return [
            {
                "name": str(names[code])[:digits],
                "examples": int(counts[code]),
                "share": round(float(now[code]) / total, 4),
                "is_capped": bool(now[code] < was[code] * (1 - CLOSE)),
            }
            for code in named[:SHOWN]
        ]
