"""Keys that pages show, as they are, and how authors take nudges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("site_keys", sa.Column("public_key", sa.String(12), nullable=True))
    op.create_table(
        "nudge_counts",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("nudge", sa.String(31), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("edited", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_nudge_counts_site_id")
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "day", "nudge", name=op.f("pk_nudge_counts")
        ),
    )
