"""Let staff in by their groups at an identity provider: each log-in sets the roles."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts import identities, memberships
from moderation.accounts.identities import ProviderIdentity
from moderation.accounts.memberships import Grant
from moderation.accounts.staff import ROLE_ORDER, Role
from moderation.environment import GroupRole
from moderation.errors import Conflict, StaffDisabled
from moderation.review import access
from moderation.tables.accounts import Staff
from moderation.tables.sites import Site

logger = logging.getLogger(__name__)

Roles = dict[str, Role]  # by section; that of the whole site under `WHOLE_SITE`


def sign_on(
    session: Session,
    identity: ProviderIdentity,
    group_roles: Collection[GroupRole],
    now: datetime,
) -> Staff | None:
    """Return the person behind an identity, with the roles of their groups.

    The first time, the person is created. Their roles at the sites of `group_roles`
    are replaced, and end where none of their groups has one; roles at other sites
    stay. The last active admin of a site stays its admin.

    Returns
    -------
    None if no group of theirs has a role: they are to be refused. What their groups
    have lost is to be committed even so.

    Raises
    ------
    StaffDisabled, UsernameTaken
        If the person may not log in; if the username of a new one is another's.
    """
    wanted = _wanted_roles(session, identity.groups, group_roles)
    has_role = any(wanted.values())
    staff = identities.find_by_identity(session, identity.issuer, identity.subject)
    if staff is not None and staff.disabled_at is not None:
        raise StaffDisabled
    if staff is None:
        if not has_role:
            return None
        staff = identities.create_by_identity(session, identity, now)
        logger.info("single sign-on: created person %s", staff.id)
    for site_id in sorted(wanted):
        _replace_roles(session, staff, site_id, wanted[site_id])
    return staff if has_role else None


def _wanted_roles(
    session: Session, groups: Collection[str], group_roles: Collection[GroupRole]
) -> dict[int, Roles]:
    """Return the highest role of some groups, for each site that any group has."""
    names = {each.site for each in group_roles}
    rows = session.execute(sa.select(Site.name, Site.id).where(Site.name.in_(names)))
    site_ids: Mapping[str, int] = {row.name: row.id for row in rows}
    for name in sorted(names - site_ids.keys()):
        logger.warning(
            "MODERATION_OIDC_ROLES names the site %s, which isn't here", name
        )
    wanted: dict[int, Roles] = {site_id: {} for site_id in site_ids.values()}
    for each in group_roles:
        if each.group in groups and each.site in site_ids:
            roles, role = wanted[site_ids[each.site]], Role(each.role)
            highest = max(roles.get(each.section, role), role, key=ROLE_ORDER.index)
            roles[each.section] = highest
    return wanted


def _replace_roles(session: Session, staff: Staff, site_id: int, roles: Roles) -> None:
    """Replace a person's roles at a site if they changed: that ends their claims."""
    if memberships.read_roles(session, staff.id, site_id) == roles:
        return
    grants = [
        Grant(role=role, sections=(section,) if section else ())
        for section, role in roles.items()
    ]
    try:
        access.replace_grants(session, staff, site_id, grants)
    except Conflict:
        logger.warning(
            "single sign-on: person %s stays admin of site %s, which has no other one",
            staff.id,
            site_id,
        )
    else:
        logger.info("single sign-on: new roles of person %s at %s", staff.id, site_id)
