"""Whether an article takes comments, and since when it is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward: every article goes on as the policy says."""
    op.add_column("articles", sa.Column("published_at", MOMENT, nullable=True))
    op.add_column("articles", sa.Column("is_open", sa.Boolean(), nullable=True))
