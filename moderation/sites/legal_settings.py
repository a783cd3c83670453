"""A site's legal duties that are switched on."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import NotFound
from moderation.policy.duties import Duty, LegalSettings
from moderation.tables.sites import Site


def read_legal_settings(session: Session, site_id: int) -> LegalSettings:
    """Return a site's settings."""
    stored = session.scalar(sa.select(Site.legal).where(Site.id == site_id))
    return LegalSettings.read(stored)


def list_sites_with(
    session: Session, site_ids: Collection[int], duty: Duty
) -> list[int]:
    """Return those of some sites at which a duty is on."""
    rows = session.execute(
        sa.select(Site.id, Site.legal).where(
            Site.id.in_(site_ids), Site.legal.is_not(None)
        )
    )
    return [row.id for row in rows if LegalSettings.read(row.legal).is_on(duty)]


def update_legal_settings(
    session: Session, site_id: int, settings: LegalSettings
) -> None:
    """Store a site's settings; the change is in the audit log."""
    former = read_legal_settings(session, site_id)
    session.execute(
        sa.update(Site).where(Site.id == site_id).values(legal=settings.as_json())
    )
    record(
        session,
        AuditAction.LEGAL_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        kind=settings.kind,
        former_kind=former.kind,
        is_small=settings.is_small,
        voluntary=sorted(duty.value for duty in settings.voluntary),
    )


def refuse_unless_on(session: Session, site_id: int, duty: Duty) -> None:
    """Refuse what a site has not switched on.

    Raises
    ------
    NotFound
        If the duty is off.
    """
    if not read_legal_settings(session, site_id).is_on(duty):
        raise NotFound("The site has not switched this on: see docs/law.md.")
