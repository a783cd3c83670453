"""The audit log: who did what, when, from where, and why. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.audit_bodies import (
    AuditFilterQuery,
    AuditPage,
    AuditQuery,
    AuditVerificationOut,
    NewAuditVerification,
)
from moderation.audit.actions import AuditAction
from moderation.audit.actors import get_key
from moderation.audit.export import write_csv
from moderation.audit.heads import read_lines
from moderation.audit.listing import AuditFilters, find_usernames, list_entries
from moderation.audit.log import record
from moderation.audit.references import read_actor, read_target, show_reference
from moderation.audit.verification import verify
from moderation.database import db, start_writing
from moderation.errors import Forbidden
from moderation.rekeying import audit_keys
from moderation.tables.audit import AuditEntry
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.cursors import read_number, write_cursor
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

#: A check reads all entries: who asks again and again waits.
VERIFICATION_LIMIT = "6 per minute"

bp = StrictBlueprint("audit", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/audit", methods=["GET"])
@needs_staff
@bp.arguments(AuditQuery, location="query")
@bp.response(200, AuditPage)
@answers(404, 422)
def list_audit_entries(query: dict[str, Any]) -> ResponseReturnValue:
    """List the entries of your sites in the audit log, newest first.

    Entries of no site, such as log-ins, are listed if their actor or target works at
    one of your sites. No entry holds personal data; usernames are looked up.
    """
    session, limit = db.session(), query["limit"]
    entries = list_entries(
        session,
        _filters(query),
        site_ids=_site_ids(query),
        before=read_number(query.get("cursor")),
        limit=limit + 1,
    )
    page = entries[:limit]
    usernames = find_usernames(session, page)
    return {
        "entries": [_shown(entry, usernames) for entry in page],
        "next": write_cursor([str(page[-1].sequence)])
        if len(entries) > limit
        else None,
    }


@bp.route("/audit/file", methods=["GET"])
@needs_staff
@bp.arguments(AuditFilterQuery, location="query")
@answers(404, 422)
@bp.response(200, {"type": "string"}, content_type="text/csv")
def export_audit_log(query: dict[str, Any]) -> ResponseReturnValue:
    """Download your sites' audit entries as CSV. The download is also recorded.

    Cells that a spreadsheet would compute begin with an apostrophe.
    """
    session = db.session()
    site_ids, filters = _site_ids(query), _filters(query)
    start_writing(session)
    record(
        session,
        AuditAction.AUDIT_EXPORTED,
        site_id=filters.site_id,
        filters=sorted(query),
    )
    session.commit()
    parts = write_csv(session, filters, site_ids, current_person().sites)
    answer = Response(stream_with_context(parts), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=audit-log.csv"
    return answer


@bp.route("/audit/verification", methods=["POST"])
@needs_staff
@bp.arguments(NewAuditVerification, required=False)
@bp.response(200, AuditVerificationOut)
@answers(400, 403, 413, 415, 422, 429)
def verify_audit_log(fields: dict[str, Any]) -> ResponseReturnValue:
    """Check the chain of the whole audit log, and return the first fault in it.

    With earlier heads, also that the chain goes on from them.
    """
    _site_ids({})
    allow(VERIFICATION_LIMIT, "audit-verification", str(current_person().id))
    session = db.session()
    heads = list(read_lines(fields["heads"]))
    older = audit_keys.list_older(session, services().keys)
    result = verify(session, get_key(session), heads, older=older)
    fault = result.fault
    return {
        "count": result.count,
        "fault": fault and {"kind": fault.kind, "sequence": fault.sequence},
        "verified_at": datetime.now(UTC),
    }


def _site_ids(query: dict[str, Any]) -> list[int]:
    """Return the sites whose entries are listed.

    Raises
    ------
    NotFound, Forbidden
        If the person isn't an admin of the named site, or of any.
    """
    if "site" in query:
        return [site_for(Role.ADMIN, query["site"])]
    site_ids = current_person().whole_site_ids(Role.ADMIN)
    if not site_ids:
        raise Forbidden(f"This needs the role {Role.ADMIN} at a site.")
    return site_ids


def _filters(query: dict[str, Any]) -> AuditFilters:
    session = db.session()
    actor_kind, actor_id = target_kind, target_id = None, None
    if "actor" in query:
        actor_kind, actor_id = read_actor(session, query["actor"])
    if "target" in query:
        target_kind, target_id = read_target(session, query["target"])
    return AuditFilters(
        site_id=site_for(Role.ADMIN, query["site"]) if "site" in query else None,
        action=query.get("action"),
        reason=query.get("reason"),
        actor_kind=actor_kind,
        actor_id=actor_id,
        target_kind=target_kind,
        target_id=target_id,
        since=query.get("since"),
        until=query.get("until"),
    )


def _shown(entry: AuditEntry, usernames: dict[int, str]) -> dict[str, Any]:
    target = None
    if entry.target_kind is not None:
        target = show_reference(entry.target_kind, entry.target_id, usernames)
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "action": AuditAction(entry.action),
        "actor": show_reference(entry.actor_kind, entry.actor_id, usernames),
        "network": entry.network,
        "site": current_person().sites.get(entry.site_id or 0),
        "target": target,
        "details": entry.details,
        "reason": entry.reason,
        "hash": entry.hash,
    }
