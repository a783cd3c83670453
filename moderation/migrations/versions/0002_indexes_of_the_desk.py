"""Index comments by claim, by decision, and by author."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ix_comments_claimed",
        "comments",
        ["claimed_by"],
        sqlite_where=sa.text("claimed_by IS NOT NULL"),
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_index(
        "ix_comments_author", "comments", ["site_id", "email_index", "status"]
    )
    op.create_index("ix_decisions_staff", "decisions", ["staff_id", "id"])
