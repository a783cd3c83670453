"""Notifications to staff: preferences, channels, and what is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0033"
down_revision = "0032"
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
        "notification_profiles",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(15), nullable=False),
        sa.Column("timezone", sa.String(63), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("digested_at", MOMENT, nullable=False),
        sa.Column("sealed_email", sa.Text(), nullable=True),
        sa.Column("email_set_at", MOMENT, nullable=True),
        sa.Column("email_confirmed_at", MOMENT, nullable=True),
        sa.Column("sealed_chat_url", sa.Text(), nullable=True),
        sa.Column("chat_format", sa.String(15), nullable=True),
        key("notification_profiles", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_notification_profiles")),
    )
    op.create_table(
        "site_notifications",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(15), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("includes_texts", sa.Boolean(), nullable=False),
        sa.Column("sealed_chat_url", sa.Text(), nullable=True),
        sa.Column("chat_format", sa.String(15), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        key("site_notifications", "site_id", "sites"),
        key("site_notifications", "changed_by", "staff"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_notifications")),
    )
    op.create_table(
        "noticed_occurrences",
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("subject", ID, autoincrement=False, nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_noticed_occurrences")),
    )
    op.create_index("ix_noticed_occurrences_at", "noticed_occurrences", ["noticed_at"])
    op.create_table(
        "notifications",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("channel", sa.String(15), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(15), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("fault", sa.String(100), nullable=True),
        key("notifications", "staff_id", "staff"),
        key("notifications", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["due_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_notifications_staff", "notifications", ["staff_id", "id"])
    op.create_index("ix_notifications_site", "notifications", ["site_id", "id"])
    op.create_table(
        "mail_server_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(100), nullable=True),
        sa.Column("quiet_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_server_state")),
    )
    # Its one row, so that no two workers add it at a time.
    op.execute("INSERT INTO mail_server_state (id, failures) VALUES (1, 0)")
