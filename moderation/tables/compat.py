"""What the foreign protocols keep: shared secrets, callbacks, suggested scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table

COMMENT_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class SiteSecret(Table):
    """A secret that a site's software signs with: encrypted, as we must know it."""

    __tablename__ = "site_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: the protocol that it is for
    protocol: Mapped[str] = mapped_column(sa.String(15))
    sealed: Mapped[str] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: it opens nothing from then on; may lie ahead
    revoked_at: Mapped[datetime | None]


class Callback(Table):
    """A comment whose site wants to be told when a person has decided it."""

    __tablename__ = "callbacks"
    __table_args__ = (
        sa.Index(
            "ix_callbacks_open",
            "due_at",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        ),
    )

    comment_id: Mapped[int] = mapped_column(
        COMMENT_ID,
        sa.ForeignKey("comments.id"),
        primary_key=True,
        autoincrement=False,
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: at the host of the site's own address
    url: Mapped[str] = mapped_column(sa.String(2048))
    #: the site's key, which the receiver compares; encrypted
    sealed_key: Mapped[str] = mapped_column(sa.Text())
    #: what the receiver finds the comment by, as it was sent
    about: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    #: not tried before
    due_at: Mapped[datetime]
    #: when it was delivered, or given up
    told_at: Mapped[datetime | None]
    #: one plain word why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))


class Suggestion(Table):
    """What a site's own people say of a text that is no comment here."""

    __tablename__ = "suggestions"
    __table_args__ = (sa.Index("ix_suggestions_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: the protocol that it came by
    source: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]
    #: e-mail addresses in it are masked
    text: Mapped[str] = mapped_column(sa.Text())
    #: label to 0–1
    scores: Mapped[dict[str, Any]]
    language: Mapped[str | None] = mapped_column(sa.String(35))
    #: the same suggestion again is one: keyed hash of site, text and token
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
