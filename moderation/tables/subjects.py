"""A person's data: erasures, links to one's own data, legal holds, and clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table

# Literal, as in the partial indexes: a parameter would hide them.
UNFINISHED_ERASURE = sa.text("state = 'running'")
IN_FORCE = sa.text("ended_at IS NULL")


class PersonErasure(Table):
    """A request to erase a person's data at a site, and its receipt.

    Nothing here tells who the person was: ids and counts only, and keyed hashes until
    the erasure is done.
    """

    __tablename__ = "person_erasures"
    __table_args__ = (
        sa.Index("ix_person_erasures_site", "site_id", "id"),
        sa.Index(
            "ix_person_erasures_running",
            "id",
            sqlite_where=UNFINISHED_ERASURE,
            postgresql_where=UNFINISHED_ERASURE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: `subjects.erasure.ErasureState`
    state: Mapped[str] = mapped_column(sa.String(15))
    #: `comments.erasure.ErasureMode`
    mode: Mapped[str] = mapped_column(sa.String(15))
    #: whether a retraining is to follow that forgets
    retrains: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[datetime]
    #: the admin who asked for it or allowed it; None: the command line, or no one yet
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the person asked for it, through a link
    is_by_person: Mapped[bool] = mapped_column(server_default=sa.false())
    #: `subjects.person.DataSubject` in JSON: ids and keyed hashes; None: erased
    subject: Mapped[dict[str, Any] | None]
    #: ids of comments and counts of rows, as far as it is
    progress: Mapped[dict[str, Any]]
    #: signed; None: not done
    receipt: Mapped[dict[str, Any] | None]
    #: when it was done, or refused
    finished_at: Mapped[datetime | None]


class PersonLink(Table):
    """A link that shows a person what a site holds of them, until it expires."""

    __tablename__ = "person_links"

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: as of `PersonErasure.subject`
    subject: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LegalHold(Table):
    """A comment or an article's comments that nothing may delete or erase."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        sa.Index("ix_legal_holds_site", "site_id", "id"),
        sa.Index(
            "ix_legal_holds_comment",
            "comment_id",
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        sa.Index(
            "ix_legal_holds_article",
            "article_id",
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: one of the two is set
    comment_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("comments.id"))
    article_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles.id"))
    #: why, in an admin's words, with email addresses masked
    reason: Mapped[str] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    #: who set it; None: the command line
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: it ends by itself then; None: it doesn't
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class SiteRetention(Table):
    """A site's retention periods by class of data; without a row, the defaults."""

    __tablename__ = "site_retention"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: `subjects.clocks.DataClass` to days, or null: until it is erased
    clocks: Mapped[dict[str, Any]]
    #: `comments.erasure.ErasureMode` of erasures, and of published texts at their time
    mode: Mapped[str] = mapped_column(sa.String(15))
    #: no clock is applied before; None: all are
    starts_at: Mapped[datetime | None]
    #: when all clocks were last applied
    applied_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    #: None: the command line, or no one
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
