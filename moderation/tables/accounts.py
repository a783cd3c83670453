"""Staff: roles, sessions, tokens, links, second factors, attempts to log in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class Staff(Table):
    """A person who moderates. The login is a name, never an email address."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(63), unique=True)
    #: empty: no password opens the account yet
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Membership(Table):
    """The role of a person at one site, or in one of its sections."""

    __tablename__ = "memberships"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: empty: the whole site
    section: Mapped[str] = mapped_column(
        sa.String(100), primary_key=True, server_default=""
    )
    role: Mapped[str] = mapped_column(sa.String(15))


class StaffToken(Table):
    """A session, or a personal API token, kept as a keyed hash and revoked here."""

    __tablename__ = "staff_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    #: a personal API token's; None: a session, which a log-in began
    name: Mapped[str | None] = mapped_column(sa.String(63))
    #: what a personal API token allows, separated by spaces; None: a session
    scopes: Mapped[str | None] = mapped_column(sa.String(63))
    #: the newest use, to the minute; None: before this was recorded
    last_used_at: Mapped[datetime | None]
    #: the browser or program that logged in, in a few words; None: unknown
    client: Mapped[str | None] = mapped_column(sa.String(63))
    #: whether single sign-on began the session, or the one that created the token
    is_single_sign_on: Mapped[bool] = mapped_column(server_default=sa.false())


class StaffIdentity(Table):
    """A person's account at an OpenID Connect provider, with which they log in."""

    __tablename__ = "staff_identities"
    __table_args__ = (sa.UniqueConstraint("staff_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    #: the provider's own identifier of the person, which never changes
    subject: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]


class StaffLink(Table):
    """A one-time link with which a person sets a password, kept as a keyed hash."""

    __tablename__ = "staff_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: `invitation` or `reset`
    purpose: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]
    #: who created it; None: the command line
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
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


class KnownDevice(Table):
    """A browser or program that has logged in completely, kept as a keyed hash."""

    __tablename__ = "known_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: keyed hash of the password and second factor that the device was known by
    credentials_hash: Mapped[str] = mapped_column(sa.String(64))
    #: wrong passwords and codes from it since its last log-in
    failure_count: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class FailedAttempts(Table):
    """Recent failures of one kind, and until when the next try is refused."""

    __tablename__ = "failed_attempts"

    #: keyed hash of what failed and where: no username, no address
    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failure_count: Mapped[int]
    blocked_until: Mapped[datetime]
    #: when the failures are forgotten
    expires_at: Mapped[datetime] = mapped_column(index=True)
