"""A person loses access, or a part of it: what they had claimed is free at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from moderation.accounts import memberships
from moderation.accounts.memberships import Grant
from moderation.review import claims
from moderation.tables.accounts import Staff


def disable(session: Session, staff: Staff, now: datetime) -> None:
    """Let a person in no more, and free what they had claimed.

    Raises
    ------
    Conflict
        As `memberships.disable`.
    """
    memberships.disable(session, staff, now)
    claims.release_all(session, staff_id=staff.id)


def replace_grants(
    session: Session, staff: Staff, site_id: int, grants: Collection[Grant]
) -> None:
    """Replace a person's roles at a site, and free what they had claimed anywhere.

    What the new roles still cover, the person's desk claims again by itself.

    Raises
    ------
    InvalidFields, Conflict
        As `memberships.replace_grants`.
    """
    memberships.replace_grants(session, staff.id, site_id, grants)
    claims.release_all(session, staff_id=staff.id)
