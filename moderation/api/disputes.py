"""Disputes before out-of-court settlement bodies. For leads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.dispute_bodies import (
    DisputeBody,
    DisputeOut,
    DisputesOut,
    NewDispute,
    dump_dispute,
    read_dispute,
)
from moderation.database import db, start_writing
from moderation.objections import disputes
from moderation.tables.legal import Dispute
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "disputes", __name__, url_prefix="/api/v1", description="For leads"
)
DISPUTES = "/sites/<site>/disputes"
DISPUTE = "/disputes/<int(max=2147483647):dispute_id>"


@bp.route(DISPUTES, methods=["GET"])
@needs_staff
@bp.response(200, DisputesOut)
@answers(403, 404)
def list_disputes(site: str) -> ResponseReturnValue:
    """List a site's disputes before out-of-court bodies, those filed last first."""
    site_id = site_for(Role.LEAD, site)
    rows = disputes.list_of_site(db.session(), site_id)
    return {"disputes": [dump_dispute(row) for row in rows]}


@bp.route(DISPUTES, methods=["POST"])
@needs_staff
@bp.arguments(NewDispute)
@bp.response(201, DisputeOut)
@answers(400, 403, 404, 413, 415, 422)
def create_dispute(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a dispute about a comment, or about the decision of a notice.

    The transparency report counts it. Nothing is sent to the body.
    """
    site_id, session = site_for(Role.LEAD, site), db.session()
    start_writing(session)
    row = disputes.create(
        session,
        site_id,
        read_dispute(fields),
        comment_id=fields["comment"],
        notice_id=fields["notice"],
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return dump_dispute(row)


@bp.route(DISPUTE, methods=["PUT"])
@needs_staff
@bp.arguments(DisputeBody)
@bp.response(200, DisputeOut)
@answers(400, 404, 413, 415, 422)
def update_dispute(fields: dict[str, Any], dispute_id: int) -> ResponseReturnValue:
    """Record how a dispute ended, or correct its data."""
    session = db.session()
    start_writing(session)
    row = _find(dispute_id)
    disputes.update(session, row, read_dispute(fields), datetime.now(UTC))
    session.commit()
    return dump_dispute(row)


@bp.route(DISPUTE, methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404)
def delete_dispute(dispute_id: int) -> None:
    """Delete a dispute that was entered by mistake. The audit log keeps a record."""
    session = db.session()
    start_writing(session)
    disputes.remove(session, _find(dispute_id))
    session.commit()


def _find(dispute_id: int) -> Dispute:
    led = current_person().whole_site_ids(Role.LEAD)
    return disputes.find(db.session(), led, dispute_id, for_update=True)
