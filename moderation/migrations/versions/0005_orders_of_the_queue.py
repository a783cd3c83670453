"""What the queue is sorted and filtered by, its text search, and saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)
LABELS = (
    "spam",
    "toxicity",
    "severe_toxicity",
    "insult",
    "profanity",
    "identity_attack",
    "threat",
    "sexually_explicit",
)
PENDING = "status = 'pending' AND deleted_at IS NULL"

# FTS5 keeps the words of pending comments only, by triggers, so that every change of a
# comment updates it. It reads the texts from `comments` itself.
NEW, OLD = (
    f"{row}.status = 'pending' AND {row}.deleted_at IS NULL" for row in ("new", "old")
)
WORDS_IN = f"""INSERT INTO comments_text(rowid, body)
    SELECT new.id, new.body WHERE {NEW}"""
WORDS_OUT = f"""INSERT INTO comments_text(comments_text, rowid, body)
    SELECT 'delete', old.id, old.body WHERE {OLD}"""
FTS5 = (
    """CREATE VIRTUAL TABLE comments_text USING fts5(
        body, content='comments', content_rowid='id', columnsize=0,
        tokenize='unicode61 remove_diacritics 2'
    )""",
    f"""INSERT INTO comments_text(rowid, body)
    SELECT id, body FROM comments WHERE {PENDING}""",  # noqa: S608
    f"CREATE TRIGGER comments_text_in AFTER INSERT ON comments BEGIN {WORDS_IN}; END",
    f"""CREATE TRIGGER comments_text_change
    AFTER UPDATE OF body, status, deleted_at ON comments
    BEGIN {WORDS_OUT}; {WORDS_IN}; END""",
    f"CREATE TRIGGER comments_text_out AFTER DELETE ON comments BEGIN {WORDS_OUT}; END",
)
FULL_TEXT = f"""
CREATE INDEX comments_text ON comments USING gin (to_tsvector('simple', body))
WHERE {PENDING}
"""


def upgrade() -> None:
    """Go forward."""
    _add_columns()
    _fill_columns()
    _index_queue()
    if op.get_bind().dialect.name == "sqlite":
        for statement in FTS5:
            op.execute(statement)
    else:
        op.execute(FULL_TEXT)
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sorted_by", sa.String(length=15), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_saved_views_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint(
            "staff_id", "name", name=op.f("uq_saved_views_staff_id_name")
        ),
    )
    op.create_index(op.f("ix_saved_views_site_id"), "saved_views", ["site_id"])


def _add_columns() -> None:
    """Alter plainly: SQLite must not rebuild a table that others point to."""
    op.add_column("comments", sa.Column("held_reason", sa.String(length=30)))
    op.add_column("comments", sa.Column("margin", sa.Double()))
    op.add_column(
        "comments",
        sa.Column(
            "report_weight", sa.Double(), nullable=False, server_default=sa.text("0")
        ),
    )
    for label in LABELS:
        op.add_column("comments", sa.Column(f"score_{label}", sa.Double()))


def _fill_columns() -> None:
    """Give pending comments their place in the new orders."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = "json_extract(reasons, '$[0].code')" if is_sqlite else "reasons->0->>'code'"
    newest = "WHERE comment_id = comments.id AND revision = comments.revision ORDER BY id DESC LIMIT 1"
    scores = ", ".join(
        f"score_{label} = (SELECT {label} FROM scores {newest})"  # noqa: S608
        for label in LABELS
    )
    reason = f"(SELECT {code} FROM decisions {newest})"  # noqa: S608
    op.execute(
        f"UPDATE comments SET held_reason = {reason}, {scores} WHERE {PENDING}"  # noqa: S608
    )
    # A label's own threshold is the policy's to know: the middle stands in for it.
    least = "min" if is_sqlite else "least"
    distances = ", ".join(f"coalesce(abs(score_{label} - 0.5), 9)" for label in LABELS)
    op.execute(
        f"UPDATE comments SET margin = nullif({least}({distances}), 9) WHERE {PENDING}"  # noqa: S608
    )


def _index_queue() -> None:
    orders = {label: ["site_id", f"score_{label}", "id"] for label in LABELS}
    orders["newest"] = ["site_id", "id"]
    orders["margin"] = ["site_id", "margin", "id"]
    orders["article"] = ["article_id", "due_at", "id"]
    orders["author"] = ["site_id", "author_name", "due_at", "id"]
    orders["language"] = ["site_id", "language", "due_at", "id"]
    orders["reason"] = ["site_id", "held_reason", "due_at", "id"]
    orders["reports"] = ["site_id", "report_weight", "id"]
    for name, columns in orders.items():
        where = sa.text(
            PENDING + (" AND report_weight > 0" if name == "reports" else "")
        )
        op.create_index(
            f"ix_comments_queue_{name}",
            "comments",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
