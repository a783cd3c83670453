"""The command that brings the database to the newest revision."""

from __future__ import annotations

import click

from moderation import migration
from moderation.cli.app import open_app


@click.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    open_app()
    migration.migrate()
    click.echo(f"The database is at {migration.head()}.")
