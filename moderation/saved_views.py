"""Saved views: parts of the queue under a name, one's own or shared with a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.errors import Conflict, Forbidden, InvalidFields, NotFound
from moderation.people import Person, Role
from moderation.queue import Order
from moderation.tables import SavedView, Staff

MOST_VIEWS = 50  # of one person: each is counted whenever they are listed


@dataclass(frozen=True, kw_only=True)
class Named:
    """A view with the login of its owner."""

    view: SavedView
    owner: str


def list_views(session: Session, person: Person) -> list[Named]:
    """Return a person's views, and those shared with the person's sites, by name."""
    rows = session.execute(
        sa.select(SavedView, Staff.login)
        .join(Staff, Staff.id == SavedView.staff_id)
        .where(_is_seen_by(person))
        .order_by(SavedView.name, SavedView.id)
    )
    return [Named(view=view, owner=login) for view, login in rows]


def find(session: Session, person: Person, view_id: int) -> Named:
    """Return a view that a person sees.

    Raises
    ------
    NotFound
        If there is none, or it is another's and not shared with the person's sites.
    """
    row = session.execute(
        sa.select(SavedView, Staff.login)
        .join(Staff, Staff.id == SavedView.staff_id)
        .where(SavedView.id == view_id, _is_seen_by(person))
    ).first()
    if row is None:
        raise NotFound("There is no such view.")
    return Named(view=row[0], owner=row[1])


def save(
    session: Session,
    person: Person,
    *,
    view_id: int | None,
    name: str,
    filters: Mapping[str, Any],
    order: Order,
    site_id: int | None,
    now: datetime,
) -> Named:
    """Store a view, anew or in the place of another.

    Parameters
    ----------
    filters
        As in the query of `GET /queue`, in JSON.
    site_id
        The site that it is shared with, where the person is a lead.

    Raises
    ------
    NotFound, Forbidden
        If the person doesn't see it; if it is not the person's to change.
    InvalidFields
        If it is shared with a site, but is about another one.
    Conflict
        If the person has a view of this name, or too many of them.
    """
    _refuse_other_site(person, filters, site_id)
    if view_id is None:
        _refuse_too_many(session, person)
        view = SavedView(staff_id=person.id, created_at=now)
        owner = person.login
    else:
        found = _find_changeable(session, person, view_id)
        view, owner = found.view, found.owner
    view.name, view.filters = name, dict(filters)
    view.sorted_by, view.site_id = order.value, site_id
    session.add(view)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("There is a view of this name.") from error
    return Named(view=view, owner=owner)


def remove(session: Session, person: Person, view_id: int) -> None:
    """Remove a view.

    Raises
    ------
    NotFound, Forbidden
        As `save`.
    """
    session.delete(_find_changeable(session, person, view_id).view)


def sites_of(view: SavedView, person: Person) -> Sequence[int]:
    """Return the sites that a view is about when a person looks at it.

    Empty if it names a site that is not the person's any more.
    """
    if view.site_id is not None:
        return [view.site_id]
    site_ids = person.site_ids(Role.MODERATOR)
    name = view.filters.get("site")
    return [each for each in site_ids if name in (None, person.sites[each])]


def _find_changeable(session: Session, person: Person, view_id: int) -> Named:
    """Return a view to its owner, or to a lead of the site that it is shared with."""
    found = find(session, person, view_id)
    is_owner = found.view.staff_id == person.id
    if not is_owner and found.view.site_id not in person.site_ids(Role.LEAD):
        raise Forbidden("Only its owner or a lead of its site may change a view.")
    return found


def _refuse_too_many(session: Session, person: Person) -> None:
    owned = session.scalar(
        sa.select(sa.func.count()).where(SavedView.staff_id == person.id)
    )
    if (owned or 0) >= MOST_VIEWS:
        raise Conflict(f"You have {MOST_VIEWS} views; remove one first.")


def _refuse_other_site(
    person: Person, filters: Mapping[str, Any], site_id: int | None
) -> None:
    name = filters.get("site")
    if site_id is not None and name not in (None, person.sites[site_id]):
        complaint = "Must be the site that the view is shared with."
        raise InvalidFields({"filters.site": [complaint]})


def _is_seen_by(person: Person) -> sa.ColumnElement[bool]:
    site_ids = person.site_ids(Role.MODERATOR)
    return sa.or_(SavedView.staff_id == person.id, SavedView.site_id.in_(site_ids))
