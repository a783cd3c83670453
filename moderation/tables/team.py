"""What colleagues say of a comment without deciding it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Note(Table):
    """A word to colleagues; erased with the comment."""

    __tablename__ = "notes"
    __table_args__ = (sa.Index("ix_notes_comment", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True)
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

    id: Mapped[int] = mapped_column(ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    #: the question to the lead; erased with the comment
    note: Mapped[str | None] = mapped_column(sa.Text())
    ended_at: Mapped[datetime | None]
    #: who decided it or gave it back; None: the site's own people, or nobody yet
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the decision that ended it; None: it was given back undecided
    decision_id: Mapped[int | None] = mapped_column(
        ID, sa.ForeignKey("decisions.id"), index=True
    )


class Correction(Table):
    """What a person says of labels for training, apart from any verdict."""

    __tablename__ = "corrections"
    __table_args__ = (
        sa.Index("ix_corrections_comment", "comment_id", "id"),
        sa.Index("ix_corrections_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True)
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
