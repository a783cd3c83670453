"""Which decision an undo revokes, read from the log for those already stored.

An undo was known by its reason alone. It revokes the decision just before it in the
log of its comment: only the newest one could be undone, and an undo never.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BATCH_SIZE = 1000  # rows
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNDONE = "undone"
DECISIONS = sa.table(
    "decisions",
    sa.column("id", ID),
    sa.column("comment_id", ID),
    sa.column("reasons", sa.JSON()),
    sa.column("undoes_id", ID),
)


def upgrade() -> None:
    """Go forward."""
    # A plain ALTER: SQLite must not rebuild a table that others point to.
    kind = ID.compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE decisions ADD COLUMN undoes_id {kind} "
        "CONSTRAINT fk_decisions_undoes_id REFERENCES decisions (id)"
    )
    connection = op.get_bind()
    for ids in _undos(connection):
        earlier = DECISIONS.alias("earlier")
        undone = (
            sa.select(sa.func.max(earlier.c.id))
            .where(
                earlier.c.comment_id == DECISIONS.c.comment_id,
                earlier.c.id < DECISIONS.c.id,
            )
            .scalar_subquery()
        )
        connection.execute(
            sa.update(DECISIONS).where(DECISIONS.c.id.in_(ids)).values(undoes_id=undone)
        )
    is_undo = sa.text("undoes_id IS NOT NULL")
    op.create_index(
        "ix_decisions_undoes",
        "decisions",
        ["undoes_id"],
        unique=True,
        sqlite_where=is_undo,
        postgresql_where=is_undo,
    )


def _undos(connection: Any) -> Iterator[list[int]]:
    """Yield the ids of stored undos, some at a time."""
    as_text = sa.cast(DECISIONS.c.reasons, sa.Text())
    query = (
        sa.select(DECISIONS.c.id, DECISIONS.c.reasons)
        .where(as_text.like(f'%"{UNDONE}"%'))  # a tag may be called so, too
        .order_by(DECISIONS.c.id)
        .limit(BATCH_SIZE)
    )
    after = 0
    while rows := connection.execute(query.where(DECISIONS.c.id > after)).all():
        after = rows[-1].id
        yield [
            row.id
            for row in rows
            if any(reason["code"] == UNDONE for reason in row.reasons)
        ]
