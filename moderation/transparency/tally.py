"""Measures counted by the kinds that the sheets of a report distinguish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from moderation.policy.provenance import Ground
from moderation.transparency.measures import (
    OWN,
    Measure,
    MeasureAutomation,
    MeasureRestriction,
)
from moderation.transparency.rows import Place


@dataclass(frozen=True, kw_only=True)
class MeasureKind:
    """The kinds of measures that the sheets distinguish."""

    ground: Ground
    place: Place
    is_own: bool  #: neither a notice nor an order came before
    is_detected_automatically: bool
    automation: MeasureAutomation
    restriction: MeasureRestriction


@dataclass(kw_only=True)
class MeasureTally:
    """Counts of measures of each kind, and further figures for the texts."""

    kinds: Counter[MeasureKind] = field(default_factory=Counter)
    after_reports: int = 0  #: of readers, for the site's rules
    #: how long readers saw the comments that were published first
    shown_for: list[timedelta] = field(default_factory=list)

    def count(
        self,
        *,
        is_own: bool | None = None,
        automation: MeasureAutomation | None = None,
        restriction: MeasureRestriction | None = None,
    ) -> int:
        """Return the number of measures of these kinds; None: of any."""
        return sum(
            number
            for kind, number in self.kinds.items()
            if is_own in (None, kind.is_own)
            and automation in (None, kind.automation)
            and restriction in (None, kind.restriction)
        )


def tally(measures: Iterable[Measure]) -> MeasureTally:
    """Count measures."""
    counts = MeasureTally()
    for measure in measures:
        found = measure.classification
        kind = MeasureKind(
            ground=found.ground,
            place=(found.category, found.keyword, found.other),
            is_own=measure.origin in OWN,
            is_detected_automatically=measure.is_detected_automatically,
            automation=measure.automation,
            restriction=measure.restriction,
        )
        counts.kinds[kind] += 1
        counts.after_reports += measure.origin == "report"
        if measure.was_shown_for is not None:
            counts.shown_for.append(measure.was_shown_for)
    return counts
