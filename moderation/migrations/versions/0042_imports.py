"""Imported history: its runs, and the decisions of its sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0042"
down_revision = "0039"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("format", sa.String(31), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        key("imports", "site_id", "sites"),
        key("imports", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_site_id"), "imports", ["site_id"])
    op.create_table(
        "imported_comments",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(15), nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_harmful", sa.Boolean(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        key("imported_comments", "comment_id", "comments"),
        key("imported_comments", "import_id", "imports"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_imported_comments")),
    )
    op.create_index(
        "ix_imported_comments_lessons",
        "imported_comments",
        ["import_id", "evidence", "is_harmful"],
    )
