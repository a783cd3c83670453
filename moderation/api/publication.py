"""Published transparency reports: versions that are kept for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnsupportedMediaType

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.transparency_bodies import EARLIEST, LATEST
from moderation.database import db, start_writing
from moderation.tables.transparency import PublishedReport
from moderation.transparency import publication
from moderation.transparency.period import ReportPeriod
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.fields import PublicLine
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import read_body

bp = StrictBlueprint(
    "publication",
    __name__,
    url_prefix="/api/v1",
    description="For leads and admins",
)
REPORTS = "/sites/<site>/published-reports"
FILE_TYPE = "application/octet-stream"
MAX_REASON_LENGTH = 1_000

_DAY = ma.validate.Range(min=EARLIEST, max=LATEST)


class PublicationQuery(ma.Schema):
    """The report to publish."""

    first = ma.fields.Date(required=True, data_key="from", validate=_DAY)
    last = ma.fields.Date(required=True, data_key="to", validate=_DAY)
    reason = PublicLine(
        load_default=None,
        longest=MAX_REASON_LENGTH,
        metadata={
            "description": "For a correction: its content and reason. It is public"
        },
    )

    @ma.validates_schema
    def refuse_no_days(self, fields: dict[str, Any], **_: Any) -> None:
        """Refuse a period that ends before it begins."""
        if fields["last"] < fields["first"]:
            raise ma.ValidationError("Must not be before from.", "to")


class PublishedReportOut(ma.Schema):
    """A version of a published report."""

    id = ma.fields.Integer(required=True)
    first = ma.fields.Date(required=True, data_key="from")
    last = ma.fields.Date(required=True, data_key="to")
    version = ma.fields.Integer(
        required=True, metadata={"description": "Of this period, from 1"}
    )
    corrects = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "`id` of the version that it corrects"},
    )
    reason = ma.fields.String(required=True, allow_none=True)
    published_at = ma.fields.AwareDateTime(format="iso", required=True)
    published_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    sha256 = ma.fields.String(
        required=True, metadata={"description": "Of the archive, hexadecimal"}
    )


class PublishedReportList(ma.Schema):
    """All versions of a site's published reports, the newest first."""

    reports = ma.fields.List(ma.fields.Nested(PublishedReportOut), required=True)


@bp.route(REPORTS, methods=["GET"])
@needs_staff
@bp.response(200, PublishedReportList)
@answers(403, 404)
def list_published_reports(site: str) -> ResponseReturnValue:
    """List all versions of a site's published reports, the newest first."""
    site_id, session = site_for(Role.LEAD, site), db.session()
    rows = publication.list_published(session, site_id)
    return {"reports": [_shown(row) for row in rows]}


@bp.route(REPORTS, methods=["POST"])
@needs_staff
@bp.arguments(PublicationQuery, location="query")
@bp.response(201, PublishedReportOut)
@answers(400, 403, 404, 409, 413, 415, 422)
@bp.doc(
    requestBody={
        "required": True,
        "content": {FILE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
)
def publish_report(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Store a report as you publish it: a ZIP archive of its eleven CSV files.

    They are checked against the templates. A further version of the same period
    corrects the one before, and needs a reason. No version is ever changed or deleted.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    if request.mimetype != FILE_TYPE:
        raise UnsupportedMediaType(f"Send the archive as {FILE_TYPE}.")
    request.max_content_length = publication.MAX_BYTES
    period = ReportPeriod(first=query["first"], last=query["last"])
    files = publication.read_archive(read_body(request), period)
    start_writing(session)
    row = publication.publish(
        session,
        site_id,
        period,
        files,
        reason=query["reason"],
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(row)


@bp.route(f"{REPORTS}/<int(max=2147483647):report_id>/file", methods=["GET"])
@needs_staff
@answers(403, 404)
@bp.response(
    200, {"type": "string", "format": "binary"}, content_type="application/octet-stream"
)
def download_published_report(site: str, report_id: int) -> ResponseReturnValue:
    """Download a version of a published report as it was stored, a ZIP archive."""
    site_id = site_for(Role.LEAD, site)
    row = publication.find(db.session(), site_id, report_id)
    answer = Response(row.content, mimetype=FILE_TYPE)
    name = f"report-{site}-{row.first_day}-{row.last_day}-v{row.version}.zip"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _shown(row: PublishedReport) -> dict[str, Any]:
    return {
        "id": row.id,
        "first": row.first_day,
        "last": row.last_day,
        "version": row.version,
        "corrects": row.corrects_id,
        "reason": row.reason,
        "published_at": row.created_at,
        "published_by": staff.find_login(db.session(), row.staff_id),
        "sha256": row.digest,
    }
