"""A person's data at a site: counted, exported, corrected, erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response
from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.person_bodies import (
    ErasureAnswer,
    ErasureList,
    ErasureOut,
    NewErasure,
    NewPersonLink,
    PersonCorrected,
    PersonCorrection,
    PersonExport,
    PersonFormat,
    PersonLinkOut,
    PersonNamed,
    PersonSummary,
    ReceiptChecked,
    ReceiptIn,
    correction_of,
    dump_erasure,
    query_of,
)
from moderation.database import db, start_writing
from moderation.learning import lineage
from moderation.sites.keys import KeyScope
from moderation.subjects import clocks, erasure, export, links, receipts, rectification
from moderation.subjects.page import render
from moderation.subjects.person import DataSubject, comment_ids_of, find_subject
from moderation.subjects.receipts import ReceiptKeys
from moderation.tables.objections import Report
from moderation.tables.subjects import PersonErasure
from moderation.web.auth import (
    current_person,
    current_site,
    needs_site,
    needs_staff,
    site_for,
)
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "persons", __name__, url_prefix="/api/v1", description="For admins"
)
PERSONS = "/sites/<site>/persons"
ERASURES = "/sites/<site>/erasures"
ERASURE = f"{ERASURES}/<int(max=2147483647):erasure_id>"


@bp.route(f"{PERSONS}/summary", methods=["POST"])
@needs_staff
@bp.arguments(PersonNamed)
@bp.response(200, PersonSummary)
@answers(400, 403, 404, 413, 415, 422)
def summarize_person(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Count a site's data about a person, before an export or an erasure."""
    session, now = db.session(), datetime.now(UTC)
    subject = _find(site, fields)
    ids = comment_ids_of(session, subject)
    made = sa.select(sa.func.count()).select_from(Report).where(subject.has_reported())
    start_writing(session)
    export.record_export(session, subject, len(ids))
    session.commit()
    return {
        "authors": list(subject.author_ids),
        "comments": len(ids),
        "under_legal_hold": len(erasure.held_ids(session, subject, now)),
        "reports_made": session.scalar(made) or 0,
        "models": [
            {"version": model.version, "is_active": model.is_active}
            for model in lineage.list_trained_on_any(
                session, subject.site_id, ids, services().lineage_key
            )
        ],
    }


