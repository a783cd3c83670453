"""Entries of the command palette that every page has."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.accounts.staff import Person, Role
from moderation.policy.standings import Standing
from moderation.review.author_standings import OF_MODERATORS


@dataclass(frozen=True, kw_only=True)
class PaletteAction:
    """An action that the palette leads to."""

    text: str  #: key of its name in the catalogue
    endpoint: str  #: the view that does it, without the blueprint's name
    role: Role  #: the least one that may do it
    anchor: str  #: what the page opens: `location.hash`
    is_of_author: bool = False  #: the palette first asks which author


def _about_authors(standing: Standing, text: str) -> PaletteAction:
    return PaletteAction(
        text=text,
        endpoint="read_authors",
        role=Role.MODERATOR if standing in OF_MODERATORS else Role.LEAD,
        anchor=standing.value,
        is_of_author=True,
    )


ACTIONS = (
    _about_authors(Standing.SUSPENDED, text="palette.act.suspend"),
    _about_authors(Standing.PREMODERATED, text="palette.act.premoderate"),
    _about_authors(Standing.BANNED, text="palette.act.ban"),
    _about_authors(Standing.TRUSTED, text="palette.act.trust"),
    PaletteAction(
        text="palette.act.rule", endpoint="read_rules", role=Role.ADMIN, anchor="new"
    ),
    PaletteAction(
        text="palette.act.webhook",
        endpoint="read_webhooks",
        role=Role.ADMIN,
        anchor="add",
    ),
)


def actions_of(person: Person) -> list[PaletteAction]:
    """Return the actions that a person may do.

    A standing applies in the whole site, so that a role in sections isn't enough.
    """
    return [
        action
        for action in ACTIONS
        if (person.whole_site_ids if action.is_of_author else person.site_ids)(
            action.role
        )
    ]
