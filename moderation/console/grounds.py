"""Dialogs for the ground of a rejection: a law, or a house rule."""

from __future__ import annotations

from typing import Any

from moderation.console.blueprint import bp, visitor
from moderation.database import db
from moderation.policy.categories import IF_ILLEGAL, KEYWORDS
from moderation.policy.duties import Duty
from moderation.sites.legal_settings import list_sites_with


@bp.context_processor
def _offer_grounds() -> dict[str, Any]:
    """Give pages the categories, by reason where the law is the ground."""
    return {
        "legal_categories": KEYWORDS,
        "legal_suggestions": {
            code: f"{place.category} {place.keyword}"
            for code, place in IF_ILLEGAL.items()
        },
        "list_stated_sites": _list_stated_sites,
    }


def _list_stated_sites() -> list[str]:
    """Return the names of the person's sites that owe authors statements."""
    person = visitor()
    if person is None:
        return []
    site_ids = list_sites_with(db.session(), list(person.sites), Duty.STATEMENTS)
    return sorted(person.sites[site_id] for site_id in site_ids)
