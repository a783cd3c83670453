"""Decided comments that another person looks at, without knowing what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Look(Table):
    """One decision that somebody else looks at, and what came of it.

    The comment's status stays; the claim on a look is the look's own.
    """

    __tablename__ = "looks"
    __table_args__ = (
        sa.UniqueConstraint("decision_id"),
        sa.Index(
            "ix_looks_open",
            "site_id",
            "due_at",
            "id",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("ix_looks_answered", "site_id", "answered_at"),
        sa.Index("ix_looks_comment", "comment_id", "id"),
        sa.Index("ix_looks_staff", "staff_id", "id"),
        sa.Index(
            "ix_looks_claimed",
            "claimed_by",
            sqlite_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    #: the decision that is looked at
    decision_id: Mapped[int] = mapped_column(ID, sa.ForeignKey("decisions.id"))
    #: `moderation.review.qa_reviews.Kind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    #: `moderation.review.qa_reviews.State`
    state: Mapped[str] = mapped_column(sa.String(15))
    first_verdict: Mapped[str] = mapped_column(sa.String(15))
    first_staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: the comment's version that it is about: once that has changed, it is overtaken
    version: Mapped[int]
    #: the version that the person is shown, which counts on as that of any comment
    shown_version: Mapped[int]
    #: it waits for a lead since then, as a moderator asked; the lead is told no more
    escalated_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    claimed_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    #: who looked at it, and what this person said
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(sa.String(15))
    reasons: Mapped[list[dict[str, Any]] | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )
    labels: Mapped[dict[str, Any] | None]
    closed_at: Mapped[datetime | None]
    #: the decision that came of it: of an audit, or of the lead after a disagreement
    answer_id: Mapped[int | None] = mapped_column(
        ID, sa.ForeignKey("decisions.id"), index=True
    )
