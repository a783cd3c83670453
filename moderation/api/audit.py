"""The audit log: who did what, when, from where, and why. For admins."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.audit_bodies import AuditPage, AuditQuery
from moderation.audit.actions import AuditAction
from moderation.audit.listing import AuditFilters, find_usernames, list_entries
from moderation.audit.references import read_actor, read_target, show_reference
from moderation.database import db
from moderation.errors import Forbidden
from moderation.tables.audit import AuditEntry
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.cursors import read_number, write_cursor
from moderation.web.openapi import StrictBlueprint, answers

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
