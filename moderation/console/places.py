"""The site that a page is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import request
from werkzeug.exceptions import NotFound

from moderation.accounts.staff import Person, Role
from moderation.console.blueprint import chosen_site, visitor


@dataclass(frozen=True, kw_only=True)
class Place:
    """The site that a page is about, and the sites it may be changed to."""

    id: int
    name: str
    names: tuple[str, ...]


def find_place(site: str | None = None, *, role: Role = Role.ADMIN) -> Place:
    """Return the site in the address, else the one chosen in the bar, else the first.

    Raises
    ------
    NotFound
        If the reader has no such role there.
    """
    person = cast(Person, visitor())
    names = {person.sites[each]: each for each in person.site_ids(role)}
    wanted = site or request.args.get("site")
    if wanted is None:
        chosen = chosen_site(person)
        wanted = chosen if chosen in names else min(names)
    if wanted not in names:
        raise NotFound
    return Place(id=names[wanted], name=wanted, names=tuple(sorted(names)))
