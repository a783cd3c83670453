"""Exports of listed comments as CSV: asked for, followed, and downloaded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.export_bodies import ExportList, ExportOut, NewExport, dump_export
from moderation.api.queue_bodies import QueueFilters
from moderation.api.queue_query import list_of
from moderation.database import db, start_writing
from moderation.desk import export
from moderation.desk.export import ExportRequest
from moderation.queue.query import CommentTab
from moderation.tables.jobs import Job
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("exports", __name__, url_prefix="/api/v1", description="For staff")
EXPORTS = "/sites/<site>/exports"
EXPORT = f"{EXPORTS}/<int(max=2147483647):export_id>"


@bp.route(EXPORTS, methods=["POST"])
@needs_staff
@bp.arguments(NewExport)
@bp.response(202, ExportOut, description="A worker writes it")
@answers(400, 403, 404, 409, 413, 415, 422)
def start_export(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Export the comments of a list as CSV; follow the export until it has succeeded.

    Cells that a spreadsheet would compute begin with an apostrophe. No email or IP
    address of an author is in it.
    """
    site_id, session = site_for(Role.MODERATOR, site), db.session()
    filters = {"status": CommentTab.ALL, **fields["filters"], "site": site}
    order = {"order": fields["order"]} if "order" in fields else {}
    wanted = list_of({**filters, **order})
    start_writing(session)
    job = export.start(
        session,
        ExportRequest(
            site_id=site_id,
            staff_id=current_person().id,
            filters=QueueFilters().dump(filters),
            order=wanted.order.value,
        ),
        datetime.now(UTC),
    )
    session.commit()
    return _shown(job)


@bp.route(EXPORTS, methods=["GET"])
@needs_staff
@bp.response(200, ExportList)
@answers(403, 404)
def list_exports(site: str) -> ResponseReturnValue:
    """List your exports of a site, or as an admin all of them, the newest first."""
    site_id = site_for(Role.MODERATOR, site)
    found = export.list_newest(db.session(), site_id, **_asker(site_id))
    return {"exports": [_shown(job) for job in found]}


@bp.route(EXPORT, methods=["GET"])
@needs_staff
@bp.response(200, ExportOut)
@answers(403, 404)
def read_export(site: str, export_id: int) -> ResponseReturnValue:
    """Get an export with its progress: your own or, as an admin, any."""
    return _shown(_find(site, export_id))


@bp.route(f"{EXPORT}/file", methods=["GET"])
@needs_staff
@answers(403, 404, 409)
@bp.response(200, {"type": "string"}, content_type="text/csv")
def download_export(site: str, export_id: int) -> ResponseReturnValue:
    """Download the file of an export: your own or, as an admin, any."""
    job, session = _find(site, export_id), db.session()
    start_writing(session)
    parts = export.read(session, job, datetime.now(UTC))
    session.commit()
    answer = Response(stream_with_context(parts), mimetype="text/csv")
    name = f"comments-{site}-{job.id}.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _find(site: str, export_id: int) -> Job:
    site_id = site_for(Role.MODERATOR, site)
    return export.find(db.session(), export_id, site_id, **_asker(site_id))


def _asker(site_id: int) -> dict[str, Any]:
    person = current_person()
    is_admin = site_id in person.whole_site_ids(Role.ADMIN)
    return {"staff_id": person.id, "is_admin": is_admin}


def _shown(job: Job) -> dict[str, Any]:
    username = staff.find_login(db.session(), job.staff_id)
    return dump_export(job, current_person().sites[job.site_id], username)
