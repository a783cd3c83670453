"""How migrations run: in one transaction, one machine at a time, only forward."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from moderation import (
    migration,
    tables,  # noqa: F401 - so that all tables are known
)
from moderation.database import Table, db

LOCK = 7_305_931_842  # any number that no other program on the server uses

with db.engine.connect().execution_options(writes=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite can't alter a table in place
        compare_type=True,
        include_object=migration.is_of_tables,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.run_migrations()
