"""Stretches of time, as ranges of ids, and how the search index of PostgreSQL is cut.

A GIN index finds all that matches before the newest. Each text is therefore also kept
under the slices of time that its id lies in, of several widths; asked for a slice, the
index skips the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moderation.comments.search_index import SLICE_BITS
from moderation.identifiers import MAX_ID, MIN_ID


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """The read part of a stream: IDs over `low` and under `high`, from one end."""

    low: int = MIN_ID
    high: int = MAX_ID
    is_descending: bool = True

    def after(self, comment_id: int) -> TimeRange:
        """Return what is left of the range after an ID."""
        if self.is_descending:
            return TimeRange(low=self.low, high=comment_id)
        return TimeRange(low=comment_id, high=self.high, is_descending=False)


@dataclass(frozen=True, kw_only=True)
class TimeSlices:
    """Slices of one width that lie side by side, and the range wanted of them."""

    bits: int  #: of an id, which are the same for all of a slice: those above
    numbers: Sequence[int]  #: an id of them, without its lower bits
    within: TimeRange


def cut(within: TimeRange) -> Iterator[TimeSlices]:
    """Cut a range into slices, from its beginning on, each wider than the one before.

    Two of a width at once: of the first one, little may be left.

    >>> [(each.bits, len(each.numbers)) for each in cut(TimeRange(low=0, high=1 << 53))]
    [(46, 2), (49, 2), (52, 2)]
    """
    place = within.high - 1 if within.is_descending else within.low + 1
    level = 0
    while within.low < place < within.high:
        bits = SLICE_BITS[level]
        number = place >> bits
        if within.is_descending:
            numbers = [number, number - 1]
            low = max(within.low, (numbers[-1] << bits) - 1)
            part = TimeRange(low=low, high=place + 1)
            place = low
        else:
            numbers = [number, number + 1]
            high = min(within.high, (number + 2) << bits)
            part = TimeRange(low=place - 1, high=high, is_descending=False)
            place = high
        yield TimeSlices(bits=bits, numbers=numbers, within=part)
        level = min(level + 1, len(SLICE_BITS) - 1)
