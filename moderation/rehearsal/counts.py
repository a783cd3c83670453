"""Counts of replayed comments, in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from moderation import identifiers
from moderation.policy.verdicts import Status
from moderation.rehearsal.past_decisions import DecidedBy
from moderation.rehearsal.replaying import ReplayedComment, WouldBe

MAX_SECTIONS = 100  # counted apart; a file from outside may have more
MAX_ATTRIBUTES = 20  # of other services, the same

#: What was decided then, by whom, and what would be.
CellKey = tuple[Status, DecidedBy | None, WouldBe]
#: Another service and its attribute.
Attribute = tuple[str, str]


@dataclass(kw_only=True)
class GroupCounts:
    """Counts of some of the comments, such as those of a section."""

    cells: Counter[CellKey] = field(default_factory=Counter)
    left_out: int = 0  #: the model was trained on them

    @property
    def replayed(self) -> int:
        """How many were replayed."""
        return self.cells.total()

    def count(
        self,
        *,
        then: Status | None = None,
        by: Collection[DecidedBy | None] | None = None,
        would_be: WouldBe | None = None,
    ) -> int:
        """Count the comments that were and would be so; None: in any state."""
        return sum(
            number
            for (status, decider, outcome), number in self.cells.items()
            if then in (None, status)
            and (by is None or decider in by)
            and would_be in (None, outcome)
        )


@dataclass(kw_only=True)
class AttributeCounts:
    """Comments by another service's score: at least a threshold, or not."""

    flagged: Counter[CellKey] = field(default_factory=Counter)
    passed: Counter[CellKey] = field(default_factory=Counter)
    imports: set[int] = field(default_factory=set)  #: that brought such scores
    has_only_ones: bool = True  #: it is noted only where it says yes


class RehearsalCounts:
    """All that is counted of replayed comments.

    Parameters
    ----------
    given_thresholds
        Of other services' scores, 0 to 1, by attribute; others count from
        `default_threshold` on.
    """

    def __init__(
        self, given_thresholds: Mapping[str, float], default_threshold: float
    ) -> None:
        self._given_thresholds = given_thresholds
        self._default_threshold = default_threshold
        self.total = GroupCounts()
        self.sections: dict[str | None, GroupCounts] = {}
        self.other_sections = GroupCounts()  #: beyond `MAX_SECTIONS`
        self.months: dict[str, GroupCounts] = {}  #: `2026-11`, in UTC
        self.held_because: Counter[str] = Counter()  #: by its first reason
        self.attributes: dict[Attribute, AttributeCounts] = {}
        self._by_import: dict[int, Counter[CellKey]] = {}

    def add(self, comment: ReplayedComment) -> None:
        """Count a comment."""
        past = comment.past
        key = past.then, past.by, comment.would_be
        for group in self._groups_of(past.id, past.section):
            group.cells[key] += 1
        if comment.would_be is WouldBe.HELD and comment.reasons:
            self.held_because[comment.reasons[0]] += 1
        if past.import_id is not None:
            self._by_import.setdefault(past.import_id, Counter())[key] += 1
        for score in past.given_scores:
            attribute = score.system, score.attribute
            counts = self.attributes.get(attribute)
            if counts is None:
                if len(self.attributes) >= MAX_ATTRIBUTES:
                    continue
                counts = self.attributes[attribute] = AttributeCounts()
            is_flagged = score.value >= self.threshold_of(score.attribute)
            (counts.flagged if is_flagged else counts.passed)[key] += 1
            counts.has_only_ones &= score.value == 1
            if past.import_id is not None:
                counts.imports.add(past.import_id)

    def leave_out(self, comment_id: int, section: str | None) -> None:
        """Count a comment that the model was trained on."""
        for group in self._groups_of(comment_id, section):
            group.left_out += 1

    def threshold_of(self, attribute: str) -> float:
        """Return from which score on another service is taken to say yes."""
        return self._given_thresholds.get(attribute, self._default_threshold)

    def compare(self, attribute: Attribute) -> AttributeCounts:
        """Return the counts by another service's score.

        A service that notes only a yes, such as Akismet in an export, says no about all
        the other comments of those imports.
        """
        counts = self.attributes[attribute]
        if not counts.has_only_ones:
            return counts
        passed: Counter[CellKey] = Counter()
        for import_id in counts.imports:
            passed.update(self._by_import[import_id])
        return AttributeCounts(
            flagged=counts.flagged,
            passed=passed - counts.flagged,
            imports=counts.imports,
        )

    def _groups_of(self, comment_id: int, section: str | None) -> Iterator[GroupCounts]:
        yield self.total
        month = f"{identifiers.moment_of(comment_id):%Y-%m}"
        yield self.months.setdefault(month, GroupCounts())
        if section in self.sections or len(self.sections) < MAX_SECTIONS:
            yield self.sections.setdefault(section, GroupCounts())
        else:
            yield self.other_sections
