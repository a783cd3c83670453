"""Comments to read of each kind, the most surprising first."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

from moderation.policy.verdicts import Status
from moderation.rehearsal.counts import CellKey
from moderation.rehearsal.replaying import ReplayedComment

MAX_EXAMPLES = 10  # of each kind


@dataclass(frozen=True, kw_only=True)
class RehearsalExample:
    """A comment to read."""

    comment_id: int
    excess: float | None  #: as of `ReplayedComment`
    reasons: tuple[str, ...]


@dataclass(kw_only=True)
class SurprisingComments:
    """The most surprising comments of each kind."""

    _heaps: defaultdict[CellKey, list[tuple[float, int, RehearsalExample]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, comment: ReplayedComment) -> None:
        """Keep a comment if it surprises more than those that are kept."""
        past = comment.past
        heap = self._heaps[past.then, past.by, comment.would_be]
        example = RehearsalExample(
            comment_id=past.id, excess=comment.excess, reasons=comment.reasons
        )
        entry = _surprise(comment), past.id, example
        if len(heap) < MAX_EXAMPLES:
            heapq.heappush(heap, entry)
        elif entry > heap[0]:
            heapq.heapreplace(heap, entry)

    def list_examples(self) -> dict[CellKey, list[RehearsalExample]]:
        """Return the examples of each kind, the most surprising first."""
        return {
            key: [example for _, _, example in sorted(heap, reverse=True)]
            for key, heap in self._heaps.items()
        }


def _surprise(comment: ReplayedComment) -> float:
    """Return how far the scores are from what was decided.

    Of a rejected comment, how far they are under the thresholds; of others, how far
    over them. Comments without scores surprise least.
    """
    if comment.excess is None:
        return -2.0
    is_rejected = comment.past.then is Status.REJECTED
    return -comment.excess if is_rejected else comment.excess
