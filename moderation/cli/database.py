"""The command that brings the database to the newest revision."""

from __future__ import annotations

import click

from moderation import migration
from moderation.cli.app import open_app, record_run
from moderation.cli.output import busy


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    open_app(is_recorded=False)  # there may be no table for it yet
    with busy("Migrating") as show:
        migration.migrate(on_step=lambda name: show(f"Migrating, {name} is done"))
    record_run()
    click.echo(f"The database is at {migration.head()}.")
