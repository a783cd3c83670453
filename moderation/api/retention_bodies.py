"""Retention clocks and legal holds of a site, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.author_bodies import LATEST
from moderation.comments.erasure import ErasureMode
from moderation.comments.holds import MAX_REASON_LENGTH, ListedHold
from moderation.subjects.clocks import DEFAULTS, MAX_DAYS, MIN_DAYS, Clocks, DataClass
from moderation.web.fields import CommentId, Line

DAYS = validate.Range(MIN_DAYS, MAX_DAYS)


class ClockOut(ma.Schema):
    """The retention period of one class of data."""

    data = ma.fields.Enum(DataClass, by_value=True, required=True)
    days = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "null: until it is erased"},
    )
    default_days = ma.fields.Integer(required=True, allow_none=True)


class RetentionOut(ma.Schema):
    """A site's retention periods."""

    clocks = ma.fields.List(ma.fields.Nested(ClockOut), required=True)
    mode = ma.fields.Enum(
        ErasureMode,
        by_value=True,
        required=True,
        metadata={
            "description": "Of erasures, and of published comments at their time"
        },
    )
    starts_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Nothing is deleted before; set after an upgrade"},
    )
    applied_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When a worker last applied all clocks"},
    )


class ClockIn(ma.Schema):
    """A new retention period of one class of data."""

    data = ma.fields.Enum(DataClass, by_value=True, required=True)
    days = ma.fields.Integer(
        strict=True,
        required=True,
        allow_none=True,
        validate=DAYS,
        metadata={"description": "null: until it is erased"},
    )


class RetentionIn(ma.Schema):
    """Clocks to set; what is left out stays."""

    clocks = ma.fields.List(
        ma.fields.Nested(ClockIn),
        load_default=list,
        validate=validate.Length(max=len(DataClass)),
    )
    mode = ma.fields.Enum(ErasureMode, by_value=True)


class DueCount(ma.Schema):
    """The rows of a class that are due for deletion now."""

    data = ma.fields.Enum(DataClass, by_value=True, required=True)
    count = ma.fields.Integer(required=True)


class DueCounts(ma.Schema):
    """Rows that a worker would delete now; nothing was deleted."""

    due = ma.fields.List(ma.fields.Nested(DueCount), required=True)


class NewHold(ma.Schema):
    """A comment or an article to put under a legal hold, with the reason."""

    comment = CommentId()
    article = Line(longest=2048, metadata={"description": "URL or ID, as you sent it"})
    reason = Line(
        longest=MAX_REASON_LENGTH,
        required=True,
        metadata={"description": "Kept in the audit log; don't name the author"},
    )
    until = ma.fields.AwareDateTime(
        format="iso", metadata={"description": "When it expires"}
    )

    @ma.validates_schema
    def _name_one(self, fields: Mapping[str, Any], **_: Any) -> None:
        if ("comment" in fields) == ("article" in fields):
            raise ma.ValidationError("Give either a comment or an article.", "comment")
        until: datetime | None = fields.get("until")
        if until is not None and until.year > LATEST:
            raise ma.ValidationError("Too far ahead.", "until")


class HoldOut(ma.Schema):
    """A legal hold: nothing deletes or erases what it is on."""

    id = ma.fields.Integer(required=True)
    comment = CommentId(required=True, allow_none=True)
    article = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    created_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    until = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)


class HoldList(ma.Schema):
    """Legal holds that last, the newest first."""

    holds = ma.fields.List(ma.fields.Nested(HoldOut), required=True)


class HoldListQuery(ma.Schema):
    """Of which comment; else all of the site."""

    comment = CommentId()


def dump_retention(clocks: Clocks) -> dict[str, Any]:
    """Return a site's clocks as they are shown."""
    return {
        "clocks": [
            {"data": each, "days": clocks.days[each], "default_days": DEFAULTS[each]}
            for each in DataClass
        ],
        "mode": clocks.mode,
        "starts_at": clocks.starts_at,
        "applied_at": clocks.applied_at,
    }


def dump_hold(listed: ListedHold, username: str | None) -> dict[str, Any]:
    """Return a hold as it is shown."""
    hold = listed.hold
    return {
        "id": hold.id,
        "comment": listed.comment_id,
        "article": listed.article,
        "reason": hold.reason,
        "created_at": hold.created_at,
        "created_by": username,
        "until": hold.until,
    }
