"""Imports of a live site: where the reading of its pages is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("imports", sa.Column("place", sa.JSON(), nullable=True))
