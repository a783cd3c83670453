"""Staff, where they may work, and the tokens they work with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class Staff(Table):
    """A person who moderates. The login is a name, never an e-mail address."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(63), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Membership(Table):
    """The role of a person at one site."""

    __tablename__ = "memberships"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(15))


class StaffToken(Table):
    """A token given at log-in, kept as a keyed hash; revoked here, not in a cookie."""

    __tablename__ = "staff_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SavedView(Table):
    """A part of the queue under a name: filters and an order."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: whose it is
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: the site whose staff see it, too; None: nobody else does
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    #: as in the query of `GET /queue`, without the order
    filters: Mapped[dict[str, Any]]
    sorted_by: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]


class Assignment(Table):
    """A shared view that is somebody's work, as a lead has said."""

    __tablename__ = "assignments"

    view_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_views.id"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(
        sa.ForeignKey("staff.id"), primary_key=True, index=True
    )
    assigned_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]


class SecondFactor(Table):
    """The secret behind a person's codes by time."""

    __tablename__ = "second_factors"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    #: when a first code was shown; until then it does not count
    confirmed_at: Mapped[datetime | None]
    #: the newest step whose code was used: none passes twice
    last_step: Mapped[int] = mapped_column(sa.BigInteger())


class RecoveryCode(Table):
    """A code for a lost phone, kept as a keyed hash; it passes once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]
