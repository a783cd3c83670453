"""Deliveries in each state are found by one index, on SQLite as well."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_deliveries_failed", "deliveries")
    op.create_index("ix_deliveries_state", "deliveries", ["webhook_id", "state", "id"])
