"""What is kept to train from: suggested scores, and vectors of decided comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class Suggestion(Table):
    """Labels by a site's staff for a text that is no comment here."""

    __tablename__ = "suggestions"
    __table_args__ = (sa.Index("ix_suggestions_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: the protocol that it came by
    source: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]
    #: email addresses in it are masked
    text: Mapped[str] = mapped_column(sa.Text())
    #: label to 0–1
    scores: Mapped[dict[str, Any]]
    language: Mapped[str | None] = mapped_column(sa.String(35))
    #: the same suggestion again is one: keyed hash of site, text and token
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)


class CommentVector(Table):
    """A comment's text as the encoder read it, kept for the next training.

    Texts of like meaning have like vectors, so it is erased with the text.
    """

    __tablename__ = "comment_vectors"

    comment_id: Mapped[int] = mapped_column(
        BIG_ID,
        sa.ForeignKey("comments.id", name="fk_comment_vectors_comment_id"),
        primary_key=True,
        autoincrement=False,
    )
    #: version of the encoder
    encoder: Mapped[str] = mapped_column(sa.String(8))
    #: hash of the text that was read
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary())
    #: `classifiers.encoder.encoder.WIDTH` signed bytes
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary())
