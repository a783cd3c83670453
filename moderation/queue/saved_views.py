"""Saved views of the queue, private or shared with a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.accounts.staff import Person, Role
from moderation.errors import Conflict, Forbidden, InvalidFields, NotFound
from moderation.queue.query import CommentTab, QueueOrder
from moderation.tables.accounts import Membership, Staff
from moderation.tables.queue import Assignment, SavedView

MAX_VIEWS = 50  # of one person: each is counted whenever they are listed


@dataclass(frozen=True, kw_only=True)
class OwnedView:
    """A view with the username of its owner."""

    view: SavedView
    owner: str
    assigned_to: Sequence[str] = ()  #: logins of those whose work it is, by name


class BuiltInKey(StrEnum):
    """The views that everybody has."""

    REPORTED = "reported"
    ESCALATED = "escalated"  #: only for those who lead a site
    NEW_COMMENTERS = "new_commenters"
    SPAM = "spam"
    APPEALS = "appeals"


@dataclass(frozen=True, kw_only=True)
class BuiltIn:
    """A view that everybody has: filters as in `GET /comments`, and an order."""

    key: BuiltInKey
    filters: Mapping[str, Any]
    order: QueueOrder


BUILT_IN = (
    BuiltIn(
        key=BuiltInKey.REPORTED,
        filters={"status": CommentTab.REPORTED},
        order=QueueOrder.REPORTS,
    ),
    BuiltIn(
        key=BuiltInKey.ESCALATED,
        filters={"status": CommentTab.ESCALATED},
        order=QueueOrder.OLDEST,
    ),
    BuiltIn(
        key=BuiltInKey.NEW_COMMENTERS,
        filters={"status": CommentTab.PENDING, "first_time": True},
        order=QueueOrder.DUE,
    ),
    BuiltIn(
        key=BuiltInKey.SPAM,
        filters={"status": CommentTab.PENDING, "label": "spam", "min_score": 0.5},
        order=QueueOrder.SCORE,
    ),
    BuiltIn(
        key=BuiltInKey.APPEALS,
        filters={"status": CommentTab.APPEALED},
        order=QueueOrder.OLDEST,
    ),
)


def list_built_in(person: Person) -> list[BuiltIn]:
    """Return the views that a person has without saving them."""
    leads = bool(person.site_ids(Role.LEAD))
    return [view for view in BUILT_IN if leads or view.key is not BuiltInKey.ESCALATED]


@dataclass(frozen=True, kw_only=True)
class ViewDraft:
    """A view as a moderator saves it."""

    name: str
    #: as in the query of `GET /comments` or, without a status, of `GET /queue`; JSON
    filters: Mapping[str, Any]
    order: QueueOrder
    site_id: int | None  #: the site that it is shared with; the person is a lead there


def list_views(session: Session, person: Person) -> list[OwnedView]:
    """Return a person's views and the shared ones, by name.

    Those that are the person's work come first.
    """
    rows = session.execute(
        sa.select(SavedView, Staff.login)
        .join(Staff, Staff.id == SavedView.staff_id)
        .where(_is_seen_by(person))
        .order_by(SavedView.name, SavedView.id)
    )
    views = [(view, login) for view, login in rows]
    assigned = _assigned(session, [view.id for view, _ in views])
    named = [
        OwnedView(view=view, owner=login, assigned_to=assigned.get(view.id, []))
        for view, login in views
    ]
    return sorted(named, key=lambda view: person.login not in view.assigned_to)


def find_view(session: Session, person: Person, view_id: int) -> OwnedView:
    """Return a view that a person may use.

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
    assigned = _assigned(session, [view_id]).get(view_id, [])
    return OwnedView(view=row[0], owner=row[1], assigned_to=assigned)


def save_view(
    session: Session,
    person: Person,
    draft: ViewDraft,
    *,
    view_id: int | None,
    now: datetime,
) -> OwnedView:
    """Create a view, or replace one.

    Parameters
    ----------
    view_id
        The view to replace; None creates one.

    Raises
    ------
    NotFound, Forbidden
        If the person doesn't see it; if it is not the person's to change.
    InvalidFields
        If it is shared with a site, but is about another one.
    Conflict
        If the person has a view of this name, or too many of them.
    """
    _refuse_other_site(person, draft)
    if view_id is None:
        _refuse_too_many(session, person)
        view = SavedView(staff_id=person.id, created_at=now)
        owner = person.login
    else:
        owned = _find_changeable(session, person, view_id)
        view, owner = owned.view, owned.owner
    view.name, view.filters = draft.name, dict(draft.filters)
    view.sorted_by, view.site_id = draft.order.value, draft.site_id
    session.add(view)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("There is already a view of this name.") from error
    if draft.site_id is None:  # no one else sees it any more
        session.execute(sa.delete(Assignment).where(Assignment.view_id == view.id))
    assigned = _assigned(session, [view.id]).get(view.id, [])
    return OwnedView(view=view, owner=owner, assigned_to=assigned)


