"""Models that score silently, people who judge them blind, and alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
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


def key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return a reference to another table, named as all of them are."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
    )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "silent_scores",
        sa.Column("id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(length=100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(label, sa.Double(), nullable=True) for label in LABELS),
        key("silent_scores", "comment_id", "comments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silent_scores")),
        sa.UniqueConstraint(
            "comment_id",
            "revision",
            "model_version",
            name=op.f("uq_silent_scores_comment_id_revision_model_version"),
        ),
    )
    op.create_table(
        "blind_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(length=100), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("is_harmful", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        key("blind_looks", "site_id", "sites"),
        key("blind_looks", "comment_id", "comments"),
        key("blind_looks", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_looks")),
        sa.UniqueConstraint(
            "comment_id",
            "revision",
            "model_version",
            "staff_id",
            name=op.f("uq_blind_looks_comment_id_revision_model_version_staff_id"),
        ),
    )
    op.create_index("ix_blind_looks_model", "blind_looks", ["site_id", "model_version"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=31), nullable=False),
        sa.Column("subject", sa.String(length=63), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        key("alarms", "site_id", "sites"),
        key("alarms", "seen_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index("ix_alarms_site", "alarms", ["site_id", "id"])
    # Plain ALTERs: SQLite must not rebuild tables that others point to.
    op.execute(
        "ALTER TABLE sites ADD COLUMN shadow_model_id INTEGER "
        "CONSTRAINT fk_sites_shadow_model_id REFERENCES models (id)"
    )
    op.add_column("sites", sa.Column("shadow_since", MOMENT, nullable=True))
