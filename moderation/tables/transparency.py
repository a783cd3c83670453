"""Transparency reports as they were published."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from moderation.database import Table


class PublishedReport(Table):
    """One version of a published report; never changed, the database refuses it."""

    __tablename__ = "published_reports"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "first_day", "last_day", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: the period, both days included
    first_day: Mapped[date]
    last_day: Mapped[date]
    #: of this period, from 1
    version: Mapped[int]
    #: the earlier version that this one corrects, and why
    corrects_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("published_reports.id")
    )
    reason: Mapped[str | None] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: None: the command line
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: SHA-256 of `content`, in hexadecimal
    digest: Mapped[str] = mapped_column(sa.String(64))
    #: a ZIP archive of the CSV files
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary(), nullable=False))
