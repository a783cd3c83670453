"""The command that begins an installation: settings, tables, first site and admin."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import sqlalchemy as sa

from moderation import config, create_app, installation, migration
from moderation.accounts import memberships
from moderation.accounts import staff as people
from moderation.accounts.memberships import Grant
from moderation.accounts.staff import Role
from moderation.cli.app import act_on_command_line, record_run
from moderation.database import db, start_writing
from moderation.environment import read_database_url
from moderation.errors import Conflict, InvalidFields
from moderation.installation import FILE_VARIABLE
from moderation.policy.thresholds import Moderation
from moderation.sites import keys, policies, sites
from moderation.tables.sites import Site
from moderation.web.services import services
from moderation.web.staff_links import create_address

DATABASE = config.INSTANCE / "moderation.sqlite"
FILE_HEAD = """\
# Settings of the comment moderation service. docs/settings.md lists all of them.
# Keep a copy of this file, apart from backups of the database: without the first
# three values, email addresses, second factors, and keys that are stored are lost.
# After a change, restart the web service and the worker.
"""
FILE_TAIL = """
# Require a second factor of admins, leads and admins, or all staff:
#MODERATION_REQUIRE_TOTP=admins

# Notifications by email:
#MODERATION_SMTP_HOST=mail.example
#MODERATION_SMTP_USER=
#MODERATION_SMTP_PASSWORD=
#MODERATION_SMTP_SENDER=comments@news.example
"""


#: Asked on a terminal, by the option that answers it; Enter leaves it empty.
QUESTIONS = {
    "database": "Database URL (Enter: SQLite on this machine)",
    "url": "Address of the service, such as https://comments.example (Enter: none yet)",
    "site": "Name of the first site, such as gazette (Enter: add it later)",
    "admin": "Username of its first admin",
}


def _read_origin(_: click.Context, __: click.Parameter, value: str | None) -> Any:
    return None if value is None else read_origin(value)


def read_origin(value: str) -> str:
    """Return an origin as `https://comments.example`; empty: none."""
    url = urlsplit(value.strip().rstrip("/"))
    if not value.strip():
        return ""
    if url.scheme not in ("http", "https") or not url.hostname or url.path or url.query:
        raise click.BadParameter(
            "expected the scheme and the host alone, such as https://comments.example"
        )
    return url.geturl()


def _default_file() -> Path:
    return installation.find_settings_file() or (
        config.INSTANCE / installation.SECRETS_FILE
    )


@click.command("init")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file to write; otherwise MODERATION_SETTINGS_FILE, or "
    "instance/secrets.env",
)
@click.option(
    "--database",
    metavar="URL",
    envvar="DATABASE_URL",
    help="postgresql://USER@HOST/NAME or sqlite:////PATH; empty: SQLite in instance/",
)
@click.option(
    "--database-password-file",
    "password_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the password of the database user",
)
@click.option(
    "--url",
    metavar="ORIGIN",
    callback=_read_origin,
    help="Address of the service for staff and authors: https://comments.example",
)
@click.option(
    "--proxies",
    type=click.IntRange(0, 10),
    default=1,
    show_default=True,
    help="Reverse proxies in front of the service",
)
@click.option("--redis", metavar="URL", help="Redis that counts rate limits")
@click.option("--migrate", is_flag=True, help="Create the tables")
@click.option("--site", metavar="NAME", help="Create the tables and a first site")
@click.option("--admin", metavar="USERNAME", help="First admin of --site")
def initialize(file: Path | None, migrate: bool, **options: Any) -> None:
    """Write the secrets and first settings of a new installation.

    They are written to a file that only its owner can read. An existing file is never
    overwritten: its secrets are needed to read what is stored. On a terminal, the
    command asks for the main options that you leave out.
    """
    path = (file or _default_file()).absolute()
    if os.path.lexists(path):
        raise Conflict(
            f"{path} exists already. Change settings there by hand: new secrets could "
            "not read what is stored. For another installation, name another --file."
        )
    answers = _ask(options)
    _refuse_names(answers["site"], answers["admin"])
    values = _values(answers)
    config.load(values)
    has_tables = migrate or bool(answers["site"])
    _make_folder(sa.make_url(values["DATABASE_URL"]))
    if not has_tables:
        _write(path, values)
    else:
        app = create_app(values)
        with app.app_context():
            try:
                _refuse_filled()
                _write(path, values)
                _fill(answers["site"], answers["admin"])
            finally:
                db.session.remove()
                db.engine.dispose()
    _print_next_steps(path, values, has_tables, bool(answers["site"]))


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _ask(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options, with the main ones asked for on a terminal."""
    answers = dict(options)
    for name, question in QUESTIONS.items():
        if name == "admin" and not answers["site"]:
            continue
        if answers[name] is None and _is_terminal():
            answers[name] = click.prompt(question, default="", show_default=False)
            if name == "url":
                answers[name] = read_origin(answers[name])
    if answers["site"] and not answers["admin"]:
        raise click.UsageError("--site needs --admin, the username of its first admin.")
    return {name: value or "" for name, value in answers.items()}


