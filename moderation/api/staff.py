"""Staff of a site: invited, given roles, disabled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts import identities, memberships, second_factor, sessions
from moderation.accounts.staff import Role
from moderation.api.staff_bodies import (
    EndedOut,
    InvitedOut,
    NewIdentity,
    NewMember,
    NewRoles,
    PasswordLinkOut,
    StaffList,
    StaffMemberOut,
    dump_link,
    dump_member,
)
from moderation.database import db, start_writing
from moderation.errors import Conflict, Forbidden, NotFound
from moderation.review import access
from moderation.tables.accounts import Staff
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.web.staff_links import create_address

bp = StrictBlueprint(
    "staff", __name__, url_prefix="/api/v1/sites", description="For admins"
)
MEMBER = "/<site>/staff/<login>"


@bp.route("/<site>/staff", methods=["GET"])
@needs_staff
@bp.response(200, StaffList)
@answers(404)
def list_staff(site: str) -> ResponseReturnValue:
    """List the staff of a site, including disabled accounts."""
    site_id, now = site_for(Role.ADMIN, site), datetime.now(UTC)
    members = memberships.list_members(db.session(), site_id, now)
    return {"staff": [dump_member(member) for member in members]}


@bp.route("/<site>/staff", methods=["POST"])
@needs_staff
@bp.arguments(NewMember)
@bp.response(201, InvitedOut)
@answers(400, 404, 409, 413, 415, 422)
def invite_staff(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Add a person, who sets a password with the one-time link in the response.

    Hand the link over yourself: the service sends no email. A username that is taken
    is refused with 409. To let a colleague at another of your sites work
    here, set their roles.
    """
    site_id, session, now = site_for(Role.ADMIN, site), db.session(), datetime.now(UTC)
    start_writing(session)
    staff = memberships.invite(session, fields["login"], site_id, fields["roles"], now)
    link = create_address(session, staff, created_by=current_person().id, now=now)
    session.commit()
    return {"member": _member(session, site_id, staff, now), "link": dump_link(link)}


@bp.route(MEMBER, methods=["PUT"])
@needs_staff
@bp.arguments(NewRoles)
@bp.response(200, StaffMemberOut)
@answers(400, 404, 409, 413, 415, 422)
def update_roles(fields: dict[str, Any], site: str, login: str) -> ResponseReturnValue:
    """Replace a person's roles at a site; their claims are released.

    The person works at this site, or at another one where you are an admin.
    """
    site_id, session, now = site_for(Role.ADMIN, site), db.session(), datetime.now(UTC)
    start_writing(session)
    staff = _colleague(session, login)
    if fields["seen_roles"] is not None:
        memberships.refuse_stale(session, staff.id, site_id, fields["seen_roles"])
    access.replace_grants(session, staff, site_id, fields["roles"])
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(MEMBER, methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404, 409)
def remove_staff(site: str, login: str) -> None:
    """Remove a person's roles at a site; the account stays."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    staff = memberships.get_member(session, site_id, login)
    access.replace_grants(session, staff, site_id, [])
    session.commit()


@bp.route(f"{MEMBER}/disable", methods=["POST"])
@needs_staff
@bp.response(200, StaffMemberOut)
@answers(404, 409)
def disable_staff(site: str, login: str) -> ResponseReturnValue:
    """End a person's access everywhere: sessions, tokens, links, and claims."""
    session, now = db.session(), datetime.now(UTC)
    site_id, staff = _own_member(site, login)
    access.disable(session, staff, now)
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(f"{MEMBER}/enable", methods=["POST"])
@needs_staff
@bp.response(200, StaffMemberOut)
@answers(404, 409)
def enable_staff(site: str, login: str) -> ResponseReturnValue:
    """Enable a disabled person, with their earlier roles."""
    session, now = db.session(), datetime.now(UTC)
    site_id, staff = _own_member(site, login)
    memberships.enable(session, staff)
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(f"{MEMBER}/password-link", methods=["POST"])
@needs_staff
@bp.response(201, PasswordLinkOut)
@answers(404, 409)
def create_password_link(site: str, login: str) -> ResponseReturnValue:
    """Create a one-time link with which a person sets a password; older ones end.

    A password that they have works until then.
    """
    session, now = db.session(), datetime.now(UTC)
    _, staff = _own_member(site, login)
    link = create_address(session, staff, created_by=current_person().id, now=now)
    session.commit()
    return dump_link(link)


