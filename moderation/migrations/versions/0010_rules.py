"""Rules of a site's admins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference to another table, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    # A plain ALTER: SQLite must not rebuild a table that others point to.
    op.add_column(
        "sites",
        sa.Column("rules_version", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_table(
        "rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        key("rules", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_index(op.f("ix_rules_site_id"), "rules", ["site_id"])
    op.create_table(
        "rule_conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("patterns", sa.Integer(), nullable=False),
        key("rule_conditions", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_conditions")),
    )
    op.create_table(
        "rule_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("mode", sa.String(length=15), nullable=False),
        sa.Column("action", sa.String(length=15), nullable=False),
        sa.Column("tag", sa.String(length=50), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column("conditions_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        key("rule_versions", "rule_id", "rules"),
        key("rule_versions", "conditions_id", "rule_conditions"),
        key("rule_versions", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_versions")),
        sa.UniqueConstraint(
            "rule_id", "number", name=op.f("uq_rule_versions_rule_id_number")
        ),
    )
    op.create_table(
        "rule_hits",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=15), nullable=False),
        sa.Column("tag", sa.String(length=50), nullable=True),
        sa.Column("was_shadow", sa.Boolean(), nullable=False),
        key("rule_hits", "comment_id", "comments"),
        key("rule_hits", "rule_id", "rules"),
        sa.PrimaryKeyConstraint(
            "comment_id", "revision", "rule_id", name=op.f("pk_rule_hits")
        ),
    )
    op.create_index("ix_rule_hits_rule", "rule_hits", ["rule_id", "comment_id"])
