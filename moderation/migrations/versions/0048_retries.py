"""Jobs that are tried again: how often each may be taken up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "jobs",
        sa.Column("max_attempts", sa.Integer(), server_default="5", nullable=False),
    )
