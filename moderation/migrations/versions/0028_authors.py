"""Authors' records and standings; a worker gives stored comments theirs.

No row of `comments` is changed here: a new column without a value, and three indexes.
The keys of records are keyed hashes, which no SQL can compute.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = moderation.database.UtcDateTime(timezone=True)
UNRECORDED = (
    "author_record_id IS NULL AND deleted_at IS NULL AND (author_id IS NOT NULL "
    "OR email_index IS NOT NULL OR ip_pseudonym IS NOT NULL)"
)


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
        "authors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("found_by", sa.String(length=15), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("address_key", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=15), nullable=True),
        sa.Column("standing_until", MOMENT, nullable=True),
        key("authors", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authors")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_authors_site_id_key")),
    )
    op.create_index("ix_authors_address", "authors", ["site_id", "address_key"])
    op.create_index("ix_authors_seen", "authors", ["site_id", "last_seen_at", "id"])
    index(
        "ix_authors_rejected",
        "authors",
        ["site_id", "rejected", "id"],
        "rejected > 0",
    )
    index(
        "ix_authors_standing",
        "authors",
        ["site_id", "standing", "last_seen_at", "id"],
        "standing IS NOT NULL",
    )
    op.create_table(
        "author_names",
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        key("author_names", "author_id", "authors"),
        key("author_names", "site_id", "sites"),
        sa.PrimaryKeyConstraint("author_id", "name", name=op.f("pk_author_names")),
    )
    op.create_index("ix_author_names_folded", "author_names", ["site_id", "folded"])
    _create_words()
    # A plain ALTER: SQLite must not rebuild a table that others point to.
    op.execute(
        "ALTER TABLE comments ADD COLUMN author_record_id INTEGER "
        "CONSTRAINT fk_comments_author_record_id REFERENCES authors (id)"
    )
    index(
        "ix_comments_author_record",
        "comments",
        ["author_record_id", "status", "id"],
        "author_record_id IS NOT NULL",
    )
    index(
        "ix_comments_network",
        "comments",
        ["site_id", "ip_pseudonym", "author_record_id"],
        "ip_pseudonym IS NOT NULL",
    )
    index("ix_comments_unrecorded", "comments", ["id"], UNRECORDED)


def _create_words() -> None:
    """Create the tables of what staff decided and noted about authors."""
    op.create_table(
        "author_standings",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=15), nullable=True),
        sa.Column("reason", sa.String(length=31), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("undoes_id", ID, nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        key("author_standings", "site_id", "sites"),
        key("author_standings", "author_id", "authors"),
        key("author_standings", "staff_id", "staff"),
        key("author_standings", "undoes_id", "author_standings"),
        key("author_standings", "batch_id", "batches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_standings")),
    )
    op.create_index(
        "ix_author_standings_author", "author_standings", ["author_id", "id"]
    )
    index(
        "ix_author_standings_undoes",
        "author_standings",
        ["undoes_id"],
        "undoes_id IS NOT NULL",
        unique=True,
    )
    op.create_table(
        "author_notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        key("author_notes", "site_id", "sites"),
        key("author_notes", "author_id", "authors"),
        key("author_notes", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_notes")),
    )
    op.create_index("ix_author_notes_author", "author_notes", ["author_id", "id"])
