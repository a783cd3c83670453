"""Commands about the installation's own keys: their state, replacement, and end."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy.orm import sessionmaker

from moderation.audit import actors
from moderation.cli.app import open_app
from moderation.cli.manual import ManualGroup
from moderation.cli.output import busy
from moderation.database import Sessions, db
from moderation.rekeying import installed, sweeps
from moderation.rekeying.installed import SETTINGS_OF, KeyPurpose
from moderation.rekeying.sweeps import PartProgress
from moderation.web.services import Services

purposes_argument = click.argument(
    "purposes",
    nargs=-1,
    required=True,
    type=click.Choice([purpose.value for purpose in KeyPurpose]),
)


@click.group("secrets", cls=ManualGroup)
def secrets_commands() -> None:
    """Replace the keys of the installation while it serves."""


@secrets_commands.command("status")
@click.option(
    "--count", "is_counting", is_flag=True, help="Count what older keys have made"
)
def show_status(is_counting: bool) -> None:
    """Show the keys and how far their replacement is.

    Exits with 1 if a key is missing, or, with --count, if an older key has made
    something that is stored.
    """
    keys, session = open_app().keys, db.session()
    for purpose in KeyPurpose:
        click.echo(f"{purpose}: {SETTINGS_OF[purpose]}")
        used, *accepted = keys.list_keys(purpose)
        click.echo(f"  {used.id}  in use")
        for key in accepted:
            click.echo(f"  {key.id}  accepted")
    faults = installed.list_missing(session, keys)
    old = 0
    for progress in sweeps.list_progress(session):
        click.echo(_line(progress, keys.current_id(progress.part.purpose)))
        if is_counting:
            count = sweeps.count_old(session, progress.part, keys)
            old += count
            click.echo(f"    {count} rows are left of older keys")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise click.ClickException("Values that these keys made can't be read.")
    if old:
        raise click.ClickException(f"{old} rows are left of older keys.")
    if is_counting:
        click.echo("Nothing is left of older keys.")


def _line(progress: PartProgress, key_id: str) -> str:
    row, name = progress.row, progress.part.name
    if row is None or row.key_id != key_id:
        return f"{name}: waits for a worker"
    state = "is going on" if row.finished_at is None else "done"
    line = f"{name}: {state}, {row.changed_count} renewed"
    return f"{line}, {row.remaining_count} left" if row.remaining_count else line


@secrets_commands.command("replace")
def replace() -> None:
    """Renew stored values with the keys in use, without waiting for a worker."""
    services = open_app()
    sessions = _sessions(services)
    with busy("Replacing keys"):
        while sweeps.run_step(sessions, services.keys, datetime.now(UTC)):
            pass
    for progress in sweeps.list_progress(db.session()):
        current = services.keys.current_id(progress.part.purpose)
        click.echo(_line(progress, current))


@secrets_commands.command("end")
@purposes_argument
@click.confirmation_option(
    prompt="What only the older keys can read or find ends for good. Go on?"
)
def end(purposes: tuple[str, ...]) -> None:
    """End all keys but the one in use, so that they can leave the settings."""
    services, now = open_app(), datetime.now(UTC)
    chosen = [KeyPurpose(purpose) for purpose in purposes]
    with busy("Ending keys"):
        count = sweeps.end_keys(_sessions(services), services.keys, chosen, now)
    click.echo(f"{count} rows were sealed off. Take the older keys out of:")
    for purpose in chosen:
        click.echo(f"  {SETTINGS_OF[purpose]}")


def _sessions(services: Services) -> Sessions:
    """Return sessions in which the command line acts."""
    info = actors.identify(actors.get_actor(db.session()), services.audit_key)
    db.session.close()
    return sessionmaker(db.engine, expire_on_commit=False, info=info)
