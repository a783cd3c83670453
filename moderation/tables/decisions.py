"""The decision log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table

TAUGHT = sa.text("served_in = 'teach'")


class Decision(Table):
    """A verdict given to a comment; never changed, never removed."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.Index("ix_decisions_comment", "comment_id", "id"),
        sa.Index("ix_decisions_site", "site_id", "source", "id"),
        sa.Index("ix_decisions_staff", "staff_id", "id"),
        sa.Index("ix_decisions_given", "site_id", "created_at", "id"),
        sa.Index(
            "ix_decisions_taught",
            "site_id",
            "created_at",
            sqlite_where=TAUGHT,
            postgresql_where=TAUGHT,
        ),
        sa.Index(
            "ix_decisions_batch",
            "batch_id",
            "id",
            sqlite_where=sa.text("batch_id IS NOT NULL"),
            postgresql_where=sa.text("batch_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    revision: Mapped[int]
    created_at: Mapped[datetime]
    #: when the person took it in hand; None: decided without, or not known
    claimed_at: Mapped[datetime | None]
    #: the order of the queue that brought it to the person; None: not by a hand
    served_in: Mapped[str | None] = mapped_column(sa.String(15))
    source: Mapped[str] = mapped_column(sa.String(15))
    #: the person, where `source` is one
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    status_before: Mapped[str | None] = mapped_column(sa.String(15))
    verdict: Mapped[str] = mapped_column(sa.String(15))
    reasons: Mapped[list[dict[str, Any]]]
    #: label to true or false, as a person said it for training
    labels: Mapped[dict[str, Any]]
    policy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site_policies.id"))
    #: the model whose scores were looked at; None: unscored
    model_version: Mapped[str | None] = mapped_column(sa.String(100))
    #: the decision about many at once that it is a part of
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batches.id"))
