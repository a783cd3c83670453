"""A site's opening hours: when its staff is there to moderate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

END_OF_DAY = "24:00"  # as `closes`: midnight, with which the day ends
_DAY = timedelta(days=1)
_AHEAD = 9  # days: a week, and one more at either end


class Weekday(StrEnum):
    """A day of the week, in the order of ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS = tuple(Weekday)  # as `date.weekday` counts them


class Outside(StrEnum):
    """The treatment of new comments outside of the opening hours."""

    PRE = "pre"  #: a moderator sees them first
    CLOSED = "closed"  #: they are refused


@dataclass(frozen=True, kw_only=True)
class DayHours:
    """The opening hours of a day; past midnight where `closes` is the earlier one."""

    opens: str  #: local time, `HH:MM`
    closes: str  #: local time, `HH:MM`, or `24:00`; not equal to `opens`

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return both moments of a day, in UTC."""
        is_past_midnight = self.closes < self.opens
        is_whole = self.closes == END_OF_DAY
        last_day = day + _DAY if is_past_midnight or is_whole else day
        closes = time() if is_whole else time.fromisoformat(self.closes)
        return (
            _moment(day, time.fromisoformat(self.opens), zone),
            _moment(last_day, closes, zone),
        )


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """A site's opening hours; a weekday without hours is closed all day."""

    time_zone: str  #: name in the IANA database
    hours: Mapping[Weekday, DayHours]
    outside: Outside

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> OpeningHours | None:
        """Return opening hours from a policy's stored JSON; None: always open."""
        if stored is None:
            return None
        return cls(
            time_zone=stored["time_zone"],
            hours={
                Weekday(day): DayHours(opens=value["opens"], closes=value["closes"])
                for day, value in stored["hours"].items()
            },
            outside=Outside(stored["outside"]),
        )

    def opens_at(self, at: datetime) -> datetime | None:
        """Return the next opening; None: it is open now, or never opens."""
        for opens, closes in self._spans(at):
            if opens <= at < closes:
                return None
            if at < opens:
                return opens
        return None

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when it closes next; None: it is closed now, or never closes."""
        last = at + 7 * _DAY  # by then, the week begins again
        for opens, closes in self._spans(at):
            if opens <= at < closes:
                return None if closes > last else closes
        return None

    def is_open(self, at: datetime) -> bool:
        """Return whether a moment is within the opening hours."""
        zone = ZoneInfo(self.time_zone)
        today = at.astimezone(zone).date()
        for day in (today, today - _DAY):
            hours = self.hours.get(_WEEKDAYS[day.weekday()])
            if hours is not None:
                opens, closes = hours.on(day, zone)
                if opens <= at < closes:
                    return True
        return False

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans of open time around a moment, joined where they touch."""
        zone = ZoneInfo(self.time_zone)
        first = at.astimezone(zone).date() - _DAY
        joined: tuple[datetime, datetime] | None = None
        for number in range(_AHEAD + 1):
            day = first + number * _DAY
            hours = self.hours.get(_WEEKDAYS[day.weekday()])
            if hours is None:
                continue
            opens, closes = hours.on(day, zone)
            if joined is not None and opens <= joined[1]:
                joined = joined[0], max(closes, joined[1])
                continue
            if joined is not None:
                yield joined
            joined = opens, closes
        if joined is not None:
            yield joined


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return a local time as UTC: times of one zone compare by their clocks alone."""
    return datetime.combine(day, at, zone).astimezone(UTC)
