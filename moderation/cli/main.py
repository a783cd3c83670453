"""The `moderation` command."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click
import sqlalchemy as sa
from gunicorn.app.wsgiapp import WSGIApplication
from sqlalchemy.exc import OperationalError, ProgrammingError

from moderation import migration
from moderation.accounts import second_factor
from moderation.accounts import staff as people
from moderation.accounts.staff import Role
from moderation.cli import (
    demo as demonstration,
)
from moderation.cli import (
    learning,
    models,
    perspective,
    rules,
)
from moderation.cli import (
    sites as site_commands,
)
from moderation.cli.app import opened
from moderation.database import db, start_writing
from moderation.errors import InvalidFields, ModerationError, NotFound
from moderation.policy import Moderation
from moderation.sites import sites
from moderation.tables.accounts import Staff
from moderation.web.services import services_of


class PlainErrors(click.Group):
    """A group that says what is wrong in a sentence, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; our errors end it with status 1."""
        try:
            return super().invoke(context)
        except InvalidFields as error:
            lines = [f"{name}: {' '.join(each)}" for name, each in error.fields.items()]
            raise click.ClickException("\n".join(lines)) from error
        except ModerationError as error:
            raise click.ClickException(error.message) from error
        except (OperationalError, ProgrammingError) as error:
            reason = str(error.orig).partition("\n")[0]
            raise click.ClickException(
                f"The database can't be used: {reason}. Is DATABASE_URL right, and was "
                "`moderation migrate` run?"
            ) from error


@click.group(cls=PlainErrors)
def main() -> None:
    """The comment moderation service that newsrooms own themselves."""


_COMMANDS = (
    *models.COMMANDS,
    *learning.COMMANDS,
    *site_commands.COMMANDS,
)
_OTHERS = (perspective.carry_thresholds, rules.import_words)
for _command in (*_COMMANDS, *_OTHERS):
    main.add_command(_command)


@main.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    with opened():
        migration.migrate()
        click.echo(f"The database is at {migration.head()}.")


@main.command("add-site")
@click.argument("name")
@click.option(
    "--default",
    type=click.Choice([each.value for each in Moderation]),
    default=Moderation.PRE.value,
    show_default=True,
    help="pre: a person looks first; post: what nothing speaks against is shown",
)
def add_site(name: str, default: str) -> None:
    """Add a site and print its key, which can't be shown again."""
    with opened() as app:
        scoring = services_of(app).scoring
        proposed = scoring.default.manifest["thresholds"] if scoring.default else {}
        policy = sites.first_policy(proposed, Moderation(default))
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        site = sites.create_site(session, name, policy, now)
        key = sites.issue_key(session, site.id, services_of(app).token_key, now)
        session.commit()
        click.echo(key)


@main.command("add-key")
@click.argument("site")
def add_key(site: str) -> None:
    """Give a site a further key and print it; the older ones stay valid."""
    with opened() as app:
        session, now = db.session(), datetime.now(UTC)
        start_writing(session)
        key = sites.issue_key(session, _site_id(site), services_of(app).token_key, now)
        session.commit()
        click.echo(key)


@main.command("add-staff")
@click.argument("login")
@click.option("--site", required=True, help="Where the person works")
@click.option(
    "--role",
    type=click.Choice([each.value for each in Role]),
    default=Role.MODERATOR.value,
    show_default=True,
)
@click.password_option(help="Asked for if left out")
def add_staff(login: str, site: str, role: str, password: str) -> None:
    """Add a person, with a role at a site."""
    with opened():
        session = db.session()
        start_writing(session)
        staff = people.create_staff(session, login, password, datetime.now(UTC))
        people.set_role(session, staff.id, _site_id(site), Role(role))
        session.commit()
        click.echo(f"{login} is {role} at {site}.")


@main.command("reset-second-factor")
@click.argument("login")
def reset_second_factor(login: str) -> None:
    """Switch a person's second factor off, after a lost phone and lost codes."""
    with opened():
        session = db.session()
        staff = session.scalar(sa.select(Staff).where(Staff.login == login))
        if staff is None:
            raise NotFound(f"There is no person {login!r}.")
        start_writing(session)
        second_factor.remove(session, staff.id)
        people.revoke_other_tokens(session, staff.id, 0, datetime.now(UTC))
        session.commit()
        click.echo(f"{login} logs in with the password alone now.")


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(port: int) -> None:
    """Serve on this machine with a demo site; all that it needs is set up."""
    url = f"http://127.0.0.1:{port}"
    for line in demonstration.set_up(url):
        click.echo(line)
    sys.stdout.flush()
    models.start_worker_beside()
    sys.argv = ["gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    WSGIApplication().run()  # in this process: what is imported need not be again


def _site_id(name: str) -> int:
    site = sites.find_by_name(db.session(), name)
    if site is None:
        raise NotFound(f"There is no site {name!r}.")
    return site.id
