"""Saved views of the queue, and whom they are assigned to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class SavedView(Table):
    """A part of the queue under a name: filters and an order."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: whose it is
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: the site whose staff see it, too; None: no one else does
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    #: as in the query of `GET /queue`, without the order
    filters: Mapped[dict[str, Any]]
    sorted_by: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]


class Assignment(Table):
    """A shared view that a lead has assigned to a moderator."""

    __tablename__ = "assignments"

    view_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_views.id"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(
        sa.ForeignKey("staff.id"), primary_key=True, index=True
    )
    assigned_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
