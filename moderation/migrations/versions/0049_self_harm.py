"""Scores of self-harm, and a mark on comments that call for care."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

PENDING = "status = 'pending' AND deleted_at IS NULL"


def upgrade() -> None:
    """Go forward."""
    for table in ("scores", "silent_scores"):
        op.add_column(table, sa.Column("self_harm", sa.Double(), nullable=True))
    op.add_column("comments", sa.Column("score_self_harm", sa.Double(), nullable=True))
    op.add_column(
        "comments",
        sa.Column(
            "calls_for_care",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
        ),
    )
    _index("ix_comments_queue_care", ["site_id", "due_at", "id"], "calls_for_care")
    _index(
        "ix_comments_queue_self_harm",
        ["site_id", "score_self_harm", "id", "due_at", "article_id"],
    )
    op.create_index(
        "ix_comments_list_self_harm",
        "comments",
        ["site_id", "score_self_harm", "id"],
        sqlite_where=sa.text("deleted_at IS NULL AND score_self_harm >= 0.5"),
        postgresql_where=sa.text("deleted_at IS NULL AND score_self_harm >= 0.5"),
    )


def _index(name: str, columns: list[str], only: str = "") -> None:
    where = sa.text(f"{PENDING} AND {only}" if only else PENDING)
    op.create_index(
        name, "comments", columns, sqlite_where=where, postgresql_where=where
    )
