"""Rows of the report: categories with their totals, and cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TypeVar

from moderation.transparency.period import ReportPeriod
from moderation.transparency.templates import OTHER, TOTAL, categories_of

T = TypeVar("T")
#: None: not applicable, or not known; the cell is left blank.
Cell = str | int | float | None
#: Category, keyword, and description of `KEYWORD_OTHER`.
Place = tuple[str, str, str]

MAX_TEXT = 5_000  # characters of a cell (Annex II, part II, no. 2)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ReportHead:
    """Facts of a report that only the site knows; empty or None: not given."""

    provider: str = ""  #: the publisher's legal name
    service: str = ""  #: the name of the title
    published: date | None = None
    previous: date | None = None  #: when the last report was published


@dataclass(frozen=True, kw_only=True)
class RowHead:
    """The first three cells of most rows."""

    applicability: str
    service: str
    period: ReportPeriod

    def cells(self) -> list[Cell]:
        """Return the cells."""
        return [self.applicability, self.service, str(self.period)]


def category_rows(
    sheet: str,
    items: Iterable[tuple[Place, T]],
    cells_of: Callable[[Sequence[T]], Sequence[Cell]],
) -> Iterator[list[Cell]]:
    """Yield a row for the total, each category, and each of its sub-categories.

    Sub-categories sum up to their category, and these to the total. `KEYWORD_OTHER` has
    a row for each description that occurs; at least one.

    Parameters
    ----------
    items
        What is counted, each with its place.
    cells_of
        Makes the cells of a row from what belongs to it.

    Raises
    ------
    ValueError
        If an item's place isn't in this sheet.
    """
    by_place: dict[Place, list[T]] = defaultdict(list)
    for place, item in items:
        by_place[place].append(item)
    categories = categories_of(sheet)
    known = {
        (category.code, keyword)
        for category in categories
        for keyword in category.keywords or ("",)
    }
    strangers = [place for place in by_place if place[:2] not in known]
    if strangers:
        raise ValueError(f"{sheet} has no row for {strangers[0]}.")
    every = [item for items_there in by_place.values() for item in items_there]
    yield [TOTAL, None, *cells_of(every)]
    for category in categories:
        within = {
            place[1:]: found
            for place, found in by_place.items()
            if place[0] == category.code
        }
        all_within = [item for found in within.values() for item in found]
        yield [category.code, None, *cells_of(all_within)]
        for keyword in category.keywords:
            others = sorted(other for key, other in within if key == keyword)
            for other in others or [""]:
                cells = cells_of(within.get((keyword, other), ()))
                yield [keyword, other if keyword == OTHER else None, *cells]


def median_hours(durations: Iterable[timedelta]) -> float | None:
    """Return the median in hours, to two digits; None: there are none.

    >>> median_hours([HOUR, 2 * HOUR, 7 * HOUR])
    2.0
    """
    hours = [duration / HOUR for duration in durations]
    return round(median(hours), 2) if hours else None


def as_text(cell: Cell) -> str:
    """Return a cell as it is written, cut where a text is too long.

    >>> as_text(0.91666), as_text(7), as_text(None)
    ('0.9167', '7', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.4f}".rstrip("0").rstrip(".") or "0"
    if isinstance(cell, str) and len(cell) > MAX_TEXT:
        return cell[: MAX_TEXT - 1] + "…"
    return str(cell)
