"""Near-duplicates, verdicts in advance, and decisions in bulk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)
BANDS = 8


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference to another table, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def index(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    """Make an index of some rows."""
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=condition,
        postgresql_where=condition,
        unique=unique,
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        key("campaigns", "site_id", "sites"),
        key("campaigns", "merged_into", "campaigns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_seen", "campaigns", ["site_id", "last_seen_at", "id"])
    op.create_table(
        "sketches",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("exact", ID, nullable=False),
        sa.Column("minima", sa.LargeBinary(), nullable=True),
        *(sa.Column(f"band_{n}", ID, nullable=True) for n in range(BANDS)),
        key("sketches", "comment_id", "comments"),
        key("sketches", "site_id", "sites"),
        key("sketches", "campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_sketches")),
    )
    for column in ("exact", *(f"band_{n}" for n in range(BANDS))):
        op.create_index(f"ix_sketches_{column}", "sketches", [column])
    op.create_index("ix_sketches_seen", "sketches", ["seen_at"])
    index(
        "ix_sketches_campaign", "sketches", ["campaign_id"], "campaign_id IS NOT NULL"
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("filter", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("verdict", sa.String(length=15), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("cursor", ID, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        key("batches", "site_id", "sites"),
        key("batches", "staff_id", "staff"),
        key("batches", "campaign_id", "campaigns"),
        key("batches", "job_id", "jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_site", "batches", ["site_id", "id"])
    op.create_index("ix_batches_job", "batches", ["job_id"])
    op.create_table(
        "standing_verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=15), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        key("standing_verdicts", "campaign_id", "campaigns"),
        key("standing_verdicts", "staff_id", "staff"),
        key("standing_verdicts", "ended_by", "staff"),
        key("standing_verdicts", "batch_id", "batches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_verdicts")),
    )
    index(
        "uq_standing_verdicts_open",
        "standing_verdicts",
        ["campaign_id"],
        "ended_at IS NULL",
        unique=True,
    )
    # Plain ALTERs: SQLite must not rebuild tables that others point to.
    for table, column, other in (
        ("comments", "campaign_id", "campaigns"),
        ("decisions", "batch_id", "batches"),
    ):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column} REFERENCES {other} (id)"
        )
    index(
        "ix_comments_campaign",
        "comments",
        ["campaign_id", "status", "id"],
        "campaign_id IS NOT NULL",
    )
    index("ix_decisions_batch", "decisions", ["batch_id", "id"], "batch_id IS NOT NULL")
    op.drop_index("uq_jobs_unfinished", "jobs")
    index(
        "uq_jobs_unfinished",
        "jobs",
        ["site_id", "kind"],
        "state IN ('queued', 'running') AND kind <> 'bulk'",
        unique=True,
    )
