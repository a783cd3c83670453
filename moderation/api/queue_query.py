"""The part of the queue that a request selects: by filters, a saved view, or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.api.queue_bodies import ListFilters
from moderation.database import db
from moderation.queue import query as queue
from moderation.queue import saved_views
from moderation.queue.query import (
    CommentTab,
    Filters,
    QueueOrder,
    QueueQuery,
    has_order,
)
from moderation.tables.queue import SavedView
from moderation.web.auth import asked_sites, current_person


def part_of(query: Mapping[str, Any]) -> QueueQuery:
    """Return the part of the queue that a query asks for.

    Raises
    ------
    NotFound, Forbidden
        If it names a site or a view that is not the person's.
    InvalidFields
        If filters and order contradict each other.
    """
    view = _view(query)
    given = query if view is None else {**filters_of_view(view), **query}
    order = QueueOrder.DUE if view is None else QueueOrder(view.sorted_by)
    wanted = QueueQuery(
        site_ids=_sites(view, query),
        filters=_filters(given),
        order=given.get("order", order),
    )
    queue.refuse_unclear(wanted)
    return wanted


def list_of(query: Mapping[str, Any]) -> QueueQuery:
    """Return the list of comments, of any status, that a query asks for.

    Raises
    ------
    NotFound, Forbidden, InvalidFields
        As `part_of`.
    """
    view = _view(query)
    given = as_list_filters(query)
    order = given.get("order")
    if view is not None:
        given = {"status": CommentTab.PENDING, **filters_of_view(view), **given}
    filters = _filters(given)
    if order is None and view is not None:
        saved = QueueOrder(view.sorted_by)
        order = saved if has_order(filters.status, saved) else None
    if order is None:
        is_pending = filters.status is CommentTab.PENDING
        order = QueueOrder.DUE if is_pending else QueueOrder.NEWEST
    wanted = QueueQuery(site_ids=_sites(view, query), filters=filters, order=order)
    queue.refuse_unclear(wanted)
    queue.refuse_order(wanted)
    return wanted


def stored_list(site_id: int, filters: Mapping[str, Any], order: str) -> QueueQuery:
    """Return the list of a site's comments that was asked for in a stored request."""
    loaded = as_list_filters(ListFilters().load(filters))
    return QueueQuery(
        site_ids=[site_id], filters=_filters(loaded), order=QueueOrder(order)
    )


def as_list_filters(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters whose `author` is a part of the name, as lists have it."""
    return {"name" if key == "author" else key: fields[key] for key in fields}


def filters_of_view(view: SavedView) -> dict[str, Any]:
    """Return the filters of a saved view.

    With a status they mean what they mean in a list; without, as in the queue.
    """
    filters: dict[str, Any] = ListFilters().load(view.filters)
    return as_list_filters(filters) if "status" in filters else filters


def refuse_unclear(filters: Mapping[str, Any], order: QueueOrder) -> None:
    """Refuse the filters and the order of a view that can't be combined.

    Raises
    ------
    NotFound, Forbidden, InvalidFields
        As `part_of` and `list_of`.
    """
    if "status" in filters:
        list_of({**filters, "order": order})
    else:
        part_of({**filters, "order": order})


def _view(query: Mapping[str, Any]) -> SavedView | None:
    if "view" not in query:
        return None
    return saved_views.find_view(db.session(), current_person(), query["view"]).view


def _filters(given: Mapping[str, Any]) -> Filters:
    return Filters(**{name: given[name] for name in vars(Filters()) if name in given})


def _sites(view: SavedView | None, query: Mapping[str, Any]) -> list[int]:
    asked = asked_sites(query)
    if view is None:
        return asked
    of_view = set(saved_views.list_site_ids(view, current_person()))
    return [site_id for site_id in asked if site_id in of_view]
