"""Propose thresholds from targets, on held-out examples.

"At most 1 in 200 harmless comments held", "at least 99% of rejections right".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: At most one harmless comment in so many is held.
ONE_IN = (20, 50, 100, 200, 500, 1000)
#: At least this share of the comments rejected automatically is harmful, 0 to 1.
RIGHT = (0.9, 0.95, 0.98, 0.99, 0.995)
#: Fewer rejected texts do not show that a threshold is right so often.
MIN_REJECTED = 20
STEPS = 40  # halvings of the search; each cut is then exact to 10^-12
DIGITS = 6  # as scores have
#: Nothing scores higher than this: a threshold that holds nothing.
NEVER = 1.0
NORMAL_95 = 1.96  # the range of 95% of a normal distribution, in deviations


@dataclass(frozen=True, kw_only=True)
class HoldThresholds:
    """Hold thresholds that meet a target, and what they do."""

    one_in: int  #: the target: of so many harmless texts at most one is held
    cuts: dict[str, float]
    harmless: int
    harmless_held: int
    harmful: int
    harmful_held: int


@dataclass(frozen=True, kw_only=True)
class RejectThresholds:
    """Reject thresholds that meet a target, and what they do."""

    right: float  #: the target: so much of what is rejected is harmful, 0 to 1
    cuts: dict[str, float | None]  #: None: no threshold is right so often
    rejected: int
    wrong: int
    right_at_least: float | None  #: lower end of the range of 95%, 0 to 1


def hold(
    labels: Sequence[str], scores: Floats, is_harmful: Mask, one_in: int
) -> HoldThresholds:
    """Return the lowest thresholds that hold at most one harmless text in `one_in`.

    All labels are cut at the same rank among the harmless texts, so that each holds as
    many of them as any other.

    Parameters
    ----------
    scores : probabilities, one row a text and one column a label
    """
    harmless = scores[~is_harmful]
    ordered = np.sort(harmless, axis=0)
    allowed = len(harmless) // one_in
    low, high = 0.0, 1.0  # shares of the harmless texts that each label holds
    for _ in range(STEPS):
        share = (low + high) / 2
        if _is_over(harmless, _cuts(ordered, share)).sum() > allowed:
            high = share
        else:
            low = share
    cuts = _cuts(ordered, low)
    if allowed == 0:
        cuts = _cuts(ordered, 0.0)  # above all of them
    return HoldThresholds(
        one_in=one_in,
        cuts=dict(zip(labels, cuts.tolist(), strict=True)),
        harmless=len(harmless),
        harmless_held=int(_is_over(harmless, cuts).sum()),
        harmful=int(is_harmful.sum()),
        harmful_held=int(_is_over(scores[is_harmful], cuts).sum()),
    )


def _cuts(ordered: Floats, share: float) -> Floats:
    """Return cuts over which each label has a share of the harmless texts, or less.

    Parameters
    ----------
    ordered : their scores, each label's by itself, the lowest first
    """
    if not len(ordered):
        return np.full(ordered.shape[1], NEVER)
    place = len(ordered) - 1 - int(share * len(ordered))
    cuts: Floats = ordered[max(place, 0)] + 10.0**-DIGITS
    return np.minimum(np.round(cuts, DIGITS), NEVER)


def _is_over(scores: Floats, cuts: Floats) -> Mask:
    return np.any(scores >= cuts, axis=1)  # type: ignore[no-any-return]


def reject(
    labels: Sequence[str],
    scores: Floats,
    is_harmful: Mask,
    right: float,
    *,
    floors: Mapping[str, float] | None = None,
) -> RejectThresholds:
    """Return the lowest thresholds over which a share of all texts is harmful.

    Each label is cut where enough texts lie over the cut. What several labels reject
    rightly is often the same, and what they reject wrongly is not: so all of them are
    cut more strictly, alike, until the share holds for what they reject together.

    Parameters
    ----------
    floors
        Of each label, the score that its cut is not to be under; none: any.
    """
    least = dict.fromkeys(labels, 0.0) | dict(floors or {})
    ranked = [
        _RankedLabel.of(scores[:, column], is_harmful, least[label])
        for column, label in enumerate(labels)
    ]
    for share in np.linspace(right, 1, STEPS + 1).tolist():
        cuts = [label_scores.cut(share) for label_scores in ranked]
        over = _is_over(scores, np.array([np.inf if x is None else x for x in cuts]))
        rejected, wrong = int(over.sum()), int((over & ~is_harmful).sum())
        if rejected - wrong >= right * rejected:
            break  # with a share of 1 at the latest: then none is wrong
    return RejectThresholds(
        right=right,
        cuts=dict(zip(labels, cuts, strict=True)),
        rejected=rejected,
        wrong=wrong,
        right_at_least=lower_bound(rejected - wrong, rejected),
    )


@dataclass(frozen=True)
class _RankedLabel:
    """One label's scores, the highest first, with the harmful ones up to each."""

    scores: Floats
    hits: npt.NDArray[np.int64]
    able: Mask  #: there may be a cut: enough texts are over it, it parts no equal ones

    @classmethod
    def of(cls, scores: Floats, is_harmful: Mask, floor: float) -> _RankedLabel:
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        last = np.append(ranked[1:] < ranked[:-1], True)
        enough = np.arange(1, len(ranked) + 1) >= MIN_REJECTED
        able = last[: len(ranked)] & enough & (ranked >= floor)
        return cls(ranked, np.cumsum(is_harmful[order]), able)

    def cut(self, share: float) -> float | None:
        """Return the lowest score over which a share is harmful; None if none is."""
        counts = np.arange(1, len(self.scores) + 1)
        places = np.flatnonzero(self.able & (self.hits >= share * counts))
        return float(self.scores[places[-1]]) if len(places) else None


def lower_bound(hits: int, total: int) -> float | None:
    """Return the lower end of a share's 95% interval, 0 to 1; None if total is 0.

    Source: Wilson, JASA 22 (1927).

    >>> round(lower_bound(99, 100), 3)
    0.946
    """
    if not total:
        return None
    share, z = hits / total, NORMAL_95
    middle = share + z * z / (2 * total)
    spread = z * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return float((middle - spread) / (1 + z * z / total))
