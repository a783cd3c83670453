"""Commands about staff: added, and let in again without a second factor."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import sqlalchemy as sa

from moderation.accounts import second_factor
from moderation.accounts import staff as people
from moderation.accounts.staff import Role
from moderation.cli.app import open_app
from moderation.cli.options import SiteName
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.sites.sites import SiteContext
from moderation.tables.accounts import Staff


@click.command("add-staff")
@click.argument("login")
@click.option("--site", type=SiteName(), required=True, help="Where the person works")
@click.option(
    "--role",
    type=click.Choice([each.value for each in Role]),
    default=Role.MODERATOR.value,
    show_default=True,
)
@click.password_option(help="Asked for if left out")
def add_staff(login: str, site: SiteContext, role: str, password: str) -> None:
    """Add a person, with a role at a site."""
    session = db.session()
    start_writing(session)
    staff = people.create_staff(session, login, password, datetime.now(UTC))
    people.update_role(session, staff.id, site.id, Role(role))
    session.commit()
    click.echo(f"{login} is {role} at {site.name}.")


@click.command("reset-second-factor")
@click.argument("login")
def reset_second_factor(login: str) -> None:
    """Switch a person's second factor off, after a lost phone and lost codes."""
    open_app()
    session = db.session()
    staff = session.scalar(sa.select(Staff).where(Staff.login == login))
    if staff is None:
        raise NotFound(f"There is no person {login!r}.")
    start_writing(session)
    second_factor.delete_factor(session, staff.id)
    people.revoke_other_tokens(session, staff.id, 0, datetime.now(UTC))
    session.commit()
    click.echo(f"{login} logs in with the password alone now.")
