"""Other systems' histories: uploaded in parts, checked, then imported. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.import_bodies import (
    ImportCheck,
    ImportList,
    ImportOut,
    ImportPartQuery,
    NewImport,
    load_request,
)
from moderation.api.jobs import shown, without_report
from moderation.database import db, start_writing
from moderation.importing import uploads
from moderation.tables.importing import HistoryUpload
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import read_body
from moderation.web.services import services

bp = StrictBlueprint(
    "imports", __name__, url_prefix="/api/v1", description="For admins"
)
IMPORTS = "/sites/<site>/imports"
IMPORT = f"{IMPORTS}/<int(max=2147483647):import_id>"
OCTETS = "application/octet-stream"


@bp.route(IMPORTS, methods=["GET"])
@needs_staff
@bp.response(200, ImportList)
@answers(404)
def list_imports(site: str) -> ResponseReturnValue:
    """List the newest uploaded histories of a site, with their state."""
    session, folder = db.session(), services().uploads
    entries = uploads.list_newest(session, site_for(Role.ADMIN, site))
    return {
        "imports": [_shown(session, each, is_short=True) for each in entries],
        "max_bytes": folder.max_bytes,
        "part_bytes": uploads.PART_BYTES,
    }


@bp.route(IMPORTS, methods=["POST"])
@needs_staff
@bp.arguments(NewImport)
@bp.response(201, ImportOut)
@answers(400, 404, 409, 413, 415, 422)
def create_import(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Announce the files of an import; then upload them in parts.

    Refused with 413 if they are larger than this installation takes. They are deleted
    when the import has succeeded or was canceled, and after 24 hours in any case.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    upload = uploads.create(
        session,
        site_id,
        fields["files"],
        services().uploads,
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(session, upload)


@bp.route(IMPORT, methods=["GET"])
@needs_staff
@bp.response(200, ImportOut)
@answers(404)
def read_import(site: str, import_id: int) -> ResponseReturnValue:
    """Get an import: its files, its check with the report, and its job."""
    return _shown(db.session(), _find(site, import_id))


@bp.route(f"{IMPORT}/files/<int(max=999):number>", methods=["PUT"])
@needs_staff
@bp.arguments(ImportPartQuery, location="query")
@bp.response(200, ImportOut)
@answers(404, 409, 413, 415, 422)
@bp.doc(
    requestBody={
        "required": True,
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
    }
)
def upload_import_part(
    query: dict[str, Any], site: str, import_id: int, number: int
) -> ResponseReturnValue:
    """Add a part to a file of an import; files are numbered from 0.

    Send the parts of a file one after another, each with the bytes before it as
    `offset`.
    """
    upload = _find(site, import_id)
    if request.mimetype != OCTETS:
        raise UnsupportedMediaType(f"Send the part as {OCTETS}.")
    request.max_content_length = uploads.PART_BYTES
    data = read_body(request)
    uploads.append(upload, number, query["offset"], data, services().uploads)
    return _shown(db.session(), upload)


@bp.route(f"{IMPORT}/check", methods=["POST"])
@needs_staff
@bp.arguments(ImportCheck)
@bp.response(202, ImportOut, description="A worker reads the files")
@answers(400, 404, 409, 413, 415, 422)
def check_import(
    fields: dict[str, Any], site: str, import_id: int
) -> ResponseReturnValue:
    """Read the uploaded files without storing a comment.

    The result has a `report`: comments by status, year, and section, rows that can't be
    taken, and whether the decisions are enough to train on. It has no text, name, or
    address. Check again with other options as often as you need.
    """
    return _enqueue(site, import_id, fields)


@bp.route(f"{IMPORT}/start", methods=["POST"])
@needs_staff
@bp.response(202, ImportOut, description="A worker imports the files")
@answers(404, 409)
def start_import(site: str, import_id: int) -> ResponseReturnValue:
    """Import the files as the newest check read them. Follow or cancel `job`.

    What a canceled import has added stays; the same files again add the rest.
    """
    return _enqueue(site, import_id, None)


@bp.route(IMPORT, methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404, 409)
def delete_import(site: str, import_id: int) -> ResponseReturnValue:
    """Delete the uploaded files; imported comments stay."""
    upload, session = _find(site, import_id), db.session()
    start_writing(session)
    uploads.delete(session, upload, services().uploads, datetime.now(UTC))
    session.commit()
    return ""


def _enqueue(
    site: str, import_id: int, fields: dict[str, Any] | None
) -> ResponseReturnValue:
    upload, session = _find(site, import_id), db.session()
    start_writing(session)
    uploads.enqueue(
        session,
        upload,
        None if fields is None else load_request(fields),
        services().uploads,
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(session, upload)


def _find(site: str, import_id: int) -> HistoryUpload:
    return uploads.find(db.session(), import_id, site_for(Role.ADMIN, site))


def _shown(
    session: Session, upload: HistoryUpload, *, is_short: bool = False
) -> dict[str, Any]:
    folder = services().uploads
    check, job = uploads.jobs_of(session, upload)
    lasts_until = upload.created_at + uploads.FILES_LAST
    sizes = uploads.received(upload, folder)
    return {
        "id": upload.id,
        "site": current_person().sites[upload.site_id],
        "created_at": upload.created_at,
        "asked_by": staff.find_login(session, upload.staff_id),
        "files": [
            {**file, "received": size}
            for file, size in zip(upload.files, sizes, strict=True)
        ],
        "expires_at": None if upload.deleted_at else lasts_until,
        "check": check and _without_report(shown(check), is_short),
        "job": job and _without_report(shown(job), is_short),
        "added": uploads.count_added(session, upload),
    }


def _without_report(job: dict[str, Any], is_short: bool) -> dict[str, Any]:
    return without_report(job) if is_short else job
