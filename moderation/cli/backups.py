"""Commands that back the database up and restore it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from moderation import backups, migration
from moderation.backups import Progress
from moderation.cli.app import open_app, record_run
from moderation.database import db

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("backup")
@FILE
def back_up(file: Path) -> None:
    """Write a backup of the database to FILE, while the service runs.

    It holds no keys: keep MODERATION_SECRET_KEY, MODERATION_EMAIL_KEYS, and
    MODERATION_EMAIL_INDEX_KEY apart. Without them, addresses can't be read.
    """
    open_app()
    url = db.engine.url
    with click.progressbar(length=100, label="Backing up") as bar:
        size = backups.back_up(url, file, _shown(bar))
    click.echo(f"{size:,} bytes were written to {file}.")


@click.command("restore")
@FILE
def restore(file: Path) -> None:
    """Fill the empty database of DATABASE_URL from a backup.

    Stop the service first. A backup of an earlier release is brought to this one.
    """
    open_app(is_recorded=False)  # there may be no table for it yet
    url = db.engine.url
    db.session.remove()
    db.engine.dispose()
    with click.progressbar(length=100, label="Restoring") as bar:
        backups.restore(url, file, _shown(bar))
    migration.migrate()
    record_run()
    click.echo(f"The database is restored, at revision {migration.head()}.")


def _shown(bar: Any) -> Progress:
    """Return what moves a progress bar of click, which has no public class."""
    return lambda share: bar.update(round(100 * share) - bar.pos)
