"""Moderators on the desk now: those with reserved comments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.insights.claimed_comments import list_claimed
from moderation.tables.accounts import Staff


@dataclass(frozen=True, kw_only=True)
class PersonOnDesk:
    """A moderator with reserved comments at a site."""

    login: str
    comments: int
    site_id: int


def list_people(
    session: Session, site_ids: Collection[int], now: datetime
) -> list[PersonOnDesk]:
    """Return the moderators who have reserved comments, by username and site."""
    found = {
        (staff_id, site_id): claimed.comments
        for site_id in site_ids
        for staff_id, claimed in list_claimed(session, site_id, now).items()
    }
    staff_ids = {staff_id for staff_id, _ in found}
    rows = session.execute(
        sa.select(Staff.id, Staff.login).where(Staff.id.in_(staff_ids))
    )
    logins = {row.id: row.login for row in rows}
    people = [
        PersonOnDesk(login=logins[staff_id], comments=comments, site_id=site_id)
        for (staff_id, site_id), comments in found.items()
    ]
    return sorted(people, key=lambda person: (person.login, person.site_id))
