"""QA samples, notes, escalations, corrected labels, and bulk decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class QaReview(Table):
    """One decision that another moderator reviews, with the result.

    The comment's status stays; a review has a claim of its own.
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

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    #: the decision that is looked at
    decision_id: Mapped[int] = mapped_column(BIG_ID, sa.ForeignKey("decisions.id"))
    #: `moderation.review.qa_reviews.QaReviewKind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    #: `moderation.review.qa_reviews.QaReviewState`
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
    #: it waits for a lead since then, as a moderator asked; the lead sees no more
    escalated_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    claimed_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    #: who looked at it, and this person's verdict
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
        BIG_ID, sa.ForeignKey("decisions.id"), index=True
    )


class Note(Table):
    """A word to colleagues; erased with the comment."""

    __tablename__ = "notes"
    __table_args__ = (sa.Index("ix_notes_comment", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text())


class Escalation(Table):
    """A pending comment handed to the leads; open until one of them has decided it."""

    __tablename__ = "escalations"
    __table_args__ = (
        sa.Index("ix_escalations_comment", "comment_id", "id"),
        sa.Index(
            "ix_escalations_open",
            "comment_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    #: the question to the lead; erased with the comment
    note: Mapped[str | None] = mapped_column(sa.Text())
    ended_at: Mapped[datetime | None]
    #: who decided it or gave it back; None: the site's own people, or no one yet
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the decision that ended it; None: it was released undecided
    decision_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("decisions.id"), index=True
    )


class Correction(Table):
    """A person's labels for training, apart from any verdict."""

    __tablename__ = "corrections"
    __table_args__ = (
        sa.Index("ix_corrections_comment", "comment_id", "id"),
        sa.Index("ix_corrections_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    #: the text that was read
    revision: Mapped[int]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    #: label to true or false
    labels: Mapped[dict[str, Any]]
    #: the model whose scores were looked at; None: unscored
    model_version: Mapped[str | None] = mapped_column(sa.String(100))


class DecisionBatch(Table):
    """A bulk decision: one verdict of a person about many comments."""

    __tablename__ = "batches"
    __table_args__ = (
        sa.Index("ix_batches_site", "site_id", "id"),
        sa.Index("ix_batches_job", "job_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: `moderation.review.batches.BatchKind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    #: what the comments were selected by, as requested; `sections`: the person's limit
    filter: Mapped[dict[str, Any]]
    verdict: Mapped[str] = mapped_column(sa.String(15))
    #: codes
    reasons: Mapped[list[dict[str, Any]]]
    #: for the statements of reasons: `comments.statements.LegalBasis`, masked
    basis: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    #: only what had come by then is decided: the person has seen no more
    as_of: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(15))
    #: comments that it was to decide, counted when it was requested
    asked: Mapped[int]
    decided: Mapped[int] = mapped_column(default=0)
    #: comments that had the resulting status already, and so aren't in `asked`
    already: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    #: decided, edited, or erased after the person looked
    changed: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    #: held by another moderator when their turn came
    skipped: Mapped[int] = mapped_column(default=0)
    #: undone with it
    restored: Mapped[int] = mapped_column(default=0)
    #: changed by someone since, and so left when it was undone
    left: Mapped[int] = mapped_column(default=0)
    #: up to which comment (or, in an undo, decision) it has come
    cursor: Mapped[int] = mapped_column(BIG_ID, default=0)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    #: the moderator who made the batch, or a lead
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the work that carries it on; None: it was done at once
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jobs.id"))


class BatchComment(Table):
    """A comment that a running batch has still to decide."""

    __tablename__ = "batch_comments"

    batch_id: Mapped[int] = mapped_column(
        sa.ForeignKey("batches.id", name="fk_batch_comments_batch_id"),
        primary_key=True,
    )
    comment_id: Mapped[int] = mapped_column(
        BIG_ID,
        sa.ForeignKey("comments.id", name="fk_batch_comments_comment_id"),
        primary_key=True,
    )
    #: the comment's version that the person saw: a changed comment isn't decided
    version: Mapped[int]
