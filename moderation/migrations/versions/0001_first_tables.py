"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import moderation.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("name", name=op.f("uq_sites_name")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=63), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "disabled_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=2048), nullable=False),
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=True),
        sa.Column("section", sa.String(length=100), nullable=True),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_articles_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint(
            "site_id", "reference_hash", name=op.f("uq_articles_site_id_reference_hash")
        ),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=31), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "leased_until",
            moderation.database.UtcDateTime(timezone=True),
            nullable=True,
        ),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "started_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "finished_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_jobs_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_jobs_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(
            "uq_jobs_unfinished",
            ["site_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )

    op.create_table(
        "memberships",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=15), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_memberships_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_memberships_staff_id")
        ),
        sa.PrimaryKeyConstraint("staff_id", "site_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("base_version", sa.String(length=100), nullable=False),
        sa.Column("artifact", sa.LargeBinary(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_models_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_models_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("version", name=op.f("uq_models_version")),
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_models_site_id"), ["site_id"], unique=False
        )

    op.create_table(
        "site_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "revoked_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_site_keys_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_site_keys_key_hash")),
    )
    with op.batch_alter_table("site_keys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_site_keys_site_id"), ["site_id"], unique=False
        )

    op.create_table(
        "site_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_site_policies_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_site_policies_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_policies")),
    )
    with op.batch_alter_table("site_policies", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_site_policies_site_id"), ["site_id"], unique=False
        )

    op.create_table(
        "staff_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "expires_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "revoked_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_tokens_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_tokens_token_hash")),
    )
    with op.batch_alter_table("staff_tokens", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_tokens_staff_id"), ["staff_id"], unique=False
        )

    op.create_table(
        "comments",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column(
            "parent_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "thread",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=255), nullable=False),
        sa.Column("author_url", sa.String(length=2048), nullable=True),
        sa.Column("author_id", sa.String(length=255), nullable=True),
        sa.Column("email_encrypted", sa.Text(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=True),
        sa.Column("ip_pseudonym", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=512), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("status", sa.String(length=15), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "received_at",
            moderation.database.UtcDateTime(timezone=True),
            nullable=False,
        ),
        sa.Column(
            "written_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "edited_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "deleted_at", moderation.database.UtcDateTime(timezone=True), nullable=True
        ),
        sa.Column(
            "due_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("claimed_by", sa.Integer(), nullable=True),
        sa.Column(
            "claimed_until",
            moderation.database.UtcDateTime(timezone=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_comments_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["staff.id"], name=op.f("fk_comments_claimed_by")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_comments_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint(
            "site_id", "external_id", name=op.f("uq_comments_site_id_external_id")
        ),
        sa.UniqueConstraint(
            "site_id",
            "idempotency_key",
            name=op.f("uq_comments_site_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_comments_parent_id"), ["parent_id"], unique=False
        )
        batch_op.create_index(
            "ix_comments_published",
            ["article_id", "thread"],
            unique=False,
            sqlite_where=sa.text("status = 'approved' AND deleted_at IS NULL"),
            postgresql_where=sa.text("status = 'approved' AND deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_comments_queue",
            ["site_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'pending' AND deleted_at IS NULL"),
            postgresql_where=sa.text("status = 'pending' AND deleted_at IS NULL"),
        )

    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=15), nullable=False),
        sa.Column("despite_gate", sa.String(length=1000), nullable=True),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_promotions_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"], ["models.id"], name=op.f("fk_promotions_previous_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_promotions_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_promotions_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_promotions_site_id"), ["site_id"], unique=False
        )

    op.create_table(
        "decisions",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column(
            "comment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("source", sa.String(length=15), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("status_before", sa.String(length=15), nullable=True),
        sa.Column("verdict", sa.String(length=15), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_decisions_comment_id")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["site_policies.id"], name=op.f("fk_decisions_policy_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_decisions_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_decisions_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decisions_comment", ["comment_id", "id"], unique=False
        )
        batch_op.create_index(
            "ix_decisions_site", ["site_id", "source", "id"], unique=False
        )

    op.create_table(
        "revisions",
        sa.Column(
            "comment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "replaced_at",
            moderation.database.UtcDateTime(timezone=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_revisions_comment_id")
        ),
        sa.PrimaryKeyConstraint("comment_id", "number", name=op.f("pk_revisions")),
    )
    op.create_table(
        "scores",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "comment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(length=100), nullable=False),
        sa.Column(
            "created_at", moderation.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("spam", sa.Double(), nullable=True),
        sa.Column("toxicity", sa.Double(), nullable=True),
        sa.Column("severe_toxicity", sa.Double(), nullable=True),
        sa.Column("insult", sa.Double(), nullable=True),
        sa.Column("profanity", sa.Double(), nullable=True),
        sa.Column("identity_attack", sa.Double(), nullable=True),
        sa.Column("threat", sa.Double(), nullable=True),
        sa.Column("sexually_explicit", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_scores_comment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint(
            "comment_id",
            "revision",
            "model_version",
            name=op.f("uq_scores_comment_id_revision_model_version"),
        ),
    )
    # Sites and what they point to point at each other: these two come last.
    with op.batch_alter_table("sites") as batch_op:
        batch_op.create_foreign_key(
            op.f("fk_sites_policy_id"), "site_policies", ["policy_id"], ["id"]
        )
        batch_op.create_foreign_key(
            op.f("fk_sites_model_id"), "models", ["model_id"], ["id"]
        )