def assign_view(
    session: Session,
    person: Person,
    view_id: int,
    *,
    logins: Sequence[str],
    now: datetime,
) -> list[str]:
    """Replace the moderators that a shared view is assigned to.

    Returns
    -------
    The logins, by name.

    Raises
    ------
    NotFound, Forbidden
        If the person doesn't see it; if the person is no lead of its site.
    Conflict
        If it is shared with no site.
    InvalidFields
        If someone has no role at its site.
    """
    view = find_view(session, person, view_id).view
    if view.site_id is None:
        raise Conflict("Share the view with a site first.")
    if view.site_id not in person.whole_site_ids(Role.LEAD):
        raise Forbidden("Only a lead of its site assigns a view.")
    rows = session.execute(
        sa.select(Staff.login, Staff.id)
        .distinct()
        .join(Membership, Membership.staff_id == Staff.id)
        .where(
            Membership.site_id == view.site_id,
            Staff.login.in_(logins),
            Staff.disabled_at.is_(None),
        )
    )
    staff = {row.login: row.id for row in rows}
    if staff.keys() != set(logins):
        raise InvalidFields(
            {"logins": ["Every assignee must be a moderator of the site."]}
        )
    session.execute(sa.delete(Assignment).where(Assignment.view_id == view_id))
    session.add_all(
        Assignment(
            view_id=view_id, staff_id=staff_id, assigned_by=person.id, created_at=now
        )
        for staff_id in staff.values()
    )
    session.flush()
    return sorted(staff)


def _assigned(session: Session, view_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the usernames that each view is assigned to, sorted."""
    rows = session.execute(
        sa.select(Assignment.view_id, Staff.login)
        .join(Staff, Staff.id == Assignment.staff_id)
        .where(Assignment.view_id.in_(view_ids))
        .order_by(Staff.login)
    )
    logins: dict[int, list[str]] = {}
    for view_id, login in rows:
        logins.setdefault(view_id, []).append(login)
    return logins


def delete_view(session: Session, person: Person, view_id: int) -> None:
    """Delete a view.

    Raises
    ------
    NotFound, Forbidden
        As `save_view`.
    """
    view = _find_changeable(session, person, view_id).view
    session.execute(sa.delete(Assignment).where(Assignment.view_id == view_id))
    session.delete(view)


def list_site_ids(view: SavedView, person: Person) -> Sequence[int]:
    """Return the sites whose comments a view shows to a person.

    Empty if it names a site that is not the person's any more.
    """
    if view.site_id is not None:
        return [view.site_id]
    site_ids = person.site_ids(Role.MODERATOR)
    name = view.filters.get("site")
    return [site_id for site_id in site_ids if name in (None, person.sites[site_id])]


def _find_changeable(session: Session, person: Person, view_id: int) -> OwnedView:
    """Return a view that the person may change: the owner, or a lead."""
    owned = find_view(session, person, view_id)
    is_owner = owned.view.staff_id == person.id
    if not is_owner and owned.view.site_id not in person.whole_site_ids(Role.LEAD):
        raise Forbidden("Only its owner or a lead of its site changes a view.")
    return owned


def _refuse_too_many(session: Session, person: Person) -> None:
    owned = session.scalar(
        sa.select(sa.func.count()).where(SavedView.staff_id == person.id)
    )
    if (owned or 0) >= MAX_VIEWS:
        raise Conflict(f"You have {MAX_VIEWS} views; remove one first.")


def _refuse_other_site(person: Person, draft: ViewDraft) -> None:
    name, site_id = draft.filters.get("site"), draft.site_id
    if site_id is not None and name not in (None, person.sites[site_id]):
        complaint = "Must be the site that the view is shared with."
        raise InvalidFields({"filters.site": [complaint]})


def _is_seen_by(person: Person) -> sa.ColumnElement[bool]:
    site_ids = person.site_ids(Role.MODERATOR)
    return sa.or_(SavedView.staff_id == person.id, SavedView.site_id.in_(site_ids))
