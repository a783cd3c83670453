"""Search inside words over everything stored, and lists of every status."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = "deleted_at IS NULL"
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

# Tokens are ours (`moderation.text.folding.grams`): only where they occur is kept.
FTS5 = """CREATE VIRTUAL TABLE comments_text USING fts5(
    grams, content='', columnsize=0, detail=none, tokenize='ascii'
)"""

# The same grams: from each character to the end of its word, cut to three. Signs of
# ASCII become characters that mean nothing in a query, a name's grams begin with U+E0FF.
GRAMS = """
CREATE FUNCTION comments_grams(name text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT mark || gram), '{}'))
    FROM (
        SELECT mark, split_part(
            sign || coalesce(lead(sign, 1) OVER following, '')
                || coalesce(lead(sign, 2) OVER following, ''), ' ', 1) AS gram
        FROM (VALUES (U&'\\E0FF', name), ('', body)) AS texts(mark, folded),
            unnest(string_to_array(translate(folded, {signs}, {plain}), NULL))
                WITH ORDINALITY AS signs(sign, place)
        WINDOW following AS (PARTITION BY mark ORDER BY place)
    ) AS cut
    WHERE gram <> ''
$$
"""
GIN = """CREATE INDEX comments_text ON search_texts
USING gin (comments_grams(name, body)) WITH (fastupdate = off)"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "search_texts",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_search_texts_comment_id"
        ),
        sa.PrimaryKeyConstraint("comment_id", name="pk_search_texts"),
    )
    op.create_table(
        "search_backlog",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name="pk_search_backlog"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for name in ("comments_text_in", "comments_text_change", "comments_text_out"):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE comments_text")
        op.execute(FTS5)
    else:
        op.execute("DROP INDEX comments_text")
        op.execute(_function())
        op.execute(GIN)
    # A worker indexes what is stored, the newest first: it can take hours.
    op.execute(
        "INSERT INTO search_backlog (comment_id) "
        "SELECT max(id) + 1 FROM comments HAVING count(*) > 0"
    )
    _index_lists()
    op.create_table(
        "export_parts",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_export_parts_job_id"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_export_parts"),
    )
    op.create_index("ix_export_parts_expires_at", "export_parts", ["expires_at"])
    unfinished = sa.text(
        "state IN ('queued', 'running') AND kind NOT IN ('bulk', 'export')"
    )
    op.drop_index("uq_jobs_unfinished", "jobs")
    op.create_index(
        "uq_jobs_unfinished",
        "jobs",
        ["site_id", "kind"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def _function() -> str:
    codes = [code for code in range(0x21, 0x7F) if not chr(code).isalnum()]
    signs = "".join(map(chr, codes)).replace("'", "''")
    plain = "".join(chr(0xE000 + code) for code in codes)
    # A colon would be read as a parameter by SQLAlchemy.
    body = GRAMS.replace("{signs}", f"'{signs}'").replace("{plain}", f"'{plain}'")
    return body.replace(":", "\\:")


def _index_lists() -> None:
    indexes: dict[str, tuple[list[str], str]] = {
        "list": (["site_id", "status", "id"], KEPT),
        "list_reported": (["site_id", "id"], f"{KEPT} AND report_weight > 0"),
        "list_reports": (
            ["site_id", "report_weight", "id"],
            f"{KEPT} AND report_weight > 0",
        ),
        "list_escalated": (["site_id", "id"], "escalated_at IS NOT NULL"),
        "list_article": (["article_id", "id"], KEPT),
        "list_language": (
            ["site_id", "language", "id"],
            f"{KEPT} AND language IS NOT NULL",
        ),
        "list_reason": (
            ["site_id", "held_reason", "id"],
            f"{KEPT} AND held_reason IS NOT NULL",
        ),
    }
    for label in LABELS:
        score = f"score_{label}"
        indexes[f"list_{label}"] = (
            ["site_id", score, "id"],
            f"{KEPT} AND {score} >= 0.5",
        )
    for name, (columns, condition) in indexes.items():
        where = sa.text(condition)
        op.create_index(
            f"ix_comments_{name}",
            "comments",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
    unheard = sa.text("heard_at IS NULL")
    op.create_index(
        "ix_appeals_waiting",
        "appeals",
        ["site_id", "comment_id"],
        sqlite_where=unheard,
        postgresql_where=unheard,
    )
    by_staff = sa.text("staff_id IS NOT NULL")
    op.create_index(
        "ix_decisions_staff_comment",
        "decisions",
        ["staff_id", "comment_id"],
        sqlite_where=by_staff,
        postgresql_where=by_staff,
    )
