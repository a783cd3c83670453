"""Transparency reports and statements, in and out."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.jobs import JobState
from moderation.tables.jobs import Job
from moderation.transparency import files
from moderation.transparency.files import TransparencyKind, TransparencyRequest
from moderation.transparency.period import ReportPeriod
from moderation.transparency.readiness import ReportGap
from moderation.transparency.rows import ReportHead
from moderation.transparency.statements import LeftOut
from moderation.web.fields import PublicLine

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
MAX_NAME_LENGTH = 200

_DAY = validate.Range(min=EARLIEST, max=LATEST)


class NewTransparencyFile(ma.Schema):
    """The file that a worker shall make."""

    kind = ma.fields.Enum(
        TransparencyKind,
        by_value=True,
        required=True,
        metadata={
            "description": "`report`: the Commission's templates as CSV, for leads. "
            "`statements`: JSON lines for the European database, for admins"
        },
    )
    first = ma.fields.Date(
        required=True,
        data_key="from",
        validate=_DAY,
        metadata={"description": "The first day, in UTC"},
    )
    last = ma.fields.Date(
        required=True,
        data_key="to",
        validate=_DAY,
        metadata={
            "description": "The last day. Of statements, its decisions can't be undone "
            "any more"
        },
    )
    provider = PublicLine(
        longest=MAX_NAME_LENGTH,
        load_default="",
        metadata={"description": "The publisher's legal name, for the first sheet"},
    )
    service = PublicLine(
        longest=MAX_NAME_LENGTH,
        load_default="",
        metadata={"description": "The name in the title; by default the site's name"},
    )
    published = ma.fields.Date(
        load_default=None,
        validate=_DAY,
        metadata={"description": "When the report is published"},
    )
    previous = ma.fields.Date(
        load_default=None,
        validate=_DAY,
        metadata={"description": "When the last report was published"},
    )

    @ma.validates_schema
    def refuse_no_days(self, fields: dict[str, Any], **_: Any) -> None:
        """Refuse a period that ends before it begins."""
        if fields["last"] < fields["first"]:
            raise ma.ValidationError("Must not be before from.", "to")


def read_request(fields: dict[str, Any]) -> TransparencyRequest:
    """Return a request from its fields."""
    return TransparencyRequest(
        kind=fields["kind"],
        period=ReportPeriod(first=fields["first"], last=fields["last"]),
        head=ReportHead(
            provider=fields["provider"],
            service=fields["service"],
            published=fields["published"],
            previous=fields["previous"],
        ),
    )


class TransparencyFileOut(ma.Schema):
    """A file, and how far it is."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    kind = ma.fields.Enum(TransparencyKind, by_value=True, required=True)
    first = ma.fields.Date(required=True, data_key="from")
    last = ma.fields.Date(required=True, data_key="to")
    state = ma.fields.Enum(JobState, by_value=True, required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    asked_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    count = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Statements, or sheets; null: it isn't there yet"},
    )
    left_out = ma.fields.Dict(
        keys=ma.fields.Enum(LeftOut, by_value=True),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "Why measures have no statement, and how many"},
    )
    gaps = ma.fields.List(
        ma.fields.Enum(ReportGap, by_value=True),
        required=True,
        metadata={"description": "Requirements that the report still lacks"},
    )
    expires_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When the file is deleted"},
    )
    fault = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why it failed"}
    )


class TransparencyFileList(ma.Schema):
    """Files of a site, the newest first."""

    files = ma.fields.List(ma.fields.Nested(TransparencyFileOut), required=True)


def dump_file(job: Job, site: str, username: str | None) -> dict[str, Any]:
    """Return a file, and how far it is."""
    request = TransparencyRequest.read(job.arguments)
    result = job.result
    return {
        "id": job.id,
        "site": site,
        "kind": request.kind,
        "first": request.period.first,
        "last": request.period.last,
        "state": JobState(job.state),
        "created_at": job.created_at,
        "asked_by": username,
        "count": result.get("count"),
        "left_out": {
            LeftOut(name): count for name, count in result.get("left_out", {}).items()
        },
        "gaps": [ReportGap(name) for name in result.get("gaps", [])],
        "expires_at": files.expires_at(job),
        "fault": job.fault,
    }
