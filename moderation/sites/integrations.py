"""The compatibility APIs that a site uses, and its secrets for them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import StaleSettings
from moderation.privacy import Privacy
from moderation.sites import protocols
from moderation.sites.keys import is_unrevoked
from moderation.sites.protocols import Integrations, Protocol
from moderation.tables.sites import Site, SiteSecret


def read_site_integrations(session: Session, site_id: int) -> Integrations:
    """Return which compatibility APIs a site uses."""
    return protocols.read_integrations(session.get_one(Site, site_id).integrations)


def update_integrations(
    session: Session,
    site_id: int,
    integrations: Integrations,
    *,
    seen_version: str | None = None,
) -> None:
    """Store which compatibility APIs a site uses.

    Parameters
    ----------
    seen_version
        `Integrations.version` that the change is based on; None: any.

    Raises
    ------
    InvalidFields
        If an address in it is none, or a new home URL is plain HTTP.
    StaleSettings
        If they have changed since.
    """
    row = session.get_one(Site, site_id, with_for_update=True, populate_existing=True)
    before = protocols.read_integrations(row.integrations)
    if seen_version not in {None, before.version}:
        raise StaleSettings
    protocols.refuse_invalid(integrations, kept_home=before.home)
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(integrations=integrations.as_json())
    )
    stored, former = integrations.as_json(), before.as_json()
    record(
        session,
        AuditAction.INTEGRATIONS_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        changed=sorted(name for name in stored if stored[name] != former[name]),
        protocols=stored["protocols"],
    )


def create_secret(
    session: Session,
    site_id: int,
    protocol: Protocol,
    secret: str,
    *,
    privacy: Privacy,
    now: datetime,
    overlap: timedelta,
) -> None:
    """Add a signing secret of a site; older ones expire after the overlap."""
    session.execute(
        sa.update(SiteSecret)
        .where(
            SiteSecret.site_id == site_id,
            SiteSecret.protocol == protocol.value,
            is_unrevoked(SiteSecret.revoked_at, now + overlap),
        )
        .values(revoked_at=now + overlap)
    )
    row = SiteSecret(
        site_id=site_id,
        protocol=protocol.value,
        sealed=privacy.seal_secret(secret, protocol.value, site_id),
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        AuditAction.SECRET_CREATED,
        target=(TargetKind.SECRET, row.id),
        site_id=site_id,
        protocol=protocol.value,
        overlap_hours=overlap // timedelta(hours=1),
    )


def list_secrets(
    session: Session,
    site_id: int,
    protocol: Protocol,
    *,
    privacy: Privacy,
    now: datetime,
) -> list[str]:
    """Return a site's valid signing secrets, newest first."""
    sealed = session.scalars(
        sa.select(SiteSecret.sealed)
        .where(
            SiteSecret.site_id == site_id,
            SiteSecret.protocol == protocol.value,
            is_unrevoked(SiteSecret.revoked_at, now),
        )
        .order_by(SiteSecret.id.desc())
    )
    return [privacy.open_secret(token, protocol.value, site_id) for token in sealed]
