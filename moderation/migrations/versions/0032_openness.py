"""Whether an article takes comments, and since when it is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

<<<<<<< HEAD:moderation/migrations/versions/0032_openness.py
revision = "0032"
down_revision = "0031"
=======
import moderation.database

revision = "0034"
down_revision = "0030"
>>>>>>> policy:moderation/migrations/versions/0034_openness.py
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go forward: every article goes on as the policy says."""
<<<<<<< HEAD:moderation/migrations/versions/0032_openness.py
    op.add_column(
        "articles", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True)
    )
=======
    op.add_column("articles", sa.Column("published_at", MOMENT, nullable=True))
>>>>>>> policy:moderation/migrations/versions/0034_openness.py
    op.add_column("articles", sa.Column("is_open", sa.Boolean(), nullable=True))
