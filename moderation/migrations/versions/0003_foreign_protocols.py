"""Tables and columns of the compatibility APIs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward."""
    # A plain ALTER: SQLite must not rebuild a table that others point to.
    op.add_column("sites", sa.Column("integrations", sa.JSON(), nullable=True))
    op.create_table(
        "site_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("protocol", sa.String(length=15), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_site_secrets_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_secrets")),
    )
    op.create_index(op.f("ix_site_secrets_site_id"), "site_secrets", ["site_id"])
    op.create_table(
        "callbacks",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_callbacks_comment_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_callbacks_site_id")
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_callbacks")),
    )
    op.create_index(
        "ix_callbacks_open",
        "callbacks",
        ["due_at"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=15), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_suggestions_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_suggestions_fingerprint")),
    )
    op.create_index("ix_suggestions_site", "suggestions", ["site_id", "id"])
