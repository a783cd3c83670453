"""Figures by hour and by day, samples of the queue, the setup, and agencies.

New tables, and an index of reports. A worker counts what is there already.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)
COUNTS = (
    *("comments", "approved", "rejected", "automatic", "decisions", "rejections"),
    *("overturned", "timed", "overdue", "compared", "agreed", "reports"),
)


def site_of(table: str) -> sa.ForeignKeyConstraint:
    """Return the reference to a site."""
    return sa.ForeignKeyConstraint(
        ["site_id"], ["sites.id"], name=op.f(f"fk_{table}_site_id")
    )


def counts() -> list[sa.Column[int]]:
    """Return the columns that are counted."""
    return [sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "hourly_figures",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        *counts(),
        sa.Column("waits", sa.JSON(), nullable=False),
        site_of("hourly_figures"),
        sa.PrimaryKeyConstraint(
            "site_id", "start", "section", name=op.f("pk_hourly_figures")
        ),
    )
    op.create_table(
        "daily_figures",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=15), nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=31), nullable=False),
        *counts(),
        sa.Column("waits", sa.JSON(), nullable=False),
        site_of("daily_figures"),
        sa.PrimaryKeyConstraint(
            *("site_id", "dimension", "start", "section", "subject"),
            name=op.f("pk_daily_figures"),
        ),
    )
    op.create_table(
        "queue_samples",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("start", MOMENT, nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("oldest_seconds", sa.Integer(), nullable=False),
        site_of("queue_samples"),
        sa.PrimaryKeyConstraint(
            "site_id", "start", "section", name=op.f("pk_queue_samples")
        ),
    )
    op.create_table(
        "figure_progress",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("hours_until", MOMENT, nullable=False),
        sa.Column("days_until", MOMENT, nullable=False),
        sa.Column("next_day", MOMENT, nullable=True),
        sa.Column("last_day", MOMENT, nullable=True),
        sa.Column("healed_at", MOMENT, nullable=False),
        site_of("figure_progress"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_figure_progress")),
    )
    op.create_table(
        "setup_checklists",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("hidden_at", MOMENT, nullable=False),
        sa.Column("hidden_by", sa.Integer(), nullable=False),
        site_of("setup_checklists"),
        sa.ForeignKeyConstraint(
            ["hidden_by"], ["staff.id"], name=op.f("fk_setup_checklists_hidden_by")
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_setup_checklists")),
    )
    op.create_table(
        "agency_members",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        site_of("agency_members"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_agency_members_staff_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "staff_id", name=op.f("pk_agency_members")),
    )
    op.create_index("ix_reports_made", "reports", ["site_id", "created_at"])
