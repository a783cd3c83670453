"""Sets up a demo on one machine: secrets, database, site, admin, comments."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication
from sqlalchemy.orm import Session

from moderation import create_app, installation, migration
from moderation.accounts import credentials, memberships
from moderation.accounts import staff as people
from moderation.accounts.staff import Role
from moderation.cli.app import act_on_command_line, record_run
from moderation.cli.serving import APP, SETTINGS
from moderation.cli.worker import keep_worker_beside
from moderation.config import INSTANCE
from moderation.database import db, start_writing
from moderation.demo import article
from moderation.sites import integrations, keys, policies, sites
from moderation.sites.keys import BROWSER_SCOPES, KeySettings
from moderation.sites.protocols import ALL_ON, Protocol
from moderation.web.services import services_of

SITE = article.SITE
LOGIN = "admin"
FILE = INSTANCE / "demo.json"
PASSWORD_BYTES = 12
SECRET_BYTES = 32


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port on this machine",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(sorted(article.EDITIONS)),
    help="Add a demo site in this language; repeat for several",
)
def demo(port: int, languages: Sequence[str]) -> None:
    """Serve a demo site on this machine, with all that it needs."""
    url = f"http://127.0.0.1:{port}"
    for line in set_up(url, languages):
        click.echo(line)
    sys.stdout.flush()
    keep_worker_beside()
    command = ["gunicorn", "--config", SETTINGS, "--bind", f"127.0.0.1:{port}"]
    sys.argv = [*command, APP]
    WSGIApplication().run()  # in this process: what is imported need not be again


def set_up(url: str, languages: Sequence[str] = ()) -> Iterator[str]:
    """Make what is missing, keep what is there; yield the lines to print.

    `languages` are those of further demo sites, of `article.EDITIONS`.
    """
    installation.ensure_secrets()
    os.environ["MODERATION_DEMO"] = "true"  # gunicorn inherits it
    app = create_app()
    with app.app_context():
        if migration.current() != migration.head():
            migration.migrate()
        act_on_command_line()
        record_run()
        known = _known()
        if (
            "coral_secret" not in known
            or sites.find_by_name(db.session(), SITE) is None
        ):
            known = _make(app)
        for language in languages:
            _ensure_edition(app, language)
        known["page_key"] = _ensure_page_key(app, url)
        db.session.remove()
        db.engine.dispose()  # no connection may be shared with gunicorn's workers
        known["url"] = url
        known["coral_phase_url"] = f"{url}/coral/{SITE}/comments"
        installation.write_private(FILE, json.dumps(known, indent=2) + "\n")
    yield f"Article with comments  {url}/demo/"
    yield f"Moderators' desk       {url}/console/"
    yield f"API reference          {url}/api/v1/docs/"
    yield f"Site key               {known['site_key']}"
    yield f"Admin                  {known['admin_login']} / {known['admin_password']}"
    yield f"(all of it in {FILE})"


def _known() -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(FILE.read_text())
    except FileNotFoundError:
        return {}
    return known


def _make(app: Flask) -> dict[str, Any]:
    """Make the demo site and its admin, or give both new credentials."""
    from moderation.demo import seeding  # only the first start needs it

    session, now = db.session(), datetime.now(UTC)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    start_writing(session)
    site = sites.find_by_name(session, SITE)
    if site is None:
        policy = _policy(app)
        policy["sections"] = {"Opinion": "pre"}
        site_id = sites.create_site(session, SITE, policy, now).id
        staff = people.create_staff(session, LOGIN, password, now)
        memberships.update_role(session, staff.id, site_id, Role.ADMIN)
    else:
        site_id = site.id
        admin = people.get_staff(session, LOGIN)
        credentials.set_password(session, admin, password, now=now)
    key = keys.issue_key(session, site_id, services_of(app).token_key, now)
    secret = _speak(app, session, site_id, now)
    session.commit()
    if site is None:
        seeding.seed(site_id, article.ENGLISH)
    return {
        "site_key": key,
        "admin_login": LOGIN,
        "admin_password": password,
        "coral_secret": secret,
    }


def _policy(app: Flask) -> dict[str, Any]:
    """Return the policy that a new site gets, with the model's thresholds."""
    scorer = services_of(app).scoring.default
    return policies.default_policy(scorer.manifest["thresholds"] if scorer else {})


def _ensure_edition(app: Flask, language: str) -> None:
    """Make the demo site of a language, unless it is there."""
    from moderation.demo import seeding  # only its first start needs it

    edition = article.EDITIONS[language]
    session, now = db.session(), datetime.now(UTC)
    if sites.find_by_name(session, edition.site) is not None:
        return
    start_writing(session)
    policy = {**_policy(app), "languages": [language]}
    site = sites.create_site(session, edition.site, policy, now)
    admin = people.get_staff(session, LOGIN)
    memberships.update_role(session, admin.id, site.id, Role.ADMIN)
    session.commit()
    seeding.seed(site.id, edition)


def _ensure_page_key(app: Flask, url: str) -> str:
    """Return the key that the article's page shows, made if there is none."""
    session, now = db.session(), datetime.now(UTC)
    site = sites.get_by_name(session, SITE)
    known = keys.find_page_key(session, site.id, now)
    if known is not None:
        return known
    settings = KeySettings(name="article page", scopes=BROWSER_SCOPES, origins=(url,))
    start_writing(session)
    _, key = keys.create_key(
        session,
        site.id,
        settings,
        hash_keys=services_of(app).token_key,
        created_by=None,
        now=now,
    )
    session.commit()
    return key


def _speak(app: Flask, session: Session, site_id: int, now: datetime) -> str:
    """Switch all compatibility APIs on; return a secret such as Coral would show."""
    integrations.update_integrations(session, site_id, ALL_ON)
    secret = f"empsec_{secrets.token_hex(SECRET_BYTES)}"
    integrations.create_secret(
        session,
        site_id,
        Protocol.CORAL,
        secret,
        privacy=services_of(app).privacy,
        now=now,
        overlap=timedelta(0),
    )
    return secret
