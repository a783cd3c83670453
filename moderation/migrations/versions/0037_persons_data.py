"""A person's data: erasures, links, legal holds, and retention by site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)
#: A site that is there already has time to choose before anything is deleted.
GRACE = timedelta(days=14)
RUNNING = sa.text("state = 'running'")
IN_FORCE = sa.text("ended_at IS NULL")


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "person_erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(15), nullable=False),
        sa.Column("mode", sa.String(15), nullable=False),
        sa.Column("retrains", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column(
            "is_by_person", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
        sa.Column("subject", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        key("person_erasures", "site_id", "sites"),
        key("person_erasures", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_erasures")),
    )
    op.create_index("ix_person_erasures_site", "person_erasures", ["site_id", "id"])
    op.create_index(
        "ix_person_erasures_running",
        "person_erasures",
        ["id"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "person_links",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        key("person_links", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_links")),
    )
    for column in ("site_id", "expires_at"):
        op.create_index(op.f(f"ix_person_links_{column}"), "person_links", [column])
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        key("legal_holds", "site_id", "sites"),
        key("legal_holds", "comment_id", "comments"),
        key("legal_holds", "article_id", "articles"),
        key("legal_holds", "created_by", "staff"),
        key("legal_holds", "ended_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("ix_legal_holds_site", "legal_holds", ["site_id", "id"])
    for column in ("comment", "article"):
        op.create_index(
            f"ix_legal_holds_{column}",
            "legal_holds",
            [f"{column}_id"],
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        )
    retention = op.create_table(
        "site_retention",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(15), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        key("site_retention", "site_id", "sites"),
        key("site_retention", "changed_by", "staff"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_retention")),
    )
    sites = op.get_bind().execute(sa.text("SELECT id FROM sites")).scalars().all()
    starts_at = datetime.now(UTC) + GRACE
    rows = [
        {"site_id": site_id, "clocks": {}, "mode": "delete", "starts_at": starts_at}
        for site_id in sites
    ]
    if rows:
        op.bulk_insert(retention, rows)
