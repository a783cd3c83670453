"""Commands about the audit log: shown, verified, exported."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from moderation.audit.actions import AuditAction
from moderation.audit.chain import derive_head_secret
from moderation.audit.heads import read_heads
from moderation.audit.listing import AuditFilters, find_usernames, list_entries
from moderation.audit.references import (
    Reference,
    read_actor,
    read_target,
    show_reference,
)
from moderation.audit.verification import AuditFault, AuditFaultKind, iter_rows
from moderation.audit.verification import verify as verify_chain
from moderation.cli.app import open_app
from moderation.cli.manual import ManualGroup
from moderation.cli.options import SiteName
from moderation.cli.output import busy
from moderation.database import db
from moderation.rekeying import audit_keys
from moderation.sites.sites import SiteContext
from moderation.tables.audit import AuditEntry
from moderation.tables.sites import Site

LIMIT = 50  # entries shown, if not asked otherwise
MAX_LIMIT = 100_000
TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group(cls=ManualGroup)
def audit() -> None:
    """Show, verify, or export the audit log."""


@audit.command()
@click.option("--site", type=SiteName(), help="Only entries of this site")
@click.option("--actor", help="staff:USERNAME, KIND:ID, or KIND")
@click.option("--target", help="staff:USERNAME, KIND:ID, or KIND")
@click.option(
    "--action",
    type=click.Choice([action.value for action in AuditAction]),
    metavar="ACTION",
    help="Only entries of this action, such as staff.added: docs/audit.md",
)
@click.option("--since", type=TIME, help="At or after this time, UTC")
@click.option("--until", type=TIME, help="Before this time, UTC")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=LIMIT,
    show_default=True,
    help="Newest entries to show",
)
def show(
    site: SiteContext | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    **query: Any,
) -> None:
    """Show the newest entries, oldest of them first."""
    open_app()
    session = db.session()
    (actor_kind, actor_id), (target_kind, target_id) = (None, None), (None, None)
    if query["actor"]:
        actor_kind, actor_id = read_actor(session, query["actor"])
    if query["target"]:
        target_kind, target_id = read_target(session, query["target"])
    filters = AuditFilters(
        site_id=site.id if site else None,
        action=query["action"] and AuditAction(query["action"]),
        actor_kind=actor_kind,
        actor_id=actor_id,
        target_kind=target_kind,
        target_id=target_id,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
    )
    entries = list_entries(session, filters, site_ids=None, before=None, limit=limit)
    usernames = find_usernames(session, entries)
    rows = session.execute(sa.select(Site.id, Site.name))
    names = dict(rows.all())
    for entry in reversed(entries):
        click.echo(_line(entry, usernames, names))


def _line(
    entry: AuditEntry, usernames: dict[int, str], names: Mapping[int, str]
) -> str:
    """Return an entry as a line to read."""
    parts = [
        f"{entry.sequence:>8}",
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.action,
        f"by {_name(show_reference(entry.actor_kind, entry.actor_id, usernames))}",
    ]
    if entry.target_kind is not None:
        target = show_reference(entry.target_kind, entry.target_id, usernames)
        parts.append(f"on {_name(target)}")
    if entry.site_id is not None:
        parts.append(f"at {names.get(entry.site_id, entry.site_id)}")
    if entry.network is not None:
        parts.append(f"from {entry.network[:12]}")
    if entry.details:
        parts.append(json.dumps(entry.details, ensure_ascii=False, sort_keys=True))
    if entry.reason:
        parts.append(json.dumps(entry.reason, ensure_ascii=False))
    return "  ".join(parts)


def _name(reference: Reference) -> str:
    name = reference.login or reference.id
    return reference.kind if name is None else f"{reference.kind}:{name}"


@audit.command()
@click.option(
    "--head",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Earlier heads, as MODERATION_AUDIT_HEAD_FILE has them",
)
def verify(head: Path | None) -> None:
    """Verify the chain; exit with 1 if an entry isn't as it was written."""
    services = open_app()
    heads = read_heads(head) if head else ()
    older = audit_keys.list_older(db.session(), services.keys)
    with busy("Verifying the audit log"):
        result = verify_chain(db.session(), services.audit_key, heads, older=older)
    if result.fault is not None:
        raise click.ClickException(_sentence(result.fault))
    click.echo(f"{result.count} entries are sound. Head: {result.head.hash}")


def _sentence(fault: AuditFault) -> str:
    if fault.kind is AuditFaultKind.TRUNCATED:
        return f"Entry {fault.sequence} is missing: the end of the log was deleted."
    return f"Entry {fault.sequence} was {fault.kind}."


@audit.command()
@click.option(
    "--after",
    type=click.IntRange(0),
    default=0,
    help="Only entries after this sequence number",
)
def export(after: int) -> None:
    """Write all entries as JSON lines, oldest first."""
    open_app()
    for row in iter_rows(db.session(), after):
        row["at"] = row["at"].isoformat()
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


@audit.command()
def secret() -> None:
    """Print the secret that signs the heads posted to MODERATION_AUDIT_HEAD_URL."""
    click.echo(derive_head_secret(open_app().settings.secret_key))
