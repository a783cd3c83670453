"""Curves of a label: ROC, precision and recall, calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.threshold_targets import lower_bound

Floats = npt.NDArray[np.float64]

POINTS = 60  # of a curve that are kept, spread evenly over it
BINS = 10  # of probability, each a tenth wide


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Texts with nearly the same probability, and how many of them had the label."""

    predicted: float  #: their mean probability, 0 to 1
    n: int
    observed: float  #: share of them that has the label, 0 to 1
    low: float  #: of its range of 95%
    high: float


@dataclass(frozen=True, kw_only=True)
class Curves:
    """One label's curves; all coordinates are shares, 0 to 1."""

    roc: tuple[tuple[float, float], ...]  #: harmless held, harmful found
    precision: tuple[tuple[float, float], ...]  #: harmful found, right of what is held
    bins: tuple[Bin, ...]


def trace(target: Floats, score: Floats) -> Curves | None:
    """Return a label's curves; None where all texts are on one side.

    Parameters
    ----------
    target : 1 where the label holds, 0 where not, NaN where it is unknown
    score : probabilities of one model
    """
    is_known = ~np.isnan(target)
    target, score = target[is_known], score[is_known]
    if len(np.unique(target)) < 2:
        return None
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(target[order])
    last = np.append(ranked[1:] < ranked[:-1], True)  # of those with the same score
    harmful_held, held = hits[last], np.flatnonzero(last) + 1
    harmful, total = float(hits[-1]), len(target)
    recall = harmful_held / harmful
    alarms = (held - harmful_held) / (total - harmful)
    return Curves(
        roc=((0.0, 0.0), *_points(alarms, recall)),
        precision=_points(recall, harmful_held / held),
        bins=_bins(target, score),
    )


def _points(across: Floats, up: Floats) -> tuple[tuple[float, float], ...]:
    """Thin a curve out, evenly along both axes, keeping its ends."""
    length = np.cumsum(np.hypot(np.diff(across, prepend=0), np.diff(up, prepend=0)))
    steps = np.linspace(length[0], length[-1], POINTS)
    places = np.unique(np.minimum(np.searchsorted(length, steps), len(length) - 1))
    return tuple(
        (round(float(x), 4), round(float(y), 4))
        for x, y in zip(across[places], up[places], strict=True)
    )


def _bins(target: Floats, score: Floats) -> tuple[Bin, ...]:
    places = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    return tuple(
        _bin(target[places == place], score[places == place])
        for place in np.unique(places)
    )


def _bin(target: Floats, score: Floats) -> Bin:
    n, hits = len(target), int(target.sum())
    return Bin(
        predicted=round(float(score.mean()), 4),
        n=n,
        observed=round(hits / n, 4),
        low=round(lower_bound(hits, n) or 0.0, 4),
        high=round(1 - (lower_bound(n - hits, n) or 0.0), 4),
    )
