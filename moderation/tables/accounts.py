"""Staff, their roles, tokens, and second factors."""

from __future__ import annotations

from datetime import datetime

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
