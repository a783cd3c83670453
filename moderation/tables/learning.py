"""Scores that a site's own people suggested, to learn from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


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
