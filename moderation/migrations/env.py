"""Run migrations: one machine at a time, only forward.

All are one transaction on PostgreSQL. On SQLite, each migration is one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from moderation import (
    migration,
    tables,  # noqa: F401 - so that all tables are known
)
from moderation.database import Table, db

on_step = context.config.attributes.get("on_step")


def tell(step: Any, **_: Any) -> None:
    """Tell who asked for the migration how far it is."""
    if on_step is not None:
        on_step(step.up_revision_id)


LOCK = 7_305_931_842  # any number that no other program on the server uses

with db.engine.connect().execution_options(writes=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite can't alter a table in place
        compare_type=True,
        include_object=migration.is_of_tables,
        on_version_apply=tell,  # type: ignore[arg-type]  # called by keywords
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.run_migrations()
