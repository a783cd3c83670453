"""Record who undid a batch."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    # A plain ALTER: SQLite must not rebuild a table that others point to.
    op.execute(
        "ALTER TABLE batches ADD COLUMN undone_by INTEGER "
        "CONSTRAINT fk_batches_undone_by REFERENCES staff (id)"
    )