@bp.route(f"{PERSONS}/export", methods=["POST"])
@needs_staff
@bp.arguments(PersonNamed)
@bp.response(200, PersonExport)
@answers(400, 403, 404, 413, 415, 422)
def export_person(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Export all of a site's data about a person, as JSON.

    The email address is in it, in clear: it is for the person.
    """
    return _export(_find(site, fields))


@bp.route(f"{PERSONS}/page", methods=["POST"])
@needs_staff
@bp.arguments(PersonFormat)
@answers(400, 403, 404, 413, 415, 422)
@bp.response(200, {"type": "string"}, content_type="text/html")
def export_person_page(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Export all of a site's data about a person, as a page to read.

    It needs no other file, and no network.
    """
    document = _export(_find(site, fields))
    answer = Response(render(document, fields["language"]), mimetype="text/html")
    answer.headers["Content-Disposition"] = f"attachment; filename=person-{site}.html"
    return answer


@bp.route(f"{PERSONS}/link", methods=["POST"])
@needs_staff
@bp.arguments(NewPersonLink)
@bp.response(201, PersonLinkOut)
@answers(400, 403, 404, 413, 415, 422)
def create_person_link(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a link with which a person sees their data and asks for its erasure.

    Mail it to the person: everyone who has it sees the same.
    """
    return _link(_find(site, fields), fields)


@bp.route("/person-links", methods=["POST"])
@needs_site(KeyScope.MANAGE)
@bp.arguments(NewPersonLink)
@bp.response(201, PersonLinkOut)
@answers(400, 404, 413, 415, 422)
def create_person_link_as_site(fields: dict[str, Any]) -> ResponseReturnValue:
    """Create a link for a person whom your site has identified.

    They see their data with it, and can ask for its erasure. Mail it to the person:
    everyone who has it sees the same.
    """
    subject = find_subject(
        db.session(), services().privacy, current_site().id, query_of(fields)
    )
    return _link(subject, fields)


@bp.route(f"{PERSONS}/correction", methods=["POST"])
@needs_staff
@bp.arguments(PersonCorrection)
@bp.response(200, PersonCorrected)
@answers(400, 403, 404, 409, 413, 415, 422)
def rectify_person(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Correct a person's name, link, or email address in all of their comments."""
    session, subject = db.session(), _find(site, fields)
    start_writing(session)
    count = rectification.rectify(
        session,
        services().privacy,
        subject,
        correction_of(fields),
        datetime.now(UTC),
    )
    session.commit()
    return {"comments": count}


@bp.route(ERASURES, methods=["POST"])
@needs_staff
@bp.arguments(NewErasure)
@bp.response(202, ErasureOut, description="A worker carries it out")
@answers(400, 403, 404, 413, 415, 422)
def erase_person(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Erase a person at a site; follow the request until there is a receipt.

    It reaches comments, earlier texts, reports, appeals, notes, author records, events
    not yet sent, and exports. Replies of others and comments under a legal hold stay.
    """
    session, subject = db.session(), _find(site, fields)
    mode = fields.get("mode") or clocks.read_clocks(session, subject.site_id).mode
    start_writing(session)
    row = erasure.request(
        session,
        subject,
        mode,
        staff_id=current_person().id,
        retrains=fields["retrain"],
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(row)


@bp.route(ERASURES, methods=["GET"])
@needs_staff
@bp.response(200, ErasureList)
@answers(403, 404)
def list_erasures(site: str) -> ResponseReturnValue:
    """List requests to erase a person's data, the newest first, with their receipts."""
    rows = erasure.list_newest(db.session(), site_for(Role.ADMIN, site))
    return {"erasures": [_shown(row) for row in rows]}


@bp.route(ERASURE, methods=["GET"])
@needs_staff
@bp.response(200, ErasureOut)
@answers(403, 404)
def read_erasure(site: str, erasure_id: int) -> ResponseReturnValue:
    """Get an erasure with its progress and its receipt."""
    site_id = site_for(Role.ADMIN, site)
    return _shown(erasure.find(db.session(), site_id, erasure_id))


@bp.route(f"{ERASURE}/answer", methods=["POST"])
@needs_staff
@bp.arguments(ErasureAnswer)
@bp.response(200, ErasureOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def answer_erasure(
    fields: dict[str, Any], site: str, erasure_id: int
) -> ResponseReturnValue:
    """Allow or refuse an erasure that a person has requested."""
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    staff_id = current_person().id
    start_writing(session)
    row = erasure.find(session, site_id, erasure_id, for_update=True)
    if fields["allow"]:
        mode = fields.get("mode") or clocks.read_clocks(session, site_id).mode
        erasure.allow(session, row, staff_id=staff_id, mode=mode)
    else:
        erasure.refuse(
            session,
            row,
            staff_id=staff_id,
            reason=fields["reason"],
            now=datetime.now(UTC),
        )
    session.commit()
    return _shown(row)


@bp.route("/sites/<site>/receipts/check", methods=["POST"])
@needs_staff
@bp.arguments(ReceiptIn)
@bp.response(200, ReceiptChecked)
@answers(400, 403, 404, 413, 415, 422)
def check_receipt(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Check a receipt against its signature and the database."""
    site_for(Role.ADMIN, site)
    secret = services().settings.secret_key
    keys = ReceiptKeys(
        receipt=receipts.derive_receipt_key(secret), lineage=services().lineage_key
    )
    receipt = fields["receipt"]
    if receipt.get("site") != site:
        receipt = {}
    result = receipts.check(db.session(), receipt, keys)
    return {**vars(result), "is_sound": result.is_sound}


def _find(site: str, fields: dict[str, Any]) -> DataSubject:
    site_id = site_for(Role.ADMIN, site)
    return find_subject(db.session(), services().privacy, site_id, query_of(fields))


def _export(subject: DataSubject) -> dict[str, Any]:
    session = db.session()
    start_writing(session)
    document = export.export(
        session,
        services().privacy,
        subject,
        services().lineage_key,
        datetime.now(UTC),
    )
    session.commit()
    return document


def _link(subject: DataSubject, fields: dict[str, Any]) -> dict[str, Any]:
    session, settings = db.session(), services().settings
    start_writing(session)
    row, path = links.create(
        session,
        subject,
        links.derive_link_key(settings.secret_key),
        timedelta(days=fields["days"]),
        datetime.now(UTC),
    )
    session.commit()
    return {"url": f"{settings.public_url}{path}", "expires_at": row.expires_at}


def _shown(row: PersonErasure) -> dict[str, Any]:
    return dump_erasure(row, staff.find_login(db.session(), row.staff_id))
