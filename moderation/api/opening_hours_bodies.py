"""A site's opening hours, in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import marshmallow as ma
from marshmallow import validate

from moderation.policy.opening_hours import Outside, Weekday

MAX_ZONE_LENGTH = 64  # the longest in the IANA database has 32


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA database that name a place, or UTC."""
    return frozenset(
        name for name in available_timezones() if "/" in name or name == "UTC"
    )


def _refuse_unknown_zone(name: str) -> None:
    if name not in time_zones():
        raise ma.ValidationError(
            "Must be a time zone of the IANA database, such as Europe/Berlin."
        )


class ClockTime(ma.fields.String):
    """A local time, `HH:MM`; the end of the day is `24:00`, where that is allowed."""

    def __init__(self, *, has_end_of_day: bool = False, **kwargs: Any) -> None:
        last = "|24:00" if has_end_of_day else ""
        pattern = f"^(([01][0-9]|2[0-3]):[0-5][0-9]{last})$"
        self.pattern = re.compile(pattern)
        metadata = {"pattern": pattern, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if not self.pattern.fullmatch(text):
            raise ma.ValidationError("Must be a time of day, such as 08:30.")
        return text


class DayHoursBody(ma.Schema):
    """The opening hours of a day; past midnight where `closes` is the earlier one."""

    opens = ClockTime(
        required=True, metadata={"description": "Local time", "example": "08:00"}
    )
    closes = ClockTime(
        required=True,
        has_end_of_day=True,
        metadata={
            "description": "Local time; `24:00`: the end of the day",
            "example": "22:00",
        },
    )

    @ma.validates_schema
    def _refuse_empty(self, fields: Mapping[str, Any], **kwargs: object) -> None:
        if fields["opens"] == fields["closes"]:
            raise ma.ValidationError({"closes": ["Must not be the time of opening."]})


class OpeningHoursBody(ma.Schema):
    """The hours in which staff moderates."""

    time_zone = ma.fields.String(
        required=True,
        validate=validate.And(
            validate.Length(max=MAX_ZONE_LENGTH), _refuse_unknown_zone
        ),
        metadata={
            "description": "Name in the IANA database",
            "example": "Europe/Berlin",
        },
    )
    hours = ma.fields.Dict(
        keys=ma.fields.Enum(Weekday, by_value=True),
        values=ma.fields.Nested(DayHoursBody),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "Weekday to its hours; a day left out is closed"},
    )
    outside = ma.fields.Enum(
        Outside,
        by_value=True,
        required=True,
        metadata={
            "description": "New comments outside of the hours: `pre`: a moderator sees "
            "them first; `closed`: they are refused"
        },
    )
