"""Which comments a batch has still to decide: they were pending ones alone before."""

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
