"""What readers report, and what authors appeal against."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=31), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("settled_before", sa.Integer(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_reports_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_reports_decision_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "comment_id",
            "revision",
            "reporter",
            "reason",
            name=op.f("uq_reports_comment_id_revision_reporter_reason"),
        ),
    )
    op.create_index("ix_reports_reporter", "reports", ["site_id", "reporter"])
    op.create_table(
        "appeals",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("rejected_by", sa.Integer(), nullable=True),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=15), nullable=True),
        sa.Column("heard_decision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_appeals_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_appeals_comment_id")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["rejected_by"], ["staff.id"], name=op.f("fk_appeals_rejected_by")
        ),
        sa.ForeignKeyConstraint(
            ["heard_decision_id"],
            ["decisions.id"],
            name=op.f("fk_appeals_heard_decision_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint(
            "comment_id", "revision", name=op.f("uq_appeals_comment_id_revision")
        ),
    )
    op.create_index(
        "ix_appeals_open",
        "appeals",
        ["rejected_by", "comment_id"],
        sqlite_where=sa.text("heard_at IS NULL"),
        postgresql_where=sa.text("heard_at IS NULL"),
    )
