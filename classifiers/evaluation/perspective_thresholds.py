"""Carry thresholds over from another service's scores of the same texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.errors import ClassifierError

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

MIN_TEXTS = 50  # texts with a score of both; fewer say nothing about a threshold
SHARE_FITTED = 0.5  # of the texts; the figures come from the others


class TooFewTexts(ClassifierError):
    """There are too few texts with scores of both services."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One threshold of the other service, and its counterpart here."""

    theirs: float  #: 0 to 1, as it was
    ours: float  #: 0 to 1; over 1 if none of our scores reaches it
    held_theirs: int  #: texts of the held-out half at or over theirs
    held_ours: int  #: texts of the held-out half at or over ours
    held_both: int


@dataclass(frozen=True, kw_only=True)
class LabelMapping:
    """A monotone mapping from our scores of one label to the other service's."""

    label: str
    texts: int
    held_out: int
    rank_correlation: float  #: Spearman's, -1 to 1, on the held-out half
    mean_error: float  #: mean absolute difference after the mapping, 0 to 1
    knots: list[tuple[float, float]]  #: ours to theirs, both rising
    carried: list[Carried]


def fit(
    label: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    thresholds: Sequence[float],
    *,
    seed: int = 0,
) -> LabelMapping:
    """Fit a mapping on one half of the texts, and try it on the other.

    Isotonic regression: the best monotone fit by least squares (Barlow et al.,
    Statistical Inference under Order Restrictions, 1972). It says which of our scores
    means what theirs meant, and nothing about which of the two is right.

    Parameters
    ----------
    ours, theirs
        Scores of the same texts, 0 to 1.
    thresholds
        Of the other service, 0 to 1.

    Raises
    ------
    TooFewTexts
        If there are fewer than 50.
    """
    from scipy import stats

    if len(ours) < MIN_TEXTS:
        raise TooFewTexts(f"{label}: {len(ours)} texts; {MIN_TEXTS} are needed")
    x, y = np.asarray(ours, float), np.asarray(theirs, float)
    fitted, held = halves(len(x), seed)
    knots = fit_knots(x[fitted], y[fitted])
    mapped = np.interp(x[held], *np.array(knots).T)
    varies = bool(np.ptp(x[held]) and np.ptp(y[held]))
    rank = stats.spearmanr(x[held], y[held]).statistic if varies else 0.0
    return LabelMapping(
        label=label,
        texts=len(x),
        held_out=len(held),
        rank_correlation=float(np.nan_to_num(rank)),
        mean_error=float(np.abs(mapped - y[held]).mean()),
        knots=knots,
        carried=[_carry(cut, knots, x[held], y[held]) for cut in thresholds],
    )


def halves(count: int, seed: int = 0) -> tuple[Places, Places]:
    """Return the places of the texts that a mapping is fitted on, and of the others."""
    order = np.random.default_rng(seed).permutation(count)
    cut = int(count * SHARE_FITTED)
    return order[:cut], order[cut:]


def fit_knots(ours: Floats, theirs: Floats) -> list[tuple[float, float]]:
    """Return the mapping of `fit`: ours to theirs, both rising; a line in between."""
    from sklearn.isotonic import IsotonicRegression

    mapping = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    mapping.fit(ours, theirs)
    knots = (mapping.X_thresholds_.tolist(), mapping.y_thresholds_.tolist())
    return list(zip(*knots, strict=True))


def carry(threshold: float, knots: Sequence[tuple[float, float]]) -> float:
    """Return our lowest score that is mapped to a threshold of theirs or over it.

    Infinite, if no score is.
    """
    cut = next((x for x, y in knots if y >= threshold), float("inf"))
    before = [(x, y) for x, y in knots if x < cut]
    if before and np.isfinite(cut):  # between two knots the mapping is a line
        (low_x, low_y), high_y = before[-1], dict(knots)[cut]
        cut = low_x + (cut - low_x) * (threshold - low_y) / (high_y - low_y)
    return float(cut)


def _carry(
    threshold: float, knots: Sequence[tuple[float, float]], ours: Floats, theirs: Floats
) -> Carried:
    cut = carry(threshold, knots)
    return Carried(
        theirs=threshold,
        ours=cut,
        held_theirs=int((theirs >= threshold).sum()),
        held_ours=int((ours >= cut).sum()),
        held_both=int(((theirs >= threshold) & (ours >= cut)).sum()),
    )


def table(mapping: LabelMapping) -> list[str]:
    """Return the report of one label as lines to read."""
    lines = [
        f"{mapping.label}: {mapping.texts} texts, "
        f"fitted on {mapping.texts - mapping.held_out}, "
        f"tried on {mapping.held_out}; "
        f"rank correlation {mapping.rank_correlation:.2f}, "
        f"mean error after mapping {mapping.mean_error:.3f}",
        f"  {'theirs':>8}{'ours':>8}{'held by theirs':>16}{'by ours':>9}{'by both':>9}",
    ]
    for carried in mapping.carried:
        ours = f"{carried.ours:.3f}" if np.isfinite(carried.ours) else "none"
        lines.append(
            f"  {carried.theirs:>8.2f}{ours:>8}{carried.held_theirs:>16}"
            f"{carried.held_ours:>9}{carried.held_both:>9}"
        )
    return lines


def summary(mappings: Mapping[str, LabelMapping]) -> dict[str, object]:
    """Return all mappings as JSON, for a file."""
    return {
        label: {
            "texts": mapping.texts,
            "rank_correlation": mapping.rank_correlation,
            "mean_error": mapping.mean_error,
            "knots": mapping.knots,
            "thresholds": {
                f"{carried.theirs:g}": carried.ours
                for carried in mapping.carried
                if np.isfinite(carried.ours)
            },
        }
        for label, mapping in mappings.items()
    }
