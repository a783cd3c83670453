"""Counts of rate limits, shared by all processes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class RateCount(Table):
    """The requests that count against one limit in one window of time."""

    __tablename__ = "rate_counts"

    #: keyed hash of the limit and of the client: no address
    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    #: number of the window since 1970; its length is the limit's
    window: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)
    hit_count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
