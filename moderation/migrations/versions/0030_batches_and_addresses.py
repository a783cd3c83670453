"""The comments of a batch, and the spellings of an article's address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward.

    A batch that runs during the upgrade ends with what it has decided by then.
    """
    for name in ("already", "changed"):
        column = sa.Column(
            name, sa.Integer(), nullable=False, server_default=sa.text("0")
        )
        op.add_column("batches", column)
    op.create_table(
        "batch_comments",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name="fk_batch_comments_batch_id"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_batch_comments_comment_id"
        ),
        sa.PrimaryKeyConstraint("batch_id", "comment_id", name="pk_batch_comments"),
    )
    op.add_column(
        "sites", sa.Column("article_folding", sa.JSON(none_as_null=True), nullable=True)
    )
    op.create_table(
        "article_aliases",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("reference_hash", sa.String(64), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_article_aliases_site_id"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_article_aliases_article_id"
        ),
        sa.PrimaryKeyConstraint("site_id", "reference_hash", name="pk_article_aliases"),
    )
    op.create_index("ix_article_aliases_article_id", "article_aliases", ["article_id"])
