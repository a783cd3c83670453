"""Saved views of the queue, and to whom they are assigned."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.queue_bodies import LARGEST_ID, QueueFilters
from moderation.api.queue_query import part_of, refuse_unclear
from moderation.api.saved_view_bodies import Assignees, ViewBody, ViewList, ViewOut
from moderation.database import db, start_writing
from moderation.desk import comment_card
from moderation.queue import query, saved_views
from moderation.queue.saved_views import OwnedView, ViewDraft
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "views", __name__, url_prefix="/api/v1/views", description="For staff"
)
NUMBER = f"<int(max={LARGEST_ID}):view_id>"


@bp.route("", methods=["GET"])
@needs_staff
@bp.response(200, ViewList)
def list_views() -> ResponseReturnValue:
    """List your saved views and those of your sites, with live counts."""
    person = current_person()
    found = saved_views.list_views(db.session(), person)
    return {
        "built_in": saved_views.list_built_in(person),
        "views": [_view(each) for each in found],
    }


@bp.route("", methods=["POST"])
@needs_staff
@bp.arguments(ViewBody)
@bp.response(201, ViewOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def create_view(fields: dict[str, Any]) -> ResponseReturnValue:
    """Save filters and an order of comments under a name."""
    return _save(None, fields)


@bp.route(f"/{NUMBER}", methods=["GET"])
@needs_staff
@bp.response(200, ViewOut)
@answers(404)
def read_view(view_id: int) -> ResponseReturnValue:
    """Get a saved view."""
    return _view(saved_views.find_view(db.session(), current_person(), view_id))


@bp.route(f"/{NUMBER}", methods=["PUT"])
@needs_staff
@bp.arguments(ViewBody)
@bp.response(200, ViewOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def replace_view(fields: dict[str, Any], view_id: int) -> ResponseReturnValue:
    """Replace a saved view: your own, or as a lead your site's."""
    return _save(view_id, fields)


@bp.route(f"/{NUMBER}", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(403, 404)
def delete_view(view_id: int) -> None:
    """Delete a saved view: your own, or as a lead your site's."""
    session = db.session()
    start_writing(session)
    saved_views.delete_view(session, current_person(), view_id)
    session.commit()


@bp.route(f"/{NUMBER}/assignees", methods=["PUT"])
@needs_staff
@bp.arguments(Assignees)
@bp.response(200, Assignees)
@answers(400, 404, 409, 413, 415, 422)
def assign_view(fields: dict[str, Any], view_id: int) -> ResponseReturnValue:
    """Assign a view to moderators; it comes first among their views.

    For leads of the site that the view is shared with.
    """
    session = db.session()
    start_writing(session)
    logins = saved_views.assign_view(
        session,
        current_person(),
        view_id,
        logins=fields["logins"],
        now=datetime.now(UTC),
    )
    session.commit()
    return {"logins": logins}


def _save(view_id: int | None, fields: dict[str, Any]) -> ResponseReturnValue:
    session, shared = db.session(), fields["shared_with"]
    refuse_unclear(fields["filters"], fields["order"])
    start_writing(session)
    draft = ViewDraft(
        name=fields["name"],
        filters=QueueFilters().dump(fields["filters"]),
        order=fields["order"],
        site_id=None if shared is None else site_for(Role.LEAD, shared),
    )
    saved = saved_views.save_view(
        session, current_person(), draft, view_id=view_id, now=datetime.now(UTC)
    )
    session.commit()
    return _view(saved)


def _view(named: OwnedView) -> dict[str, Any]:
    person, view = current_person(), named.view
    wanted = part_of({"view": view.id})
    return {
        "id": view.id,
        "name": view.name,
        "owner": named.owner,
        "is_yours": view.staff_id == person.id,
        "assigned_to": named.assigned_to,
        "is_assigned_to_you": person.login in named.assigned_to,
        "shared_with": person.sites.get(view.site_id or 0),
        "filters": QueueFilters().load(view.filters),
        "order": query.QueueOrder(view.sorted_by),
        "counts": vars(comment_card.count(db.session(), wanted, datetime.now(UTC))),
    }
