"""Roles by section, personal tokens, sessions with their use, links to set a password."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("memberships") as batch:
        batch.add_column(
            sa.Column("section", sa.String(100), nullable=False, server_default="")
        )
        batch.drop_constraint("pk_memberships", type_="primary")
        batch.create_primary_key("pk_memberships", ["staff_id", "site_id", "section"])
    for column in (
        sa.Column("name", sa.String(63), nullable=True),
        sa.Column("scopes", sa.String(63), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client", sa.String(63), nullable=True),
    ):
        op.add_column("staff_tokens", column)
    op.create_table(
        "staff_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(15), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_links_staff_id"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff.id"], name="fk_staff_links_created_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_links"),
        sa.UniqueConstraint("token_hash", name="uq_staff_links_token_hash"),
    )
    op.create_index("ix_staff_links_staff_id", "staff_links", ["staff_id"])