def _refuse_names(site: str, admin: str) -> None:
    """Refuse a name before anything is written."""
    if site and not sites.SITE_NAME.fullmatch(site):
        raise InvalidFields(
            {"--site": ["Must be 1 to 63 lower-case letters, digits, and hyphens."]}
        )
    if site and not people.LOGIN.fullmatch(admin):
        raise InvalidFields(
            {"--admin": ["Must be 1 to 63 of a-z, 0-9, '.', '-', '_'."]}
        )
    in_environment = [name for name in installation.new_secrets() if os.getenv(name)]
    if in_environment:
        raise Conflict(
            f"{in_environment[0]} is set in the environment, and replaces the one in a "
            "file. Unset it first."
        )


def _values(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of the settings file, the secrets first."""
    database = answers["database"] or f"sqlite:///{DATABASE.absolute()}"
    if answers["password_file"]:
        password = answers["password_file"].read_text().strip()
        url = sa.make_url(read_database_url(database)).set(password=password)
        database = url.render_as_string(hide_password=False)
    values = {
        **installation.new_secrets(),
        "DATABASE_URL": database,
        "MODERATION_TRUSTED_PROXIES": str(answers["proxies"] or 0),
    }
    if answers["url"]:
        values["MODERATION_PUBLIC_URL"] = answers["url"]
    if answers["redis"]:
        values["MODERATION_RATE_LIMIT_STORAGE"] = answers["redis"]
    return values


def _make_folder(url: sa.URL) -> None:
    """Make the folder of an embedded database."""
    if url.get_backend_name() == "sqlite" and url.database:
        folder = Path(url.database).parent
        try:
            folder.mkdir(mode=installation.PRIVATE_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidFields(
                {"--database": [f"{folder}: {error.strerror}."]}
            ) from None


def _write(path: Path, values: Mapping[str, str]) -> None:
    lines = [f"{name}={value}\n" for name, value in values.items()]
    secrets, others = "".join(lines[:3]), "".join(lines[3:])
    try:
        installation.write_private(path, f"{FILE_HEAD}{secrets}\n{others}{FILE_TAIL}")
    except OSError as error:
        raise InvalidFields({"--file": [f"{path}: {error.strerror}."]}) from None
    click.echo(f"Settings are written to {path}.")


def _refuse_filled() -> None:
    """Refuse a database in which other secrets have made something."""
    if migration.current() is None:
        return
    if db.session().scalar(sa.select(sa.func.count()).select_from(Site)):
        raise Conflict(
            "The database holds sites already. Its secrets are in the settings file "
            "with which they were made: use that file, or an empty database."
        )
    db.session.remove()


def _fill(site: str, admin: str) -> None:
    """Create the tables, and the first site with its admin."""
    migration.migrate()
    click.echo(f"The tables are created, at revision {migration.head()}.")
    act_on_command_line()
    record_run()
    if not site:
        return
    session, now = db.session(), datetime.now(UTC)
    scoring = services().scoring
    proposed = scoring.default.manifest["thresholds"] if scoring.default else {}
    start_writing(session)
    policy = policies.default_policy(proposed, Moderation.PRE)
    site_id = sites.create_site(session, site, policy, now).id
    key = keys.issue_key(session, site_id, services().token_key, now)
    staff = memberships.invite(session, admin, site_id, [Grant(role=Role.ADMIN)], now)
    link = create_address(session, staff, created_by=None, now=now)
    session.commit()
    click.echo(f"The site {site} is created. Neither of these can be shown again:")
    click.echo(f"  Site key   {key}")
    click.echo(
        f"  {admin} sets a password, until {link.expires_at:%Y-%m-%d %H:%M} UTC:"
    )
    click.echo(f"  {link.url}")


def _print_next_steps(
    path: Path, values: Mapping[str, str], has_tables: bool, has_site: bool
) -> None:
    steps = [f"Copy {path} to a safe place, apart from backups of the database."]
    if path != (installation.find_settings_file() or path).absolute():
        steps.append(f"Name the file to each command: export {FILE_VARIABLE}={path}")
    if not has_tables:
        steps.append("Create the tables: moderation migrate")
    if not has_site:
        steps.append("Add a site, and print its key: moderation add-site NAME")
        steps.append(
            "Invite its admin: moderation staff invite USERNAME --site NAME "
            "--role admin"
        )
    steps.append("Start both: moderation serve, moderation worker")
    if not values.get("MODERATION_PUBLIC_URL", "").startswith("https://"):
        steps.append(
            "Put a reverse proxy with TLS in front, and set MODERATION_PUBLIC_URL: "
            "staff can't log in over plain http from other machines"
        )
    steps.append("Check the installation: moderation doctor")
    click.echo("Next:")
    for number, step in enumerate(steps, start=1):
        click.echo(f"  {number}. {step}")
