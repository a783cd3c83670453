"""Threshold proposals from a random part of the replayed comments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from classifiers.serving.scorer import Scorer
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Status
from moderation.rehearsal import threshold_matching
from moderation.rehearsal.counts import Attribute, RehearsalCounts
from moderation.rehearsal.past_decisions import DecidedBy
from moderation.rehearsal.replaying import ReplayedComment, WouldBe
from moderation.rehearsal.threshold_matching import (
    MIN_COMMENTS,
    Floats,
    LoadAndMisses,
    Mask,
    MatchedThresholds,
    ScoredRows,
)

MAX_ROWS = 40_000  # kept for proposals; some 30 MB
_MASK = (1 << 64) - 1


class BaselineKind(StrEnum):
    """The baseline of the load and the misses."""

    CURRENT = "current"  #: today's thresholds, with the active model
    MODERATORS = "moderators"  #: the comments that moderators decided then
    SERVICE = "service"  #: another service's scores


@dataclass(frozen=True, kw_only=True)
class ThresholdBaseline:
    """A load and misses, and thresholds that keep one of them as it was."""

    kind: BaselineKind
    attribute: Attribute | None = None  #: of a service
    comments: int  #: that it is measured on
    rejected: int  #: of them, rejected then
    was: LoadAndMisses
    same_load: MatchedThresholds
    same_misses: MatchedThresholds | None  #: None: its misses are unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class _KeptRow:
    """A comment's data that the proposals need."""

    then: Status
    by: DecidedBy | None
    regardless: WouldBe | None
    scores: tuple[float, ...]
    is_held_now: bool  #: with the active model and today's thresholds
    is_missed_now: bool
    import_id: int | None
    flagged: tuple[Attribute, ...]
    passed: tuple[Attribute, ...]


class KeptRows:
    """A random part of the comments, of constant size: the same ones each time."""

    def __init__(self, policy: Policy, scorer: Scorer) -> None:
        self._labels = [
            label for label in policy.harm_thresholds if label in scorer.labels
        ]
        self._start = _start(policy, scorer, self._labels)
        self._rows: list[tuple[int, _KeptRow]] = []

    def add(
        self, comment: ReplayedComment, now: ReplayedComment, counts: RehearsalCounts
    ) -> None:
        """Keep a comment, or not.

        Parameters
        ----------
        now
            The same with the active model.
        """
        past, scores = comment.past, comment.scores or {}
        given = [
            ((score.system, score.attribute), score.value)
            for score in past.given_scores
        ]
        is_held = now.is_held_unless_premoderated
        row = _KeptRow(
            then=past.then,
            by=past.by,
            regardless=comment.regardless,
            scores=tuple(scores.get(label, 0.0) for label in self._labels),
            is_held_now=is_held,
            is_missed_now=not is_held and now.regardless in (None, WouldBe.APPROVED),
            import_id=past.import_id,
            flagged=tuple(
                name for name, value in given if value >= counts.threshold_of(name[1])
            ),
            passed=tuple(
                name for name, value in given if value < counts.threshold_of(name[1])
            ),
        )
        self._rows.append((_mixed(past.id), row))
        if len(self._rows) >= MAX_ROWS * 5 // 4:
            self._shorten()

    def _shorten(self) -> None:
        self._rows.sort(key=lambda entry: entry[0])
        del self._rows[MAX_ROWS:]

    def propose(
        self, counts: RehearsalCounts, judges: Collection[DecidedBy]
    ) -> list[ThresholdBaseline]:
        """Return each baseline with its proposals.

        Parameters
        ----------
        judges
            Whose rejections count as such.
        """
        self._shorten()
        rows = [row for _, row in self._rows if row.regardless is not WouldBe.REFUSED]
        if (
            not self._labels
            or sum(row.regardless is None for row in rows) < MIN_COMMENTS
        ):
            return []
        scored = ScoredRows(
            labels=self._labels,
            start=self._start,
            scores=np.array([row.scores for row in rows]),
            is_held=_mask(row.regardless is WouldBe.HELD for row in rows),
            is_missed=_mask(row.regardless is WouldBe.APPROVED for row in rows),
            is_open=_mask(row.regardless is None for row in rows),
            is_harmful=_mask(
                row.then is Status.REJECTED and row.by in judges for row in rows
            ),
        )
        return [
            baseline
            for baseline in (
                _current(scored, rows),
                _moderators(scored, rows),
                *(
                    _service(scored, rows, counts, attribute)
                    for attribute in counts.attributes
                ),
            )
            if baseline is not None
        ]


