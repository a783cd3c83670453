"""Commands about a person's data: exported, corrected, erased, receipts verified."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import sessionmaker

from moderation.api.person_bodies import (
    PersonCorrection,
    PersonNamed,
    correction_of,
    load,
    query_of,
)
from moderation.audit import actors
from moderation.audit.actors import Actor, ActorKind
from moderation.cli.app import open_app
from moderation.cli.manual import ManualGroup
from moderation.cli.options import SiteName, site_option
from moderation.comments.erasure import ErasureMode
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.sites.sites import SiteContext
from moderation.subjects import clocks, erasure, links, receipts, rectification
from moderation.subjects import export as exports
from moderation.subjects.page import LANGUAGES, render
from moderation.subjects.person import DataSubject, find_subject
from moderation.subjects.receipts import ReceiptKeys
from moderation.web.services import services
from moderation.worker.erasures import carry_out

person_argument = click.argument("person", metavar="EMAIL|AUTHOR-ID")
record_option = click.option(
    "--record",
    is_flag=True,
    help="PERSON is the number of an author record, as in the console",
)
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file, which only you can read",
)


@click.group("person", cls=ManualGroup)
def person_commands() -> None:
    """Export, correct, or erase a person's data."""


@person_commands.command()
@person_argument
@site_option
@record_option
@click.option("--html", is_flag=True, help="As a page to read, not as JSON")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="With --html: language of the page",
)
@out_option
def export(
    person: str,
    site: SiteContext,
    record: bool,
    html: bool,
    language: str,
    out: Path | None,
) -> None:
    """Write all data that a site stores about a person.

    The email address is in it, in clear: it is for the person.
    """
    session = db.session()
    subject = _find(site, person, record)
    start_writing(session)
    document = exports.export(
        session,
        services().privacy,
        subject,
        services().lineage_key,
        datetime.now(UTC),
    )
    session.commit()
    text = render(document, language) if html else _json(document)
    _write(text, out)


@person_commands.command()
@person_argument
@site_option
@record_option
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in ErasureMode]),
    help="Delete texts, or keep published ones without a name; else as the site set it",
)
@click.option("--retrain", is_flag=True, help="Queue the retraining that forgets")
@click.option("--yes", is_flag=True, help="Don't ask")
@out_option
def erase(
    person: str,
    site: SiteContext,
    record: bool,
    mode: str | None,
    retrain: bool,
    yes: bool,
    out: Path | None,
) -> None:
    """Erase a person, and write the receipt.

    Replies of others stay. Stopped, a worker goes on with it.
    """
    session = db.session()
    subject = _find(site, person, record)
    chosen = ErasureMode(mode) if mode else clocks.read_clocks(session, site.id).mode
    session.close()
    if not yes:
        click.confirm(
            f"Erase this person at {site.name}? It can't be undone", abort=True
        )
    start_writing(session)
    row = erasure.request(
        session,
        subject,
        chosen,
        staff_id=None,
        retrains=retrain,
        now=datetime.now(UTC),
    )
    session.commit()
    erasure_id = row.id
    actor = Actor(kind=ActorKind.COMMAND_LINE, id=os.getuid())
    info = actors.identify(actor, services().audit_key)
    sessions = sessionmaker(db.engine, expire_on_commit=False, info=info)
    receipt = carry_out(sessions, erasure_id, _keys())
    if receipt is None:
        raise click.ClickException("A worker carries it out: see Settings, Privacy.")
    _write(_json(receipt), out)
    _tell_models(receipt["models"])


@person_commands.command()
@person_argument
@site_option
@record_option
@click.option("--name", help="The right name")
@click.option("--link", help="The right address of their page")
@click.option("--email", help="The right email address")
def rectify(person: str, site: SiteContext, record: bool, **fields: str | None) -> None:
    """Correct a person's name, link, or email address."""
    typed = {f"right_{name}": value for name, value in fields.items()}
    loaded = load(PersonCorrection(), {**_named(person, record), **typed})
    session, right = db.session(), correction_of(loaded)
    subject = _find(site, person, record)
    start_writing(session)
    count = rectification.rectify(
        session, services().privacy, subject, right, datetime.now(UTC)
    )
    session.commit()
    click.echo(f"{count} comments were corrected.")


@person_commands.command()
@person_argument
@site_option
@record_option
@click.option(
    "--days",
    type=click.IntRange(1, links.MAX_DAYS),
    default=links.LASTS.days,
    show_default=True,
    help="Until it expires",
)
def link(person: str, site: SiteContext, record: bool, days: int) -> None:
    """Print a link for the person, who sees all of their data with it.

    Mail it to the person: everyone who has the link sees the same.
    """
    session, settings = db.session(), services().settings
    subject = _find(site, person, record)
    start_writing(session)
    row, path = links.create(
        session,
        subject,
        links.derive_link_key(settings.secret_key),
        timedelta(days=days),
        datetime.now(UTC),
    )
    session.commit()
    click.echo(f"{settings.public_url}{path}")
    click.echo(f"It expires at {row.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


@person_commands.command()
@click.argument("receipt", type=click.File("r", encoding="utf-8"))
@click.option("--site", type=SiteName(), help="Also look for --person at this site")
@click.option("--person", help="Email address or author ID that must not be found")
def verify(receipt: Any, site: SiteContext | None, person: str | None) -> None:
    """Check a receipt against the database; exit with 1 if it isn't sound."""
    open_app()
    try:
        stored = json.load(receipt)
    except ValueError:
        raise click.ClickException("This isn't a receipt: it is no JSON.") from None
    session = db.session()
    result = receipts.check(
        session, stored if isinstance(stored, dict) else {}, _keys()
    )
    if not result.is_authentic:
        raise click.ClickException("The receipt isn't as it was signed.")
    if result.remains:
        raise click.ClickException(f"Still stored: {', '.join(result.remains)}.")
    if site is not None and person is not None:
        _refuse_found(site, person)
    click.echo("The receipt is sound, and the database agrees.")
    _tell_models(result.models)


def _refuse_found(site: SiteContext, person: str) -> None:
    try:
        _find(site, person, False)
    except NotFound:
        return
    raise click.ClickException("The site holds something of this person.")


def _find(site: SiteContext, person: str, is_record: bool) -> DataSubject:
    """Return whom the command is about."""
    query = query_of(load(PersonNamed(), _named(person, is_record)))
    return find_subject(db.session(), services().privacy, site.id, query)


def _named(person: str, is_record: bool) -> dict[str, Any]:
    """Return how a person is named, as a body of the API does."""
    if not is_record:
        return {"email" if "@" in person else "author_id": person}
    is_number = person.isascii() and person.isdigit() and len(person) <= 9
    if not is_number:
        raise click.UsageError("With --record, give the number of an author record.")
    return {"author": int(person)}


def _keys() -> ReceiptKeys:
    return ReceiptKeys(
        receipt=receipts.derive_receipt_key(services().settings.secret_key),
        lineage=services().lineage_key,
    )


def _tell_models(models: Any) -> None:
    for model in models:
        where = "the active model" if model["is_active"] else "a model"
        click.echo(
            f"{model['version']}, {where}, was trained on erased comments. "
            "`moderation retrain` makes one that wasn't.",
            err=True,
        )


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text + "\n")
        return
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    click.echo(f"Written to {out}.", err=True)