@bp.route(f"{MEMBER}/second-factor", methods=["DELETE"])
@needs_staff
@bp.response(200, StaffMemberOut)
@answers(403, 404)
def reset_second_factor(site: str, login: str) -> ResponseReturnValue:
    """Remove a person's second factor and recovery codes, and end their sessions.

    For who has lost phone and codes. Your own is removed in your account, with a code.
    """
    session, now = db.session(), datetime.now(UTC)
    site_id, staff = _own_member(site, login)
    if staff.id == current_person().id:
        raise Forbidden("Remove your own second factor in your account, with a code.")
    second_factor.delete_factor(session, staff.id)
    sessions.revoke_all(session, staff.id, now)
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(f"{MEMBER}/identity", methods=["PUT"])
@needs_staff
@bp.arguments(NewIdentity)
@bp.response(200, StaffMemberOut)
@answers(400, 404, 409, 413, 415, 422)
def link_identity(fields: dict[str, Any], site: str, login: str) -> ResponseReturnValue:
    """Let a person log in with an account at the OpenID Connect provider.

    An account that was linked to them before is replaced. Refused with 409 if single
    sign-on isn't set up, or another person has the account.
    """
    session, now = db.session(), datetime.now(UTC)
    site_id, staff = _own_member(site, login)
    identities.link_identity(session, staff, _issuer(), fields["subject"], now)
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(f"{MEMBER}/identity", methods=["DELETE"])
@needs_staff
@bp.response(200, StaffMemberOut)
@answers(404, 409)
def unlink_identity(site: str, login: str) -> ResponseReturnValue:
    """Unlink a person from their account at the provider, and end their sessions."""
    session, now = db.session(), datetime.now(UTC)
    site_id, staff = _own_member(site, login)
    identities.unlink_identity(session, staff, _issuer())
    sessions.revoke_all(session, staff.id, now)
    session.commit()
    return _member(session, site_id, staff, now)


@bp.route(f"{MEMBER}/sessions", methods=["DELETE"])
@needs_staff
@bp.response(200, EndedOut)
@answers(404)
def end_staff_sessions(site: str, login: str) -> ResponseReturnValue:
    """End all sessions and personal API tokens of a person."""
    session = db.session()
    _, staff = _own_member(site, login)
    ended = sessions.revoke_all(session, staff.id, datetime.now(UTC))
    session.commit()
    return {"ended": ended}


def _issuer() -> str:
    """Return the address of the OpenID Connect provider.

    Raises
    ------
    Conflict
        If single sign-on isn't set up.
    """
    issuer = services().settings.oidc_issuer
    if not issuer:
        raise Conflict("Single sign-on isn't set up.")
    return issuer


def _own_member(site: str, login: str) -> tuple[int, Staff]:
    """Return a site, and a person there whom its admin may act on, to be changed.

    Raises
    ------
    NotFound, Forbidden
        If no one of this username works there; if they also work elsewhere.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    staff = memberships.get_member(session, site_id, login)
    memberships.refuse_strangers_staff(session, staff.id, current_person())
    return site_id, staff


def _colleague(session: Session, login: str) -> Staff:
    """Return a person of any site where the one who asks is an admin."""
    site_ids = current_person().whole_site_ids(Role.ADMIN)
    staff = memberships.find_member(session, site_ids, login)
    if staff is None:
        raise NotFound("There is no such person at your sites.")
    return staff


def _member(
    session: Session, site_id: int, staff: Staff, now: datetime
) -> dict[str, Any]:
    members = memberships.list_members(session, site_id, now)
    return dump_member(next(one for one in members if one.staff.id == staff.id))
