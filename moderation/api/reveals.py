"""Checks before a name or an address is revealed."""

from __future__ import annotations

from datetime import UTC, datetime

from moderation.accounts.staff import Role
from moderation.errors import (
    Forbidden,
    InvalidFields,
    SecondFactorNeeded,
    Unauthenticated,
)
from moderation.web.auth import current_person
from moderation.web.limits import allow
from moderation.web.login import show_code
from moderation.web.services import services


def may_reveal(site_id: int) -> bool:
    """Return whether the person may reveal names and addresses at a site."""
    return site_id in current_person().whole_site_ids(Role.LEAD)


def confirm_reveal(site_id: int, code: str | None) -> None:
    """Refuse a person who may not reveal names and addresses at a site now.

    The caller has refused personal API tokens.

    Raises
    ------
    Forbidden
        If the person is no lead of the whole site.
    RateLimited
        If they have revealed too many.
    InvalidFields
        If they have a second factor, and the code is missing or wrong.
    """
    person = current_person()
    if not may_reveal(site_id):
        raise Forbidden(f"This needs the role {Role.LEAD} in the whole site.")
    allow(services().settings.reveal_limit, "email-reveal", str(person.id))
    try:
        show_code(person.id, person.login, code, datetime.now(UTC))
    except SecondFactorNeeded:
        raise InvalidFields({"code": ["Needed: you have a second factor."]}) from None
    except Unauthenticated:
        raise InvalidFields({"code": ["Is wrong, or was used before."]}) from None
