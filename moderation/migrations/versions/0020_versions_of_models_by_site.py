"""The version of a model is unique at its site, no longer over all sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    if op.get_bind().dialect.name == "sqlite":
        _make_again()
        return
    op.drop_constraint("uq_models_version", "models", type_="unique")
    op.create_unique_constraint(
        "uq_models_site_id_version", "models", ["site_id", "version"]
    )


def _make_again() -> None:
    """Make the table again, as SQLite can't drop a constraint.

    Other tables refer to its rows: they may miss them until the end of the migration.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE kept_models AS SELECT * FROM models")
    op.drop_table("models")
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("base_version", sa.String(length=100), nullable=False),
        sa.Column("artifact", sa.LargeBinary(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("learnt_from", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_models_site_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_models_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("site_id", "version", name="uq_models_site_id_version"),
    )
    op.create_index("ix_models_site_id", "models", ["site_id"])
    op.execute(
        "INSERT INTO models (id, site_id, version, base_version, artifact, report, "
        "created_at, staff_id, learnt_from) SELECT id, site_id, version, "
        "base_version, artifact, report, created_at, staff_id, learnt_from "
        "FROM kept_models"
    )
    op.execute("DROP TABLE kept_models")
