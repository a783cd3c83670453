"""The ids of the installation's keys, and how far their replacement is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward: a worker then lets each stored hash name its key."""
    op.create_table(
        "installed_keys",
        sa.Column("purpose", sa.String(15), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("check_hash", sa.String(64), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("sealed_audit_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("purpose", "key_id", name="pk_installed_keys"),
    )
    op.create_table(
        "rekeyings",
        sa.Column("part", sa.String(63), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("remaining_count", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("part", name="pk_rekeyings"),
    )
    op.add_column("models", sa.Column("learnt_with", sa.String(64), nullable=True))
