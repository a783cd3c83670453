"""A search that skips what is older on PostgreSQL; lists by reports of a status."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEPT = "deleted_at IS NULL"

# The grams of migration 0027, and the slices of time that an id lies in: 5 hours, 37
# hours, 12 days, 99 days, 2 years. In one function: PostgreSQL 17 makes indexes with a
# search path that excludes our functions.
TERMS = """
CREATE FUNCTION comments_terms(comment_id bigint, name text, body text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT mark || gram), '{}') || ARRAY[
        U&'\\E0FE' || '46x' || (comment_id >> 46),
        U&'\\E0FE' || '49x' || (comment_id >> 49),
        U&'\\E0FE' || '52x' || (comment_id >> 52),
        U&'\\E0FE' || '55x' || (comment_id >> 55),
        U&'\\E0FE' || '58x' || (comment_id >> 58)
    ])
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
USING gin (comments_terms(comment_id, name, body)) WITH (fastupdate = off)"""


def upgrade() -> None:
    """Go forward. PostgreSQL rebuilds the index of all texts: a million take minutes."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX comments_text")
        op.execute("DROP FUNCTION comments_grams(text, text)")
        op.execute(_function())
        op.execute(GIN)
    op.drop_index("ix_comments_list_reports", "comments")
    reported = sa.text(f"{KEPT} AND report_weight > 0")
    op.create_index(
        "ix_comments_list_reports",
        "comments",
        ["site_id", "status", "report_weight", "id"],
        sqlite_where=reported,
        postgresql_where=reported,
    )


def _function() -> str:
    codes = [code for code in range(0x21, 0x7F) if not chr(code).isalnum()]
    signs = "".join(map(chr, codes)).replace("'", "''")
    plain = "".join(chr(0xE000 + code) for code in codes)
    # A colon would be read as a parameter by SQLAlchemy.
    body = TERMS.replace("{signs}", f"'{signs}'").replace("{plain}", f"'{plain}'")
    return body.replace(":", "\\:")
