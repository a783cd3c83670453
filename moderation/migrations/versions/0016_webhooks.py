"""Webhooks of sites, and the outbox of their events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0016"
down_revision = "0015"
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
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=100), nullable=True),
        sa.Column("quiet_until", MOMENT, nullable=True),
        sa.Column("gone_at", MOMENT, nullable=True),
        key("webhooks", "site_id", "sites"),
        key("webhooks", "created_by", "staff"),
        key("webhooks", "changed_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(op.f("ix_webhooks_site_id"), "webhooks", ["site_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("type", sa.String(length=31), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("earlier_attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=100), nullable=True),
        key("deliveries", "webhook_id", "webhooks"),
        key("deliveries", "comment_id", "comments"),
        key("deliveries", "decision_id", "decisions"),
        key("deliveries", "batch_id", "batches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    for name, columns, where in (
        ("waiting", ["webhook_id", "due_at"], "state = 'waiting'"),
        ("failed", ["webhook_id", "id"], "state = 'failed'"),
        ("webhook", ["webhook_id", "id"], None),
        ("comment", ["comment_id"], None),
        ("batch", ["batch_id"], "batch_id IS NOT NULL AND state = 'waiting'"),
    ):
        only = sa.text(where) if where else None
        op.create_index(
            f"ix_deliveries_{name}",
            "deliveries",
            columns,
            sqlite_where=only,
            postgresql_where=only,
        )
