"""Pure: when a person may be disturbed, and when their digest is due."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
DIGEST_IS_LATE = timedelta(hours=6)  # after a longer outage the next one follows soon


def is_timezone(name: str) -> bool:
    """Return whether a time zone of that IANA name is known.

    >>> is_timezone("Europe/Vienna"), is_timezone("../etc/passwd")
    (True, False)
    """
    return name in available_timezones()


def end_of_quiet(
    now: datetime, timezone: str, quiet_from: int | None, quiet_until: int | None
) -> datetime | None:
    """Return when the quiet hours that are now end; None: there are none now.

    Parameters
    ----------
    quiet_from, quiet_until
        Minutes from local midnight; quiet hours may go over midnight.

    >>> from datetime import UTC
    >>> late = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)  # 23:30 in Vienna
    >>> end_of_quiet(late, "Europe/Vienna", 22 * 60, 7 * 60).isoformat()
    '2026-07-02T07:00:00+02:00'
    >>> end_of_quiet(late, "UTC", 22 * 60, 7 * 60) is None
    True
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return None
    local = now.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    if quiet_from < quiet_until:
        return _at(local, quiet_until) if quiet_from <= minute < quiet_until else None
    if minute >= quiet_from:
        return _at(local + DAY, quiet_until)
    return _at(local, quiet_until) if minute < quiet_until else None


def is_digest_due(
    now: datetime, timezone: str, hour: int, digested_at: datetime
) -> bool:
    """Return whether the newest digest that should have been made was not.

    One that is late by more than `DIGEST_IS_LATE` is left out.

    Parameters
    ----------
    hour : 0 to 23, local

    >>> from datetime import UTC
    >>> noon, yesterday = (datetime(2026, 7, day, 12, tzinfo=UTC) for day in (2, 1))
    >>> is_digest_due(noon, "UTC", 9, yesterday), is_digest_due(noon, "UTC", 9, noon)
    (True, False)
    >>> [is_digest_due(noon, "UTC", hour, yesterday) for hour in (5, 13)]
    [False, False]
    """
    local = now.astimezone(ZoneInfo(timezone))
    due = _at(local, hour * 60)
    if due > local:
        due = _at(local - DAY, hour * 60)
    return digested_at < due and now - due < DIGEST_IS_LATE


def _at(day: datetime, minute: int) -> datetime:
    """Return a minute of a local day; one that the clock skips comes an hour later."""
    moment = time(minute // 60, minute % 60)
    return datetime.combine(day.date(), moment, tzinfo=day.tzinfo)
