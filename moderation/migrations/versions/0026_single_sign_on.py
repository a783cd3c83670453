"""Accounts at an OpenID Connect provider, and the sessions that they begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "staff_tokens",
        sa.Column(
            "is_single_sign_on",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
        ),
    )
    op.create_table(
        "staff_identities",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_identities_staff_id"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_staff_identities"),
        sa.UniqueConstraint(
            "staff_id", "issuer", name="uq_staff_identities_staff_id_issuer"
        ),
    )
