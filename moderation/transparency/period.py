"""The days that a report covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, kw_only=True)
class ReportPeriod:
    """Some whole days, in UTC."""

    first: date
    last: date  #: included

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("The last day must not be before the first.")

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """When the last day ends."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1)

    def __str__(self) -> str:
        """Return the period as the templates write it.

        >>> str(ReportPeriod(first=date(2026, 1, 1), last=date(2026, 12, 31)))
        '2026-01-01/2026-12-31'
        """
        return f"{self.first}/{self.last}"


def year_before(day: date) -> ReportPeriod:
    """Return the calendar year before a day's: the one that a report is due for.

    >>> str(year_before(date(2027, 2, 28)))
    '2026-01-01/2026-12-31'
    """
    year = day.year - 1
    return ReportPeriod(first=date(year, 1, 1), last=date(year, 12, 31))
