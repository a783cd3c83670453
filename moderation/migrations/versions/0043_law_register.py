"""Legal grounds of batches, disputes, published reports, and unfounded appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSAL = "published reports are only added"


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    basis = sa.Column("basis", sa.JSON(none_as_null=True), nullable=True)
    op.add_column("batches", basis)
    op.add_column("appeals", sa.Column("is_unfounded", sa.Boolean(), nullable=True))
    # Earlier measures against notifiers counted notices and complaints together.
    matter = sa.Column("matter", sa.String(15), server_default="", nullable=False)
    op.add_column("misuse_measures", matter)
    op.execute(
        "UPDATE misuse_measures SET matter = "
        "CASE subject WHEN 'author' THEN 'content' ELSE 'notices' END"
    )
    _add_disputes()
    _add_published_reports()


def _add_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", BIG_ID, nullable=True),
        sa.Column("notice_id", BIG_ID, nullable=True),
        sa.Column("body", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(100), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(31), nullable=True),
        sa.Column("implemented_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        key("disputes", "site_id", "sites"),
        key("disputes", "comment_id", "comments"),
        key("disputes", "notice_id", "notices"),
        key("disputes", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index("ix_disputes_site", "disputes", ["site_id", "filed_on", "id"])


def _add_published_reports() -> None:
    op.create_table(
        "published_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        key("published_reports", "site_id", "sites"),
        key("published_reports", "corrects_id", "published_reports"),
        key("published_reports", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_reports")),
        sa.UniqueConstraint(
            "site_id",
            "first_day",
            "last_day",
            "version",
            name=op.f("uq_published_reports_site_id_first_day_last_day_version"),
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER published_reports_no_{change.lower()} "
                f"BEFORE {change} ON published_reports "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER published_reports_only_added BEFORE UPDATE OR DELETE OR "
        "TRUNCATE ON published_reports FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_report_change()"
    )
