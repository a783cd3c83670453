"""Figures of any months, and the setup of a site, in and out."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.accounts.memberships import MAX_SECTION_LENGTH
from moderation.api.figure_bodies import PeriodFiguresOut
from moderation.insights.agencies import MAX_NAME_LENGTH
from moderation.insights.months import MAX_DAYS, Breakdown, StepLength
from moderation.web.fields import Line, PublicLine

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class DayRange(ma.Schema):
    """A range of a site's days."""

    first = ma.fields.Date(
        required=True,
        data_key="from",
        validate=validate.Range(min=EARLIEST, max=LATEST),
        metadata={"description": "The first day, in UTC"},
    )
    last = ma.fields.Date(
        required=True,
        data_key="to",
        validate=validate.Range(min=EARLIEST, max=LATEST),
        metadata={"description": f"The last day; up to {MAX_DAYS} days in all"},
    )

    @ma.validates_schema
    def refuse_unclear(self, fields: dict[str, Any], **_: Any) -> None:
        """Refuse no days at all, and too many."""
        days = (fields["last"] - fields["first"]).days + 1
        if days < 1:
            raise ma.ValidationError("Must not be before from.", "to")
        if days > MAX_DAYS:
            raise ma.ValidationError(f"Must be up to {MAX_DAYS} days in all.", "to")


class InsightsDays(DayRange):
    """A range of a site's days, and the shown figures."""

    section = Line(longest=MAX_SECTION_LENGTH)
    by = ma.fields.Enum(
        Breakdown,
        by_value=True,
        load_default=Breakdown.TIME,
        metadata={
            "description": "`time`: up to 62 days by day, up to 371 by week, else by "
            "month. `article`, `label`: the most comments first; `section`, "
            "`moderator`, `agency`: by name"
        },
    )


class InsightsRowOut(ma.Schema):
    """The figures of a step of time, or of one part."""

    key = ma.fields.String(
        required=True,
        metadata={
            "description": "First day of the step, name, label, or the article's "
            "reference; empty: without a section, or of no agency"
        },
    )
    title = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Of an article"}
    )
    figures = ma.fields.Nested(PeriodFiguresOut, required=True)
    oldest_seconds = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a step: the most that a pending comment's age was; "
            "null: not recorded"
        },
    )


class InsightsOut(ma.Schema):
    """The figures of some days, and what they consist of."""

    site = ma.fields.String(required=True)
    step = ma.fields.Enum(StepLength, by_value=True, required=True)
    as_of = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "The time up to which a worker has counted; null: nothing "
            "yet"
        },
    )
    figures = ma.fields.Nested(PeriodFiguresOut, required=True)
    rows = ma.fields.List(ma.fields.Nested(InsightsRowOut), required=True)


class AgencyBody(ma.Schema):
    """For which agency a moderator works at a site."""

    agency = PublicLine(
        longest=MAX_NAME_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "null: for none"},
    )


class FirstCommentOut(ma.Schema):
    """The first comment that a site sent."""

    id = ma.fields.String(required=True)
    author_name = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)


class SetupChange(ma.Schema):
    """The visibility of the setup checklist."""

    is_hidden = ma.fields.Boolean(required=True)


class SetupOut(ma.Schema):
    """The progress of a site's setup."""

    key = ma.fields.Boolean(
        required=True, metadata={"description": "The site has a valid key"}
    )
    comment = ma.fields.Boolean(
        required=True, metadata={"description": "It has sent a comment"}
    )
    history = ma.fields.Boolean(
        required=True, metadata={"description": "Past comments were imported"}
    )
    colleague = ma.fields.Boolean(
        required=True, metadata={"description": "Two or more people work there"}
    )
    webhook = ma.fields.Boolean(
        required=True, metadata={"description": "It has a webhook"}
    )
    policy = ma.fields.Boolean(
        required=True, metadata={"description": "Its first policy was changed"}
    )
    first_comment = ma.fields.Nested(FirstCommentOut, required=True, allow_none=True)
    is_hidden = ma.fields.Boolean(required=True)
