"""Authors' records at a site, their standing, and what staff notes about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table

# Literal, as in the partial indexes: a parameter would hide them.
HAS_STANDING = sa.text("standing IS NOT NULL")
WAS_REJECTED = sa.text("rejected > 0")


class Author(Table):
    """An author at a site, as far as that is known.

    The counts and the standing are caches: of the comments' status, and of the newest
    `StandingChange` that was not undone. Once the author's last comment is erased,
    nothing here tells who it was.
    """

    __tablename__ = "authors"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "key"),
        sa.Index("ix_authors_address", "site_id", "address_key"),
        sa.Index("ix_authors_seen", "site_id", "last_seen_at", "id"),
        sa.Index(
            "ix_authors_rejected",
            "site_id",
            "rejected",
            "id",
            sqlite_where=WAS_REJECTED,
            postgresql_where=WAS_REJECTED,
        ),
        sa.Index(
            "ix_authors_standing",
            "site_id",
            "standing",
            "last_seen_at",
            "id",
            sqlite_where=HAS_STANDING,
            postgresql_where=HAS_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: `moderation.authors.identity.FoundBy`
    found_by: Mapped[str] = mapped_column(sa.String(15))
    #: keyed hash of what it is found by; None: erased
    key: Mapped[str | None] = mapped_column(sa.String(64))
    #: keyed hash of the newest address; None: there is none
    address_key: Mapped[str | None] = mapped_column(sa.String(64))
    #: under which the author wrote last; empty: erased
    name: Mapped[str] = mapped_column(sa.String(255))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: comments by status, erased ones left out
    pending: Mapped[int] = mapped_column(default=0)
    approved: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    #: `moderation.policy.standings.Standing`; None: like everybody
    standing: Mapped[str | None] = mapped_column(sa.String(15))
    #: when it ends by itself; None: it doesn't
    standing_until: Mapped[datetime | None]


class AuthorName(Table):
    """A name that an author has used; erased with the last comment under it."""

    __tablename__ = "author_names"
    __table_args__ = (sa.Index("ix_author_names_folded", "site_id", "folded"),)

    author_id: Mapped[int] = mapped_column(
        sa.ForeignKey("authors.id"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: as names are searched, see `moderation.text.names.folded`
    folded: Mapped[str] = mapped_column(sa.Text())


class StandingChange(Table):
    """A decision about an author; never changed, except for erased words."""

    __tablename__ = "author_standings"
    __table_args__ = (
        sa.Index("ix_author_standings_author", "author_id", "id"),
        sa.Index(
            "ix_author_standings_undoes",
            "undoes_id",
            unique=True,
            sqlite_where=sa.text("undoes_id IS NOT NULL"),
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id"))
    #: None: lifted
    standing: Mapped[str | None] = mapped_column(sa.String(15))
    #: a code of `moderation.policy.standings.STANDING_REASONS`; None: lifted
    reason: Mapped[str | None] = mapped_column(sa.String(31))
    #: for colleagues, with email addresses masked; erased with the author
    note: Mapped[str | None] = mapped_column(sa.Text())
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: None: taken over from the system that the history was imported from
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the change that this one revokes; None: it is no undo
    undoes_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("author_standings.id")
    )
    #: the bulk decision about the author's comments that went with it, or was undone
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batches.id"))


class AuthorNote(Table):
    """A note about an author for colleagues; erased with the author."""

    __tablename__ = "author_notes"
    __table_args__ = (sa.Index("ix_author_notes_author", "author_id", "id"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text())
