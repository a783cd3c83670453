"""Which part of the queue a request asks for: by filters, a saved view, or both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moderation.api.queue_bodies import QueueFilters
from moderation.database import db
from moderation.queue import query as queue
from moderation.queue import saved_views
from moderation.queue.query import Filters, QueueOrder, QueueQuery
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
    view, given = None, query
    if "view" in query:
        view = saved_views.find_view(db.session(), current_person(), query["view"]).view
        order = {"order": QueueOrder(view.sorted_by)}
        given = {**QueueFilters().load(view.filters), **order, **query}
    filters = Filters(
        **{name: given[name] for name in vars(Filters()) if name in given}
    )
    wanted = QueueQuery(
        site_ids=_sites(view, query),
        filters=filters,
        order=given.get("order", QueueOrder.DUE),
    )
    queue.refuse_unclear(wanted)
    return wanted


def _sites(view: SavedView | None, query: Mapping[str, Any]) -> list[int]:
    asked = asked_sites(query)
    if view is None:
        return asked
    of_view = set(saved_views.list_site_ids(view, current_person()))
    return [site_id for site_id in asked if site_id in of_view]
