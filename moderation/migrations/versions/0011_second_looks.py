"""Decided comments that another person looks at, blind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)
POINTS_TO = {
    "site_id": "sites.id",
    "comment_id": "comments.id",
    "decision_id": "decisions.id",
    "first_staff_id": "staff.id",
    "claimed_by": "staff.id",
    "staff_id": "staff.id",
    "answer_id": "decisions.id",
}


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "assignments",
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_assignments_view_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_assignments_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["staff.id"], name=op.f("fk_assignments_assigned_by")
        ),
        sa.PrimaryKeyConstraint("view_id", "staff_id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_staff_id"), "assignments", ["staff_id"])
    op.add_column("sites", sa.Column("sampled_until", MOMENT, nullable=True))
    op.add_column("sites", sa.Column("sampled_id", ID, nullable=True))
    op.create_index("ix_decisions_given", "decisions", ["site_id", "created_at", "id"])
    op.create_table(
        "looks",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("first_verdict", sa.String(length=15), nullable=False),
        sa.Column("first_staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown_version", sa.Integer(), nullable=False),
        sa.Column("escalated_at", MOMENT, nullable=True),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("verdict", sa.String(length=15), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("answer_id", ID, nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_looks_{column}"))
            for column, there in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looks")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_looks_decision_id")),
    )
    op.create_index("ix_looks_answered", "looks", ["site_id", "answered_at"])
    op.create_index("ix_looks_comment", "looks", ["comment_id", "id"])
    op.create_index("ix_looks_staff", "looks", ["staff_id", "id"])
    op.create_index(op.f("ix_looks_answer_id"), "looks", ["answer_id"])
    for name, columns, condition in (
        ("ix_looks_open", ["site_id", "due_at", "id"], "closed_at IS NULL"),
        ("ix_looks_claimed", ["claimed_by"], "claimed_by IS NOT NULL"),
    ):
        op.create_index(
            name,
            "looks",
            columns,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
