"""Notes, escalation, corrected labels, and when a comment was reserved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    op.add_column("comments", sa.Column("claimed_at", MOMENT, nullable=True))
    op.add_column("comments", sa.Column("escalated_at", MOMENT, nullable=True))
    op.add_column("decisions", sa.Column("claimed_at", MOMENT, nullable=True))
    op.create_table(
        "notes",
        *_about("notes"),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("ix_notes_comment", "notes", ["comment_id", "id"])
    op.create_table(
        "escalations",
        *_about("escalations"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["staff.id"], name=op.f("fk_escalations_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_escalations_decision_id")
        ),
    )
    op.create_index("ix_escalations_comment", "escalations", ["comment_id", "id"])
    op.create_index(
        "ix_escalations_open",
        "escalations",
        ["comment_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_escalations_decision_id"), "escalations", ["decision_id"])
    op.create_table(
        "corrections",
        *_about("corrections"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("model_version", sa.String(length=100), nullable=True),
    )
    op.create_index("ix_corrections_comment", "corrections", ["comment_id", "id"])
    op.create_index("ix_corrections_site", "corrections", ["site_id", "id"])


def _about(table: str) -> list[sa.Column[object] | sa.Constraint]:
    """Return the columns of a remark: its author, its comment, and its time."""
    return [
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f(f"fk_{table}_comment_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
