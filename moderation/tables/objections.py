"""Reports by readers and appeals by authors."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class Report(Table):
    """A reader says that a comment should not be there.

    `is_right` is a cache of what a person decided about the same text: the decision
    log is the truth.
    """

    __tablename__ = "reports"
    __table_args__ = (
        sa.UniqueConstraint("comment_id", "revision", "reporter", "reason"),
        sa.Index("ix_reports_reporter", "site_id", "reporter"),
        sa.Index("ix_reports_made", "site_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    #: the text that was reported
    revision: Mapped[int]
    #: keyed hash of the site's own id of the reader, different at every site
    reporter: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(31))
    #: in the reader's words, with email addresses masked
    note: Mapped[str | None] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: how much it counts, and on how many settled comments of the reader that rests
    weight: Mapped[float]
    settled_before: Mapped[int]
    #: whether a person rejected the text; None: no one has decided about it since
    is_right: Mapped[bool | None]
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))


class Appeal(Table):
    """The author asks for another look at a rejected text; one for each text."""

    __tablename__ = "appeals"
    __table_args__ = (
        sa.UniqueConstraint("comment_id", "revision"),
        sa.Index(
            "ix_appeals_open",
            "rejected_by",
            "comment_id",
            sqlite_where=sa.text("heard_at IS NULL"),
            postgresql_where=sa.text("heard_at IS NULL"),
        ),
        sa.Index(
            "ix_appeals_waiting",
            "site_id",
            "comment_id",
            sqlite_where=sa.text("heard_at IS NULL"),
            postgresql_where=sa.text("heard_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    revision: Mapped[int]
    #: in the author's words, with email addresses masked
    text: Mapped[str] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: the rejection appealed against, and the person who gave it, if a person did
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"))
    rejected_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: when a person decided about it, how, and by which decision
    heard_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(15))
    heard_decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))
    #: reasons for the author, in a moderator's words; None: those of the statement
    answer: Mapped[str | None] = mapped_column(sa.Text())
    #: the restriction stays for a part, or for another reason
    is_partial: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: manifestly, as the moderator who answered it found (DSA Art. 23); None: no answer
    is_unfounded: Mapped[bool | None]
