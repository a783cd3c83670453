"""Commands about site keys: create, list, replace, revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from moderation.cli.manual import ManualGroup
from moderation.cli.options import site_argument
from moderation.cli.output import json_option, print_json
from moderation.cli.sites import overlap_option
from moderation.database import db, start_writing
from moderation.sites import keys as site_keys
from moderation.sites.keys import MAX_EXPIRES_DAYS, KeyScope, KeySettings
from moderation.sites.sites import SiteContext
from moderation.tables.sites import SiteKey
from moderation.web.services import services

COLUMNS = (  # of a key, as JSON has them
    *("id", "name", "scopes", "origins"),
    *("created_at", "expires_at", "revoked_at", "last_used_at"),
)
key_argument = click.argument("key_id", metavar="ID", type=click.IntRange(min=1))


@click.group("keys", cls=ManualGroup)
def keys() -> None:
    """Manage the keys of a site."""


@keys.command("create")
@site_argument
@click.option("--name", required=True, help="Where the key is used")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in KeyScope]),
    help="What the key may do; repeat for several",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Page that may use it from a browser, https://host[:port]; repeat for several",
)
@click.option(
    "--expires-days",
    type=click.IntRange(1, MAX_EXPIRES_DAYS),
    help="Days until the key expires",
)
def create(
    site: SiteContext,
    name: str,
    scopes: tuple[str, ...],
    origins: tuple[str, ...],
    expires_days: int | None,
) -> None:
    """Create a key and print it (shown once, unless it has an origin)."""
    session, now = db.session(), datetime.now(UTC)
    settings = KeySettings(
        name=name,
        scopes=frozenset(map(KeyScope, scopes)),
        origins=origins,
        expires_at=now + timedelta(days=expires_days) if expires_days else None,
    )
    start_writing(session)
    _, secret = site_keys.create_key(
        session,
        site.id,
        settings,
        hash_keys=services().token_key,
        created_by=None,
        now=now,
    )
    session.commit()
    click.echo(secret)


@keys.command("list")
@site_argument
@json_option
def list_all(site: SiteContext, as_json: bool) -> None:
    """List the keys of a site; of them, only browser keys are shown."""
    now = datetime.now(UTC)
    found = site_keys.list_keys(db.session(), site.id)
    if as_json:
        print_json([_row(key) for key in found])
        return
    for key in found:
        scopes = "all scopes" if key.scopes is None else ", ".join(key.scopes)
        click.echo(f"{key.id:>6}  {key.name}")
        click.echo(f"{'':8}{_state(key, now)}; {scopes}")
        if key.origins:
            click.echo(f"{'':8}from browsers at {', '.join(key.origins)}")
        if key.public_key:
            click.echo(f"{'':8}key for pages: {key.public_key}")
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        click.echo(f"{'':8}created {key.created_at:%Y-%m-%d}, last used {used}")


@keys.command("rotate")
@site_argument
@key_argument
@overlap_option
def rotate(site: SiteContext, key_id: int, overlap_hours: int) -> None:
    """Replace one key and print the new one (shown once)."""
    session = db.session()
    start_writing(session)
    _, secret = site_keys.replace_key(
        session,
        site.id,
        key_id,
        overlap=timedelta(hours=overlap_hours),
        hash_keys=services().token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    click.echo(secret)


@keys.command("revoke")
@site_argument
@key_argument
def revoke(site: SiteContext, key_id: int) -> None:
    """Revoke one key immediately."""
    session = db.session()
    start_writing(session)
    revocation = site_keys.revoke_key(session, site.id, key_id, datetime.now(UTC))
    session.commit()
    click.echo(f"Revoked key {key_id} ({revocation.key.name}) of {site.name}.")
    if revocation.scopes_lost:
        lost = ", ".join(revocation.scopes_lost)
        click.echo(f"No valid key of {site.name} has these scopes any more: {lost}.")


def _row(key: SiteKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in COLUMNS}


def _state(key: SiteKey, now: datetime) -> str:
    if key.revoked_at is not None and key.revoked_at <= now:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    if key.expires_at is not None and key.expires_at <= now:
        return f"expired {key.expires_at:%Y-%m-%d %H:%M}"
    ends = [end for end in (key.revoked_at, key.expires_at) if end is not None]
    return f"valid until {min(ends):%Y-%m-%d %H:%M}" if ends else "valid"
