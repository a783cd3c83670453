"""Staff of a site, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.accounts.identities import MAX_SUBJECT_LENGTH
from moderation.accounts.memberships import MAX_SECTION_LENGTH, Grant, SiteMember
from moderation.accounts.staff import Role
from moderation.web.fields import Line
from moderation.web.staff_links import LinkAddress

MAX_GRANTS = 100
LOGIN = Line(
    required=True,
    longest=63,
    metadata={"description": "1 to 63 of a-z, 0-9, '.', '-' and '_'"},
)


class GrantBody(ma.Schema):
    """A role in the whole of a site, or in some of its sections."""

    role = ma.fields.Enum(Role, by_value=True, required=True)
    sections = ma.fields.List(
        Line(longest=MAX_SECTION_LENGTH),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MAX_GRANTS),
        metadata={"description": "null: the whole site, which an admin works for"},
    )

    @ma.post_load
    def _make(self, fields: dict[str, Any], **_: Any) -> Grant:
        return Grant(role=fields["role"], sections=tuple(fields["sections"] or ()))


class GivenRoles(ma.Schema):
    """The roles of a person at a site."""

    roles = ma.fields.List(
        ma.fields.Nested(GrantBody),
        required=True,
        validate=validate.Length(min=1, max=MAX_GRANTS),
    )


class NewRoles(GivenRoles):
    """The roles of a person at a site; they replace the ones before."""

    seen_roles = ma.fields.List(
        ma.fields.Nested(GrantBody),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MAX_GRANTS),
        metadata={
            "description": "The roles that you saw: if they have changed since, 409"
        },
    )


class NewMember(GivenRoles):
    """A person to invite."""

    login = LOGIN


class NewIdentity(ma.Schema):
    """A person's account at the OpenID Connect provider."""

    subject = Line(
        required=True,
        longest=MAX_SUBJECT_LENGTH,
        metadata={"description": "The person's `sub` at the provider"},
    )


class PasswordLinkOut(ma.Schema):
    """A one-time link with which a person sets a password; it isn't shown again."""

    url = ma.fields.String(
        required=True,
        metadata={"description": "A path alone if MODERATION_PUBLIC_URL isn't set"},
    )
    expires_at = ma.fields.AwareDateTime(format="iso", required=True)


class GrantOut(ma.Schema):
    """A role in the whole of a site, or in some of its sections."""

    role = ma.fields.String(required=True)
    sections = ma.fields.List(ma.fields.String(), required=True, allow_none=True)


class StaffMemberOut(ma.Schema):
    """A person who works at a site."""

    login = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.Nested(GrantOut), required=True)
    state = ma.fields.String(
        required=True,
        validate=validate.OneOf(["active", "invited", "disabled"]),
        metadata={"description": "invited: no password was set yet"},
    )
    invited_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When an unused link expires; null: there is none"},
    )
    has_second_factor = ma.fields.Boolean(required=True)
    has_identity = ma.fields.Boolean(
        required=True,
        metadata={"description": "Is linked to an account at a sign-on provider"},
    )
    last_active_at = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    disabled_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)


class StaffList(ma.Schema):
    """The people who work at a site, by username."""

    staff = ma.fields.List(ma.fields.Nested(StaffMemberOut), required=True)


class InvitedOut(ma.Schema):
    """A person who was invited, and the link to hand over."""

    member = ma.fields.Nested(StaffMemberOut, required=True)
    link = ma.fields.Nested(PasswordLinkOut, required=True)


class EndedOut(ma.Schema):
    """Numbers of ended sessions and personal API tokens."""

    ended = ma.fields.Integer(required=True)


def dump_member(member: SiteMember) -> dict[str, Any]:
    """Return a member for `StaffMemberOut`."""
    staff = member.staff
    is_active = bool(staff.password_hash) or member.has_identity
    state = "active" if is_active else "invited"
    return {
        "login": staff.login,
        "roles": [dump_grant(grant) for grant in member.grants],
        "state": "disabled" if staff.disabled_at else state,
        "invited_until": member.invited_until,
        "has_second_factor": member.has_second_factor,
        "has_identity": member.has_identity,
        "last_active_at": member.last_active_at,
        "created_at": staff.created_at,
        "disabled_at": staff.disabled_at,
    }


def dump_grant(grant: Grant) -> dict[str, Any]:
    """Return a grant for `GrantOut`."""
    return {
        "role": grant.role.value,
        "sections": list(grant.sections) if grant.sections else None,
    }


def dump_link(link: LinkAddress) -> dict[str, Any]:
    """Return a link for `PasswordLinkOut`."""
    return {"url": link.url, "expires_at": link.expires_at}
