"""One-time links with which staff set a password, as web addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from moderation.accounts import credentials
from moderation.accounts.credentials import LinkPurpose
from moderation.tables.accounts import Staff
from moderation.web.login import refuse_passwords
from moderation.web.services import services

PATH = "/console/password/"


@dataclass(frozen=True, kw_only=True)
class LinkAddress:
    """A one-time link as it is handed over; it can't be shown again."""

    url: str  #: a path alone if `MODERATION_PUBLIC_URL` isn't set
    expires_at: datetime


def create_address(
    session: Session, staff: Staff, *, created_by: int | None, now: datetime
) -> LinkAddress:
    """Create a link for a person: an invitation until there is a password.

    Raises
    ------
    Conflict, LocalLoginOff
        If the person is disabled; if there are no passwords here.
    """
    refuse_passwords()
    settings = services().settings
    link = credentials.create_link(
        session,
        staff,
        LinkPurpose.RESET if staff.password_hash else LinkPurpose.INVITATION,
        created_by=created_by,
        hash_keys=services().token_key,
        now=now,
        lasts=timedelta(hours=settings.invitation_hours),
    )
    url = f"{settings.public_url}{PATH}{link.token}"
    return LinkAddress(url=url, expires_at=link.expires_at)
