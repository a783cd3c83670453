"""Lists of comments of every status, and how many there are."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.queue_bodies import (
    ListFilters,
    QueuedComment,
    _number,
    _Sorted,
    dump_queued,
)
from moderation.api.review_bodies import DecisionOut, dump_decision
from moderation.desk.listed import ListedComment
from moderation.queue.query import CommentTab
from moderation.queue.tab_counts import COUNT_EXAMINED, MAX_COUNTED

MAX_LISTED = 100  # comments on a page


class TabCountQuery(ListFilters):
    """Filters of the counted comments: directly, by a saved view, or both."""

    view = _number("A saved view; filters next to it go before its own")


class CommentListQuery(TabCountQuery, _Sorted):
    """Filters, order, and page of a list of comments."""

    cursor = ma.fields.String(
        validate=validate.Length(max=2048),
        metadata={"description": "`next` of the page before"},
    )
    limit = ma.fields.Integer(
        load_default=50,
        strict=False,
        validate=validate.Range(min=1, max=MAX_LISTED),
        metadata={"description": "Comments on a page"},
    )


class ListedOut(QueuedComment):
    """A comment as a row of a list."""

    decision = ma.fields.Nested(
        DecisionOut, required=True, metadata={"description": "The one in effect"}
    )
    campaign = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The near-duplicates that it is one of"},
    )
    campaign_size = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many comments the campaign has"},
    )
    report_count = ma.fields.Integer(
        required=True,
        metadata={"description": "Readers who reported this text since it was decided"},
    )
    is_appealed = ma.fields.Boolean(
        required=True,
        metadata={"description": "Its author has appealed, without an answer so far"},
    )
    escalated_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When it was escalated"},
    )


class CommentListPage(ma.Schema):
    """Comments of any status, in the order asked for."""

    comments = ma.fields.List(ma.fields.Nested(ListedOut), required=True)
    next = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "`cursor` of the next page; null on the last. A page may "
            "be short, even empty, while others follow: the number of comments read "
            "per page is limited"
        },
    )
    is_search_complete = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "false while a worker still indexes comments from before "
            "an upgrade: `text` and `author` find only indexed ones"
        },
    )


class TabCountOut(ma.Schema):
    """The number of matching comments of a tab."""

    number = ma.fields.Integer(
        required=True,
        metadata={
            "description": f"Counted up to {MAX_COUNTED}; with filters, up to "
            f"{COUNT_EXAMINED} comments are asked them"
        },
    )
    is_exact = ma.fields.Boolean(
        required=True, metadata={"description": "false: there are at least so many"}
    )


class TabCountsOut(ma.Schema):
    """The number of matching comments of each tab."""

    counts = ma.fields.Dict(
        keys=ma.fields.Enum(CommentTab, by_value=True),
        values=ma.fields.Nested(TabCountOut),
        required=True,
        metadata={"description": "By `status`; a `status` asked for is left aside"},
    )
    is_search_complete = ma.fields.Boolean(
        required=True, metadata={"description": "As in the list"}
    )
    as_of = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "For a bulk decision about all that match"},
    )


def dump_listed(listed: ListedComment, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a comment as a row of a list."""
    entry = listed.entry
    return {
        **dump_queued(entry, site_names),
        "decision": dump_decision(entry.decision, listed.decided_by),
        "campaign": entry.state.campaign_id,
        "campaign_size": listed.campaign_size,
        "report_count": listed.reports.count if listed.reports else 0,
        "is_appealed": listed.is_appealed,
        "escalated_at": entry.comment.escalated_at,
    }
