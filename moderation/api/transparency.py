"""Transparency reports, and statements for the European database, as files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.transparency_bodies import (
    NewTransparencyFile,
    TransparencyFileList,
    TransparencyFileOut,
    dump_file,
    read_request,
)
from moderation.database import db, start_writing
from moderation.errors import InvalidFields
from moderation.tables.jobs import Job
from moderation.transparency import files
from moderation.transparency.files import TransparencyKind
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "transparency",
    __name__,
    url_prefix="/api/v1",
    description="For leads and admins",
)
FILES = "/sites/<site>/transparency-files"
FILE = f"{FILES}/<int(max=2147483647):file_id>"

#: Statements say of single decisions what a report only counts.
ROLES = {TransparencyKind.REPORT: Role.LEAD, TransparencyKind.STATEMENTS: Role.ADMIN}
EXTENSIONS = {TransparencyKind.REPORT: "zip", TransparencyKind.STATEMENTS: "jsonl"}


@bp.route(FILES, methods=["POST"])
@needs_staff
@bp.arguments(NewTransparencyFile)
@bp.response(202, TransparencyFileOut, description="A worker makes it")
@answers(400, 403, 404, 409, 413, 415, 422)
def start_transparency_file(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a transparency report, or statements; follow it until it has succeeded."""
    request = read_request(fields)
    site_id, session = site_for(ROLES[request.kind], site), db.session()
    now = datetime.now(UTC)
    is_settled = request.period.end + _undo_period() <= now
    if request.kind is TransparencyKind.STATEMENTS and not is_settled:
        raise InvalidFields({"to": ["Must be over, so that nothing can be undone."]})
    start_writing(session)
    job = files.start_file(
        session, site_id, request, staff_id=current_person().id, now=now
    )
    session.commit()
    return _shown(job)


@bp.route(FILES, methods=["GET"])
@needs_staff
@bp.response(200, TransparencyFileList)
@answers(403, 404)
def list_transparency_files(site: str) -> ResponseReturnValue:
    """List the reports of a site and, as an admin, its statements; newest first."""
    site_id = site_for(Role.LEAD, site)
    found = files.list_files(db.session(), site_id, _kinds(site_id))
    return {"files": [_shown(job) for job in found]}


@bp.route(FILE, methods=["GET"])
@needs_staff
@bp.response(200, TransparencyFileOut)
@answers(403, 404)
def read_transparency_file(site: str, file_id: int) -> ResponseReturnValue:
    """Get a file with its progress."""
    return _shown(_find(site, file_id))


@bp.route(f"{FILE}/file", methods=["GET"])
@needs_staff
@answers(403, 404, 409)
@bp.response(
    200,
    {"type": "string", "format": "binary"},
    content_type="application/octet-stream",
)
def download_transparency_file(site: str, file_id: int) -> ResponseReturnValue:
    """Download a report (a ZIP archive of CSV files) or statements (JSON lines).

    Each line of statements is the body of one call of the European database.
    """
    job, session = _find(site, file_id), db.session()
    start_writing(session)
    content = files.read_file(session, job, datetime.now(UTC))
    session.commit()
    kind = files.kind_of(job)
    answer = Response(content, mimetype="application/octet-stream")
    name = f"{kind}-{site}-{job.arguments['from']}-{job.arguments['to']}"
    disposition = f"attachment; filename={name}.{EXTENSIONS[kind]}"
    answer.headers["Content-Disposition"] = disposition
    return answer


def _find(site: str, file_id: int) -> Job:
    site_id = site_for(Role.LEAD, site)
    return files.find_file(db.session(), file_id, site_id, _kinds(site_id))


def _kinds(site_id: int) -> list[TransparencyKind]:
    person = current_person()
    return [
        kind for kind, role in ROLES.items() if site_id in person.whole_site_ids(role)
    ]


def _undo_period() -> timedelta:
    settings = services().settings
    return timedelta(seconds=settings.undo_seconds, minutes=settings.batch_undo_minutes)


def _shown(job: Job) -> dict[str, Any]:
    username = staff.find_login(db.session(), job.staff_id)
    return dump_file(job, current_person().sites[job.site_id], username)
