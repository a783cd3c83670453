"""Exports of listed comments, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.api.queue_bodies import QueueFilters, _Sorted
from moderation.desk import export
from moderation.jobs import JobState
from moderation.tables.jobs import Job


class NewExport(_Sorted):
    """Filters and order of the exported comments."""

    filters = ma.fields.Nested(
        QueueFilters,
        load_default=dict,
        metadata={"description": "As in `GET /comments`; `site` may be left out"},
    )


class ExportOut(ma.Schema):
    """An export, and how far it is."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    state = ma.fields.Enum(JobState, by_value=True, required=True)
    progress = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    asked_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    filters = ma.fields.Nested(QueueFilters, required=True)
    order = ma.fields.String(required=True)
    count = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Comments in the file; null: it isn't there yet"},
    )
    is_complete = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={
            "description": f"false: over {export.MAX_EXPORTED} comments match, and "
            "only the first are in the file"
        },
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


class ExportList(ma.Schema):
    """Exports of a site, the newest first."""

    exports = ma.fields.List(ma.fields.Nested(ExportOut), required=True)


def dump_export(job: Job, site: str, username: str | None) -> dict[str, Any]:
    """Return an export, and how far it is."""
    return {
        "id": job.id,
        "site": site,
        "state": JobState(job.state),
        "progress": job.progress,
        "created_at": job.created_at,
        "asked_by": username,
        "filters": QueueFilters().load(job.arguments["filters"]),
        "order": job.arguments["order"],
        "count": job.result.get("count"),
        "is_complete": job.result.get("is_complete"),
        "expires_at": export.expires_at(job),
        "fault": job.fault,
    }
