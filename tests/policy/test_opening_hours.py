"""Opening hours: by the clocks of a place, over midnight, weeks, and clock changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.policy.opening_hours import DayHours, OpeningHours, Outside, Weekday

BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = list(Weekday)[:5]
DAY = timedelta(days=1)


def hours(opens: str, closes: str, *days: Weekday) -> OpeningHours:
    spans = {day: DayHours(opens=opens, closes=closes) for day in days or Weekday}
    return OpeningHours(time_zone="Europe/Berlin", hours=spans, outside=Outside.PRE)


def at(day: int, clock: str, month: int = 11) -> datetime:
    """Return a moment in Berlin in 2026; November 30 is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


OFFICE = hours("08:00", "22:00", *WORKDAYS)
LATE = hours("18:00", "02:00", Weekday.FRIDAY, Weekday.SATURDAY)
ALWAYS = hours("00:00", "24:00")


@pytest.mark.parametrize(
    ("opening", "moment", "is_open"),
    [
        (OFFICE, at(30, "07:59"), False),
        (OFFICE, at(30, "08:00"), True),
        (OFFICE, at(30, "21:59"), True),
        (OFFICE, at(30, "22:00"), False),
        (OFFICE, at(28, "12:00"), False),  # a Saturday
        (LATE, at(28, "01:59"), True),  # the hours of Friday
        (LATE, at(28, "02:00"), False),
        (LATE, at(27, "01:00"), False),  # Thursday has none
        (ALWAYS, at(28, "00:00"), True),
        (ALWAYS, at(28, "23:59"), True),
    ],
)
def test_a_site_is_open_by_the_clocks_of_its_place(
    opening: OpeningHours, moment: datetime, *, is_open: bool
) -> None:
    assert opening.is_open(moment) is is_open


@pytest.mark.parametrize(
    ("opening", "moment", "opens_at", "closes_at"),
    [
        (OFFICE, at(30, "07:00"), at(30, "08:00"), None),
        (OFFICE, at(30, "09:00"), None, at(30, "22:00")),
        (OFFICE, at(27, "23:00"), at(30, "08:00"), None),  # over the weekend
        (LATE, at(28, "01:00"), None, at(28, "02:00")),
        (ALWAYS, at(28, "12:00"), None, None),
        (
            hours("00:00", "24:00", Weekday.MONDAY),
            at(30, "12:00"),
            None,
            at(30, "12:00") + DAY / 2,
        ),
    ],
)
def test_the_next_opening_and_closing_are_known(
    opening: OpeningHours,
    moment: datetime,
    opens_at: datetime | None,
    closes_at: datetime | None,
) -> None:
    assert opening.opens_at(moment) == opens_at
    assert opening.closes_at(moment) == closes_at


def test_a_site_without_hours_never_opens() -> None:
    opening = OpeningHours(time_zone="UTC", hours={}, outside=Outside.CLOSED)
    moment = at(30, "12:00")
    assert not opening.is_open(moment)
    assert opening.opens_at(moment) is opening.closes_at(moment) is None


def test_clocks_that_change_move_the_hours_with_them() -> None:
    # Summer time ends on October 25, 2026: 08:00 is 06:00 UTC before, 07:00 after.
    before, after = (OFFICE.opens_at(at(day, "05:00", 10)) for day in (23, 26))
    assert before is not None
    assert after is not None
    assert (before.hour, after.hour) == (6, 7)


def test_hours_that_are_stored_are_read_again() -> None:
    stored: dict[str, Any] = {
        "time_zone": "Europe/Berlin",
        "hours": {day.value: {"opens": "08:00", "closes": "22:00"} for day in WORKDAYS},
        "outside": "pre",
    }
    assert OpeningHours.read(stored) == OFFICE
    assert OpeningHours.read(None) is None


@given(minute=st.integers(0, 60 * 24 * 7 - 1))
def test_it_opens_or_closes_but_not_both(minute: int) -> None:
    moment = at(23, "00:00") + timedelta(minutes=minute)
    for opening in (OFFICE, LATE):
        opens_at, closes_at = opening.opens_at(moment), opening.closes_at(moment)
        assert (opens_at is None) is opening.is_open(moment)
        assert (closes_at is None) is not opening.is_open(moment)
        if opens_at is not None:
            assert opening.is_open(opens_at)
            assert not opening.is_open(opens_at - timedelta(minutes=1))
