"""The order of the queue that brought a comment to the person who decided it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for table in ("comments", "decisions"):
        op.add_column(table, sa.Column("served_in", sa.String(15), nullable=True))
    taught = sa.text("served_in = 'teach'")
    op.create_index(
        "ix_decisions_taught",
        "decisions",
        ["site_id", "created_at"],
        sqlite_where=taught,
        postgresql_where=taught,
    )
