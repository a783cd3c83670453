"""Names, scopes, origins, expiry, and last use of site keys.

Existing keys keep all scopes: theirs are null.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("name", sa.String(100), nullable=False, server_default="unnamed"),
        sa.Column("scopes", sa.JSON(), nullable=True),
        sa.Column("origins", sa.JSON(), nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("last_used_at", moment, nullable=True),
    ):
        op.add_column("site_keys", column)
    # A plain ALTER: SQLite must not rebuild a table for a foreign key.
    op.execute(
        "ALTER TABLE site_keys ADD COLUMN created_by INTEGER "
        "CONSTRAINT fk_site_keys_created_by REFERENCES staff (id)"
    )