def _start(policy: Policy, scorer: Scorer, labels: Sequence[str]) -> Floats:
    """Return the hold thresholds that are moved: the site's, or else the model's.

    A site that holds nothing for its scores, or everything, has none to move.
    """
    start = np.array([policy.thresholds[label].review_at for label in labels])
    if np.any((start > 0) & (start < 1)):
        return start
    own = scorer.manifest["thresholds"]
    return np.array([float(own[x]["review_at"]) if x in own else 1.0 for x in labels])


def _mask(values: Iterator[bool]) -> Mask:
    return np.fromiter(values, bool)


def _current(scored: ScoredRows, rows: Sequence[_KeptRow]) -> ThresholdBaseline:
    is_held = _mask(row.is_held_now for row in rows)
    is_missed = _mask(row.is_missed_now for row in rows)
    return _baseline(BaselineKind.CURRENT, scored, is_held, is_missed)


def _moderators(
    scored: ScoredRows, rows: Sequence[_KeptRow]
) -> ThresholdBaseline | None:
    """Return the load then, by the comments of which it is known; None: of none.

    Pending comments are theirs, too. What they missed is not known.
    """
    is_held = _mask(row.by in (None, DecidedBy.MODERATOR) for row in rows)
    is_known = _mask(row.by is not DecidedBy.UNKNOWN for row in rows)
    if not is_held.any() or not _is_enough(scored, is_known):
        return None
    known = scored.take(is_known)
    return _baseline(BaselineKind.MODERATORS, known, is_held[is_known], None)


def _service(
    scored: ScoredRows,
    rows: Sequence[_KeptRow],
    counts: RehearsalCounts,
    attribute: Attribute,
) -> ThresholdBaseline | None:
    """Return what another service held and missed; None: too few have its scores."""
    told = counts.attributes[attribute]
    is_flagged = _mask(attribute in row.flagged for row in rows)
    is_known = is_flagged | _mask(attribute in row.passed for row in rows)
    if told.has_only_ones:
        is_known |= _mask(row.import_id in told.imports for row in rows)
    if not _is_enough(scored, is_known):
        return None
    is_held = is_flagged[is_known]
    return _baseline(
        BaselineKind.SERVICE,
        scored.take(is_known),
        is_held,
        ~is_held,
        attribute=attribute,
    )


def _is_enough(scored: ScoredRows, rows: Mask) -> bool:
    return int((scored.is_open & rows).sum()) >= MIN_COMMENTS


def _baseline(
    kind: BaselineKind,
    rows: ScoredRows,
    is_held: Mask,
    is_missed: Mask | None,
    *,
    attribute: Attribute | None = None,
) -> ThresholdBaseline:
    can_miss = is_missed is not None and rows.has_enough_rejected
    was = threshold_matching.measure(
        rows, is_held, is_missed if is_missed is not None else ~is_held
    )
    return ThresholdBaseline(
        kind=kind,
        attribute=attribute,
        comments=len(is_held),
        rejected=int(rows.is_harmful.sum()),
        was=was if can_miss else LoadAndMisses(held=was.held, missed=None),
        same_load=threshold_matching.match_load(rows, is_held),
        same_misses=(
            threshold_matching.match_misses(rows, is_missed)
            if is_missed is not None and can_miss
            else None
        ),
    )


def _mixed(number: int) -> int:
    """Return a number that is as good as random, always the same for an ID.

    Source: the finalizer of SplitMix64 (G. L. Steele, D. Lea and C. H. Flood, "Fast
    splittable pseudorandom number generators", OOPSLA 2014).
    """
    number &= _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)
