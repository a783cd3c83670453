"""Job logs and cancellation, and the comments that each model was trained on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    # Plain ALTERs: SQLite must not rebuild tables that others point to.
    op.add_column(
        "jobs", sa.Column("arguments", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column("jobs", sa.Column("cancel_asked_at", MOMENT, nullable=True))
    op.add_column("models", sa.Column("learnt_from", sa.LargeBinary(), nullable=True))
    op.create_table(
        "job_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_lines_job_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_lines")),
    )
    op.create_index("ix_job_lines_job", "job_lines", ["job_id", "id"])
