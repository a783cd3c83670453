"""Brakes and recent arrivals. Two new tables: nothing stored is touched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)
HOLDING = sa.text("ended_at IS NULL")


def key(column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference of a brake, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_brakes_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "arrivals",
        sa.Column("subject", ID, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "subject", "at", "comment_id", name=op.f("pk_arrivals")
        ),
    )
    op.create_index("ix_arrivals_at", "arrivals", ["at"])
    op.create_table(
        "brakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("quiet_minutes", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("held_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        key("site_id", "sites"),
        key("campaign_id", "campaigns"),
        key("started_by", "staff"),
        key("held_by", "staff"),
        key("ended_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brakes")),
    )
    op.create_index("ix_brakes_site", "brakes", ["site_id", "id"])
    op.create_index("ix_brakes_subject", "brakes", ["subject", "ended_at"])
    op.create_index(
        "uq_brakes_holding",
        "brakes",
        ["subject"],
        unique=True,
        sqlite_where=HOLDING,
        postgresql_where=HOLDING,
    )
