"""Commands about staff: who works where, how they get in, and out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from moderation.accounts import identities, memberships, second_factor, sessions
from moderation.accounts import staff as people
from moderation.accounts.memberships import Grant, SiteMember
from moderation.accounts.staff import Role
from moderation.cli.app import open_app
from moderation.cli.manual import ManualGroup
from moderation.cli.options import SiteName, site_option
from moderation.cli.output import json_option, print_json
from moderation.database import db, start_writing
from moderation.errors import ConfigurationError
from moderation.review import access
from moderation.sites.sites import SiteContext
from moderation.tables.accounts import Staff
from moderation.web.staff_links import create_address

login_argument = click.argument("login")
role_option = click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.MODERATOR.value,
    show_default=True,
    help="What the person may do at the site",
)
section_option = click.option(
    "--section",
    "sections",
    multiple=True,
    help="Limit the role to this section; repeat it for several",
)


@click.group("staff", cls=ManualGroup)
def staff_commands() -> None:
    """Manage staff: invitations, roles, and access."""


@staff_commands.command("list")
@site_option
@json_option
def list_staff(site: SiteContext, as_json: bool) -> None:
    """List the staff of a site, with their roles and last activity."""
    members = memberships.list_members(db.session(), site.id, datetime.now(UTC))
    if as_json:
        print_json([_row(member) for member in members])
        return
    for member in members:
        click.echo(_line(member))


@staff_commands.command()
@login_argument
@site_option
@role_option
@section_option
def invite(login: str, site: SiteContext, role: str, sections: tuple[str, ...]) -> None:
    """Add a person and print a one-time link with which they set a password."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    grant = Grant(role=Role(role), sections=sections)
    staff = memberships.invite(session, login, site.id, [grant], now)
    _print_link(session, staff, now)


@staff_commands.command("role")
@login_argument
@site_option
@role_option
@section_option
@click.option("--remove", is_flag=True, help="Take all roles at the site away")
def change_role(
    login: str,
    site: SiteContext,
    role: str,
    sections: tuple[str, ...],
    remove: bool,
) -> None:
    """Replace a person's roles at a site, and release their claims."""
    session = db.session()
    start_writing(session)
    staff = people.get_staff(session, login)
    grants = [] if remove else [Grant(role=Role(role), sections=sections)]
    access.replace_grants(session, staff, site.id, grants)
    session.commit()
    where = f"{', '.join(sections)} at {site.name}" if sections else site.name
    click.echo(
        f"{login} has no role at {site.name} now."
        if remove
        else f"{login} is {role} in {where}."
    )


@staff_commands.command()
@login_argument
def disable(login: str) -> None:
    """End a person's access: sessions, tokens, links, and claims."""
    session, staff = _open(login)
    access.disable(session, staff, datetime.now(UTC))
    session.commit()
    click.echo(f"{login} is disabled.")


@staff_commands.command()
@login_argument
def enable(login: str) -> None:
    """Enable a disabled account again, with its earlier roles."""
    session, staff = _open(login)
    memberships.enable(session, staff)
    session.commit()
    click.echo(f"{login} can log in again.")


@staff_commands.command("reset-password")
@login_argument
def reset_password(login: str) -> None:
    """Print a one-time link with which a person sets a new password.

    The old password works until then. To end access at once, also run
    `staff end-sessions`, or `staff disable`.
    """
    session, staff = _open(login)
    _print_link(session, staff, datetime.now(UTC))


@staff_commands.command("end-sessions")
@login_argument
def end_sessions(login: str) -> None:
    """End all sessions and personal API tokens of a person."""
    session, staff = _open(login)
    count = sessions.revoke_all(session, staff.id, datetime.now(UTC))
    session.commit()
    click.echo(f"{count} sessions and tokens of {login} ended.")


@staff_commands.command()
@login_argument
@click.option("--subject", required=True, help="The person's `sub` at the provider")
def link(login: str, subject: str) -> None:
    """Let a person log in with their account at the OpenID Connect provider.

    An account that was linked to them before is replaced.
    """
    issuer = _issuer()
    session, staff = _open(login)
    identities.link_identity(session, staff, issuer, subject, datetime.now(UTC))
    session.commit()
    click.echo(f"{login} can log in with the organization's account.")


@staff_commands.command()
@login_argument
def unlink(login: str) -> None:
    """Separate a person from their account at the OpenID Connect provider.

    Sessions go on; `staff end-sessions` ends them.
    """
    issuer = _issuer()
    session, staff = _open(login)
    identities.unlink_identity(session, staff, issuer)
    session.commit()
    click.echo(f"{login} can no longer log in with the organization's account.")


@click.command("add-staff")
@login_argument
@click.option("--site", type=SiteName(), required=True, help="Where the person works")
@role_option
@click.password_option(help="Asked for if left out")
def add_staff(login: str, site: SiteContext, role: str, password: str) -> None:
    """Add a staff account with a password; `staff invite` sends a link instead."""
    session = db.session()
    start_writing(session)
    staff = people.create_staff(session, login, password, datetime.now(UTC))
    memberships.update_role(session, staff.id, site.id, Role(role))
    session.commit()
    click.echo(f"{login} is {role} at {site.name}.")


@click.command("reset-second-factor")
@login_argument
def reset_second_factor(login: str) -> None:
    """Switch off the second factor of someone who lost it with the recovery codes."""
    session, staff = _open(login)
    second_factor.delete_factor(session, staff.id)
    sessions.revoke_all(session, staff.id, datetime.now(UTC))
    session.commit()
    click.echo(f"{login} logs in with the password alone now.")


def _issuer() -> str:
    issuer = open_app().settings.oidc_issuer
    if not issuer:
        raise ConfigurationError("MODERATION_OIDC_ISSUER is missing")
    return issuer


def _open(login: str) -> tuple[Session, Staff]:
    """Open the service to change a person."""
    open_app()
    session = db.session()
    start_writing(session)
    return session, people.get_staff(session, login)


def _print_link(session: Session, staff: Staff, now: datetime) -> None:
    link = create_address(session, staff, created_by=None, now=now)
    session.commit()
    click.echo(link.url)
    click.echo(f"Works once, until {link.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


def _row(member: SiteMember) -> dict[str, Any]:
    return {
        "username": member.staff.login,
        "state": _state(member),
        "roles": [
            {"role": grant.role.value, "sections": list(grant.sections)}
            for grant in member.grants
        ],
        "has_second_factor": member.has_second_factor,
        "last_active_at": member.last_active_at,
    }


def _state(member: SiteMember) -> str:
    if member.staff.disabled_at is not None:
        return "disabled"
    if not (member.staff.password_hash or member.has_identity):
        return "invited" if member.invited_until else "invitation expired"
    return "active"


def _line(member: SiteMember) -> str:
    last = member.last_active_at
    roles = "; ".join(
        f"{grant.role} in {', '.join(grant.sections)}" if grant.sections else grant.role
        for grant in member.grants
    )
    factor = "2FA" if member.has_second_factor else "no 2FA"
    seen = f"last active {last:%Y-%m-%d}" if last else "never active"
    return (
        f"{member.staff.login:<20} {roles:<30} {_state(member):<10} {factor:<8} {seen}"
    )
