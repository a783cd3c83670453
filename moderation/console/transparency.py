"""Transparency: reports and statements, made by a worker and downloaded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation.accounts.staff import Person, Role
from moderation.api.transparency_bodies import MAX_NAME_LENGTH
from moderation.console.blueprint import bp, chosen_site, shown_to, visitor
from moderation.console.places import Place
from moderation.transparency.period import year_before


@bp.get("/transparency")
@shown_to(Role.LEAD)
def read_transparency() -> ResponseReturnValue:
    """Show a site's reports and statements, and make others."""
    person = cast(Person, visitor())
    place = _find_place(person)
    today = datetime.now(UTC).date()
    return render_template(
        "console/transparency/transparency.html",
        place=place,
        is_admin=place.id in person.whole_site_ids(Role.ADMIN),
        period=year_before(today),
        today=today,
        longest=MAX_NAME_LENGTH,
    )


def _find_place(person: Person) -> Place:
    """Return the site that the page is about; without a name: a lead of sections alone.

    Raises
    ------
    NotFound
        If the person is no lead of the whole site in the address.
    """
    names = {person.sites[each]: each for each in person.whole_site_ids(Role.LEAD)}
    wanted = request.args.get("site")
    if wanted is not None and wanted not in names:
        raise NotFound
    if not names:
        return Place(id=0, name="", names=())
    chosen = wanted or chosen_site(person)
    name = chosen if chosen in names else min(names)
    return Place(id=names[name], name=name, names=tuple(sorted(names)))
