"""House rules as they were, statements of reasons, notices, complaints, misuse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None

MOMENT = moderation.database.UtcDateTime(timezone=True)
JSON = sa.JSON(none_as_null=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: They are written once.
FIXED = ("site_terms", "statements")
REFUSAL = "statements and terms are only added"


def upgrade() -> None:
    """Go forward. Earlier decisions get no statement: what was shown isn't known."""
    op.create_table(
        "site_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_site_terms_site_id"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_site_terms_staff_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_site_terms"),
        sa.UniqueConstraint("site_id", "version", name="uq_site_terms_site_id_version"),
    )
    op.create_table(
        "trusted_flaggers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=500), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("suspended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_trusted_flaggers_site_id"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_trusted_flaggers_staff_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_trusted_flaggers"),
        sa.UniqueConstraint(
            "site_id", "token_hash", name="uq_trusted_flaggers_site_id_token_hash"
        ),
    )
    op.create_table(
        "misuse_measures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("subject", sa.String(length=15), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("notifier", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_misuse_measures_author_id"
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["staff.id"], name="fk_misuse_measures_ended_by"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_misuse_measures_site_id"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_misuse_measures_staff_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_misuse_measures"),
    )
    op.create_index("ix_misuse_measures_author", "misuse_measures", ["author_id", "id"])
    op.create_index(
        "ix_misuse_measures_notifier", "misuse_measures", ["site_id", "notifier", "id"]
    )
    op.create_index("ix_misuse_measures_site", "misuse_measures", ["site_id", "id"])
    op.create_table(
        "notices",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("channel", sa.String(length=15), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("flagger_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=63), nullable=False),
        sa.Column("keyword", sa.String(length=63), nullable=True),
        sa.Column("law", sa.String(length=500), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("good_faith", sa.Text(), nullable=False),
        sa.Column("sealed_name", sa.Text(), nullable=True),
        sa.Column("sealed_email", sa.Text(), nullable=True),
        sa.Column("notifier", sa.String(length=64), nullable=True),
        sa.Column("is_life", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("suspended_until", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("is_unfounded", sa.Boolean(), nullable=True),
        sa.Column("passed_on_to", sa.String(length=200), nullable=True),
        sa.Column("passed_on_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name="fk_notices_decided_by"
        ),
        sa.ForeignKeyConstraint(
            ["flagger_id"], ["trusted_flaggers.id"], name="fk_notices_flagger_id"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_notices_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_notifier", "notices", ["site_id", "notifier"])
    op.create_index(
        "ix_notices_open",
        "notices",
        ["site_id", "is_life", "due_at", "id"],
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_notices_site", "notices", ["site_id", "created_at", "id"])
    op.create_table(
        "notice_complaints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", BIG_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("decided_before_by", sa.Integer(), nullable=False),
        sa.Column("suspended_until", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=31), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("is_unfounded", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_before_by"],
            ["staff.id"],
            name="fk_notice_complaints_decided_before_by",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name="fk_notice_complaints_decided_by"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_notice_complaints_notice_id"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_notice_complaints_site_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notice_complaints"),
        sa.UniqueConstraint("notice_id", name="uq_notice_complaints_notice_id"),
    )
    op.create_index(
        "ix_notice_complaints_open",
        "notice_complaints",
        ["site_id", "due_at"],
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "notice_items",
        sa.Column("notice_id", BIG_ID, nullable=False),
        sa.Column("comment_id", BIG_ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=15), nullable=True),
        sa.Column("decision_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_notice_items_comment_id"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_notice_items_decision_id"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_notice_items_notice_id"
        ),
        sa.PrimaryKeyConstraint("notice_id", "comment_id", name="pk_notice_items"),
    )
    op.create_index("ix_notice_items_comment", "notice_items", ["comment_id"])
    op.create_table(
        "statements",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", BIG_ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("decision_id", BIG_ID, nullable=True),
        sa.Column("standing_id", BIG_ID, nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("restriction", sa.String(length=31), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("ground", sa.String(length=15), nullable=False),
        sa.Column("code", sa.String(length=31), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=63), nullable=False),
        sa.Column("keyword", sa.String(length=63), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("legal_ground", sa.String(length=500), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("is_manifest", sa.Boolean(), nullable=False),
        sa.Column("finder", sa.String(length=31), nullable=False),
        sa.Column("is_found_automatically", sa.Boolean(), nullable=True),
        sa.Column("automation", sa.String(length=15), nullable=False),
        sa.Column("shown", JSON, nullable=True),
        sa.Column("notice_id", BIG_ID, nullable=True),
        sa.Column("exemption", sa.String(length=15), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_statements_author_id"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name="fk_statements_comment_id"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_statements_decision_id"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_statements_notice_id"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_statements_site_id"
        ),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["author_standings.id"], name="fk_statements_standing_id"
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["site_terms.id"], name="fk_statements_terms_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
        sa.UniqueConstraint("decision_id", name="uq_statements_decision_id"),
        sa.UniqueConstraint("standing_id", name="uq_statements_standing_id"),
    )
    op.create_index("ix_statements_author", "statements", ["author_id", "id"])
    op.create_index("ix_statements_comment", "statements", ["comment_id", "id"])
    op.create_index(
        "ix_statements_notice",
        "statements",
        ["notice_id"],
        sqlite_where=sa.text("notice_id IS NOT NULL"),
        postgresql_where=sa.text("notice_id IS NOT NULL"),
    )
    op.create_index("ix_statements_site", "statements", ["site_id", "created_at", "id"])
    op.add_column("appeals", sa.Column("answer", sa.Text(), nullable=True))
    op.add_column(
        "appeals",
        sa.Column(
            "is_partial", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
    )
    op.add_column("sites", sa.Column("legal", JSON, nullable=True))

    if op.get_bind().dialect.name == "sqlite":
        _refuse_on_sqlite()
    else:
        _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for table in FIXED:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_statement_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table in FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_statement_change()"
        )
