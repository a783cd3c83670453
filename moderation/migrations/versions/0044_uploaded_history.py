"""Uploaded history files, and standings that other systems have given authors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)


def key(column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference, named as all of them are."""
    name = op.f(f"fk_history_uploads_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "history_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("check_job_id", sa.Integer(), nullable=True),
        sa.Column("import_job_id", sa.Integer(), nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        key("site_id", "sites"),
        key("staff_id", "staff"),
        key("check_job_id", "jobs"),
        key("import_job_id", "jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_uploads")),
    )
    op.create_index(op.f("ix_history_uploads_site_id"), "history_uploads", ["site_id"])
    with op.batch_alter_table("author_standings") as batch:
        batch.alter_column("staff_id", existing_type=sa.Integer(), nullable=True)
