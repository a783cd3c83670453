"""Saved views of the queue, in and out, and to whom they are assigned."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.queue_bodies import CountsOut, QueueFilters, _Sorted
from moderation.queue.query import QueueOrder
from moderation.queue.saved_views import BuiltInKey
from moderation.web.fields import Line

MOST_ASSIGNED = 100  # people to one view


class ViewBody(_Sorted):
    """A part of the queue under a name."""

    name = Line(required=True, longest=60)
    filters = ma.fields.Nested(QueueFilters, load_default=dict)
    shared_with = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=63),
        metadata={
            "description": "A site whose staff shall also see it; only a lead can set "
            "this. The view is then about this site alone"
        },
    )

    @ma.post_load
    def _have_order(self, fields: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {"order": QueueOrder.DUE, **fields}


class ViewOut(ma.Schema):
    """A saved view, with how much it holds now."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    owner = ma.fields.String(required=True, metadata={"description": "Login"})
    is_yours = ma.fields.Boolean(required=True)
    assigned_to = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Logins of those whose work it is, as a lead says"},
    )
    is_assigned_to_you = ma.fields.Boolean(required=True)
    shared_with = ma.fields.String(required=True, allow_none=True)
    filters = ma.fields.Nested(QueueFilters, required=True)
    order = ma.fields.Enum(QueueOrder, by_value=True, required=True)
    counts = ma.fields.Nested(CountsOut, required=True)


class BuiltInView(ma.Schema):
    """A view that everybody has."""

    key = ma.fields.Enum(
        BuiltInKey,
        by_value=True,
        required=True,
        metadata={"description": "Its kind, to be named in the reader's language"},
    )
    filters = ma.fields.Nested(QueueFilters, required=True)
    order = ma.fields.Enum(QueueOrder, by_value=True, required=True)


class ViewList(ma.Schema):
    """Your views, and those of your sites, by name: first those assigned to you."""

    built_in = ma.fields.List(
        ma.fields.Nested(BuiltInView),
        required=True,
        metadata={"description": "Parts of `GET /comments` that everybody needs"},
    )
    views = ma.fields.List(ma.fields.Nested(ViewOut), required=True)


class Assignees(ma.Schema):
    """Whose work a view is."""

    logins = ma.fields.List(
        Line(longest=63),
        required=True,
        validate=validate.Length(max=MOST_ASSIGNED),
        metadata={"description": "All assignees: others lose the view"},
    )
