"""Hold thresholds under which the load, or the misses, are as they were.

All thresholds move together, by the same log-odds, so that labels keep the balance that
the site has chosen. What remains is one number, the shift, and the load and the misses
follow it. Errors are percentile intervals of the bootstrap: each resample has its own
baseline and shift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.policy.thresholds import Threshold
from moderation.statistics import ConfidenceInterval

RESAMPLES = 200  # for an interval of 95%: 5 of them are beyond each of its ends
SEED = 20261130  # the same comments, the same intervals
MIN_COMMENTS = 100
MIN_REJECTED = 30  # fewer say little about misses
DIGITS = 6  # as scores have
STEP = 10.0**-DIGITS
FAR = 40.0  # log-odds: further than any score is from a threshold

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class ScoredRows:
    """Replayed comments, a row each."""

    labels: Sequence[str]
    start: Floats  #: each label's hold threshold that is moved, 0 to 1; 0 and 1 stay
    scores: Floats  #: a column each label, 0 to 1; 0 where there are none
    is_held: Mask  #: at any hold thresholds
    is_missed: Mask  #: would be approved at any
    is_open: Mask  #: the hold thresholds decide
    is_harmful: Mask  #: rejected then

    def take(self, rows: Mask) -> ScoredRows:
        """Return some of the rows."""
        return ScoredRows(
            labels=self.labels,
            start=self.start,
            scores=self.scores[rows],
            is_held=self.is_held[rows],
            is_missed=self.is_missed[rows],
            is_open=self.is_open[rows],
            is_harmful=self.is_harmful[rows],
        )

    @property
    def has_enough_rejected(self) -> bool:
        """Whether the misses are known."""
        return int(self.is_harmful.sum()) >= MIN_REJECTED


@dataclass(frozen=True, kw_only=True)
class LoadAndMisses:
    """Shares of comments that are held, and of rejected ones that are not."""

    held: ConfidenceInterval
    missed: ConfidenceInterval | None  #: None: too few were rejected


@dataclass(frozen=True, kw_only=True)
class MatchedThresholds:
    """Hold thresholds under which the load, or the misses, are as they were."""

    is_met: bool  #: False: it can't be reached by hold thresholds alone
    review_at: dict[str, ConfidenceInterval]
    effect: LoadAndMisses


class _ShiftedRows:
    """Rows by the shift up to which a label holds them."""

    def __init__(self, rows: ScoredRows) -> None:
        self.rows, self._start = rows, rows.start
        start = rows.start
        self._moves = (start > 0) & (start < 1)
        levels = _log_odds(rows.scores) - _log_odds(start)
        levels = np.where(self._moves, levels, -FAR)
        is_always_held = np.any((rows.scores >= start) & ~self._moves, axis=1)
        #: of each row, the greatest shift at which it is held
        self.levels: Floats = levels.max(axis=1, initial=-FAR)
        self.levels[is_always_held] = FAR

    def cuts(self, shift: float) -> Floats:
        """Return the thresholds of a shift."""
        moved = 1 / (1 + np.exp(-(_log_odds(self._start) + shift)))
        moved = np.clip(np.round(moved, DIGITS), STEP, 1.0)
        cuts: Floats = np.where(self._moves, moved, self._start)
        return cuts

    def shift_of_load(self, places: Ints, share: float) -> tuple[float, bool]:
        """Return the least shift at which at most a share is held."""
        rows = self.rows
        allowed = int(share * len(places) + 1e-9) - int(rows.is_held[places].sum())
        levels = self.levels[places[rows.is_open[places]]]
        return _shift_over(levels, max(0, allowed)), allowed >= 0

    def shift_of_misses(self, places: Ints, share: float) -> tuple[float, bool]:
        """Return the greatest shift that misses at most a share of rejections."""
        rows = self.rows
        harmful = places[rows.is_harmful[places]]
        allowed = int(share * len(harmful) + 1e-9) - int(rows.is_missed[harmful].sum())
        levels = self.levels[harmful[rows.is_open[harmful]]]
        return -_shift_over(-levels, max(0, allowed)), allowed >= 0

    def shares(self, places: Ints, shift: float) -> tuple[float, float]:
        """Return the shares of comments held and of rejected ones missed."""
        rows = self.rows
        is_over = self.levels[places] >= shift
        is_open = rows.is_open[places]
        held = rows.is_held[places] | (is_open & is_over)
        missed = rows.is_missed[places] | (is_open & ~is_over)
        return _shares(held, missed, rows.is_harmful[places])


def _log_odds(scores: Floats) -> Floats:
    inner = np.clip(scores, STEP / 2, 1 - STEP / 2)
    odds: Floats = np.log(inner / (1 - inner))
    return odds


def _shift_over(levels: Floats, allowed: int) -> float:
    """Return a shift over which are at most so many levels, as far down as may be.

    Halfway between two levels, so that rounding changes nothing.
    """
    if allowed >= len(levels):
        return -FAR
    below = float(np.partition(levels, -allowed - 1)[-allowed - 1])
    above = levels[levels > below]
    return (below + float(above.min())) / 2 if len(above) else below + 2 * STEP


def _shares(held: Mask, missed: Mask, is_harmful: Mask) -> tuple[float, float]:
    count = int(is_harmful.sum())
    misses = int((missed & is_harmful).sum())
    return float(held.mean()), misses / count if count else 0.0


def _places(count: int) -> Iterator[Ints]:
    """Yield all rows, and then the rows of each resample."""
    draw = np.random.default_rng(SEED)
    yield np.arange(count)
    for _ in range(RESAMPLES):
        yield draw.integers(0, count, count)


def measure(rows: ScoredRows, is_held: Mask, is_missed: Mask) -> LoadAndMisses:
    """Return the load and the misses of what was or would be, with their errors."""
    found = [
        _shares(is_held[places], is_missed[places], rows.is_harmful[places])
        for places in _places(len(is_held))
    ]
    return _effect(rows, found)


def match_load(rows: ScoredRows, is_held: Mask) -> MatchedThresholds:
    """Return thresholds that hold as many comments as were held.

    Parameters
    ----------
    is_held
        Of each row, whether the one to be matched held it.
    """
    shifted = _ShiftedRows(rows)
    found = []
    for places in _places(len(is_held)):
        shift, is_met = shifted.shift_of_load(places, float(is_held[places].mean()))
        found.append((shift, is_met, shifted.shares(places, shift)))
    return _matched(shifted, found)


def match_misses(rows: ScoredRows, is_missed: Mask) -> MatchedThresholds:
    """Return thresholds that miss as many rejected comments as were missed."""
    shifted = _ShiftedRows(rows)
    found = []
    for places in _places(len(is_missed)):
        harmful = places[rows.is_harmful[places]]
        share = float(is_missed[harmful].mean()) if len(harmful) else 0.0
        shift, is_met = shifted.shift_of_misses(places, share)
        found.append((shift, is_met, shifted.shares(places, shift)))
    return _matched(shifted, found)


def _matched(
    shifted: _ShiftedRows, found: Sequence[tuple[float, bool, tuple[float, float]]]
) -> MatchedThresholds:
    cuts = np.array([shifted.cuts(shift) for shift, _, _ in found])
    rows = shifted.rows
    return MatchedThresholds(
        is_met=found[0][1],
        review_at={
            label: _interval(cuts[:, column])
            for column, label in enumerate(rows.labels)
        },
        effect=_effect(rows, [shares for _, _, shares in found]),
    )


def _effect(rows: ScoredRows, found: Sequence[tuple[float, float]]) -> LoadAndMisses:
    both = np.array(found)
    return LoadAndMisses(
        held=_interval(both[:, 0]),
        missed=_interval(both[:, 1]) if rows.has_enough_rejected else None,
    )


def _interval(values: Floats) -> ConfidenceInterval:
    """Return the first value with the range of 95% of the others.

    Source: the percentile interval of B. Efron and R. J. Tibshirani, "An Introduction
    to the Bootstrap" (Chapman & Hall, 1993), section 13.3.
    """
    low, high = np.percentile(values[1:], [2.5, 97.5])
    value = float(values[0])
    return ConfidenceInterval(
        value=value, low=min(value, float(low)), high=max(value, float(high))
    )


def to_thresholds(
    matched: MatchedThresholds, current: Mapping[str, Threshold]
) -> dict[str, Threshold]:
    """Return a policy's thresholds with matched hold thresholds.

    Reject thresholds stay; nothing is held only from a higher score on than it is
    rejected from.
    """
    found = {}
    for label, cut in current.items():
        matching = matched.review_at.get(label)
        review_at = cut.review_at if matching is None else matching.value
        if cut.reject_at is not None:
            review_at = min(review_at, cut.reject_at)
        found[label] = Threshold(review_at=review_at, reject_at=cut.reject_at)
    return found
