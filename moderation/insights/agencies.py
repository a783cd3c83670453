"""Moderators' agencies at a site, as admins set them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.tables.insights import AgencyMember

MAX_NAME_LENGTH = 63  # characters


def read_members(session: Session, site_id: int) -> dict[int, str]:
    """Return the agencies of a site's moderators, by their ids."""
    rows = session.execute(
        sa.select(AgencyMember.staff_id, AgencyMember.name).where(
            AgencyMember.site_id == site_id
        )
    )
    return {row.staff_id: row.name for row in rows}


def set_agency(session: Session, site_id: int, staff_id: int, name: str | None) -> None:
    """Set the agency that a moderator works for at a site; None: for none."""
    if name is None:
        session.execute(
            sa.delete(AgencyMember).where(
                AgencyMember.site_id == site_id, AgencyMember.staff_id == staff_id
            )
        )
    else:
        session.merge(AgencyMember(site_id=site_id, staff_id=staff_id, name=name))
    session.flush()
    record(
        session,
        AuditAction.AGENCY_CHANGED,
        target=(TargetKind.STAFF, staff_id),
        site_id=site_id,
        has_agency=name is not None,
    )
