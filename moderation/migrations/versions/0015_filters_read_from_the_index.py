"""Orders of the queue hold what filters ask, so that no row is read to be passed by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# As of this revision.
LABELS = (
    "spam",
    "toxicity",
    "severe_toxicity",
    "insult",
    "profanity",
    "identity_attack",
    "threat",
    "sexually_explicit",
)
PENDING = "status = 'pending' AND deleted_at IS NULL"


def upgrade() -> None:
    """Go forward."""
    orders = {
        "ix_comments_queue": ["site_id", "due_at", "id", "article_id"],
        "ix_comments_queue_newest": ["site_id", "id", "article_id"],
    }
    for label in LABELS:
        columns = ["site_id", f"score_{label}", "id", "due_at", "article_id"]
        orders[f"ix_comments_queue_{label}"] = columns
    where = sa.text(PENDING)
    for name, columns in orders.items():
        op.drop_index(name, "comments")
        op.create_index(
            name, "comments", columns, sqlite_where=where, postgresql_where=where
        )
