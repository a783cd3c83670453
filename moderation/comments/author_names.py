"""Detect author names that deceive the readers of a site."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.sites.sites import SiteContext
from moderation.tables.accounts import Membership, Staff
from moderation.text import names


def is_deceptive(session: Session, site: SiteContext, name: str) -> bool:
    """Return whether a name hides characters, mixes scripts, or imitates others.

    Logins of staff are no public names. Thus only a name in look-alikes of their
    letters imitates them; a reader may be called the same.
    """
    if names.is_deceptive(name, site.name):
        return True
    return names.has_lookalikes(name) and names.imitates(name, _logins(session, site))


def _logins(session: Session, site: SiteContext) -> list[str]:
    of_site = (
        sa.select(Staff.login).join(Membership).where(Membership.site_id == site.id)
    )
    return list(session.scalars(of_site))
