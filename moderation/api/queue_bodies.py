"""Parts of the queue: filters, orders, and the comments in them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.comment_bodies import CommentOut, PageQuery, comment_fields
from moderation.comments import healing
from moderation.comments.display import ShownComment
from moderation.queue.counting import MAX_COUNTED
from moderation.queue.entries import QueueEntry
from moderation.queue.query import AUTOMATICALLY, CommentTab, QueueOrder
from moderation.web.fields import CommentId, LanguageTag, Line, Moment

LONGEST_SEARCH = 200  # characters
LARGEST_ID = 2**31 - 1


class _Sorted(ma.Schema):
    order = ma.fields.Enum(
        QueueOrder,
        by_value=True,
        metadata={
            "description": "`due`: the earliest due first. `newest`, `oldest`. "
            "`score`: the highest score of `label` first, only comments that have "
            "one. `uncertainty`: the nearest to a threshold first, only scored "
            "comments. `reports`: the highest weight of reports first, only reported "
            "comments. `teach`: of the most uncertain comments, the most useful ones "
            "for training, spread over labels, languages, and words, without "
            "near-duplicates: one page, chosen again each time, the nearest to a "
            "threshold first"
        },
    )


class OutageOut(ma.Schema):
    """Comments that a fault of the service holds; it decides them once it is over."""

    count = ma.fields.Integer(
        required=True,
        metadata={"description": f"Counted up to {healing.MAX_COUNTED}"},
    )
    is_exact = ma.fields.Boolean(
        required=True, metadata={"description": "False: there may be more"}
    )
    since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "When the first of them came"},
    )


class CountsOut(ma.Schema):
    """Counts of pending comments."""

    pending = ma.fields.Integer(
        required=True, metadata={"description": f"Counted up to {MAX_COUNTED}"}
    )
    overdue = ma.fields.Integer(
        required=True, metadata={"description": f"Counted up to {MAX_COUNTED}"}
    )
    is_partial = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "There may be more: many comments match one filter, and "
            "only the first of them were asked for the others"
        },
    )


class QueueCountsOut(CountsOut):
    """Counts of pending comments, and of those that a fault holds."""

    outage = ma.fields.Nested(
        OutageOut,
        required=True,
        allow_none=True,
        metadata={
            "description": "At these sites, with any filters: comments that could "
            "not be scored, or not be matched with the rules; null: there are none"
        },
    )


class SiteQuery(ma.Schema):
    """One of a moderator's sites."""

    site = ma.fields.String(
        validate=validate.Length(max=63),
        metadata={"description": "One site by name; all your sites if left out"},
    )


class QueuedComment(CommentOut):
    """A pending comment, with what a moderator needs to decide it."""

    site = ma.fields.String(required=True)
    article_title = ma.fields.String(required=True, allow_none=True)
    article_section = ma.fields.String(required=True, allow_none=True)
    due_at = ma.fields.AwareDateTime(format="iso", required=True)
    is_overdue = ma.fields.Boolean(
        required=True, metadata={"description": "Its due time has passed"}
    )
    held_reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Code of the first reason for holding"},
    )
    author_record = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Id of the author's record; null: unknown"},
    )
    report_weight = ma.fields.Float(
        required=True, metadata={"description": "The weight of readers' reports in all"}
    )
    claimed_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login of the moderator who claims it now"},
    )
    claimed_until = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )


class QueuePage(ma.Schema):
    """Pending comments, in the order asked for."""

    comments = ma.fields.List(ma.fields.Nested(QueuedComment), required=True)
    next = ma.fields.String(required=True, allow_none=True)


def _part_of_one(description: str) -> ma.fields.Float:
    return ma.fields.Float(
        allow_nan=False,
        validate=validate.Range(min=0, max=1),
        metadata={"description": description},
    )


def _number(description: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        validate=validate.Range(min=1, max=LARGEST_ID),
        metadata={"description": description},
    )


class PendingFilters(SiteQuery):
    """Filters of pending comments; omitted ones don't apply."""

    section = Line(longest=100)
    article = Line(
        longest=2048, metadata={"description": "The site's address or id of it"}
    )
    label = ma.fields.String(
        validate=validate.OneOf(LABELS),
        metadata={"description": "The label of the scores or the order"},
    )
    min_score = _part_of_one("Least score of the label, 0 to 1")
    max_score = _part_of_one("Highest score of the label, 0 to 1")
    language = LanguageTag(metadata={"description": "As the site has sent it"})
    rule = _number("A rule that matched the text as it stands")
    campaign = _number("A cluster of near-duplicates")
    author = Line(longest=100, metadata={"description": "The name as readers see it"})
    author_record = _number("An author: `id` of `GET /authors`")
    author_of = CommentId(
        metadata={"description": "A comment: all that its author has sent, by address"}
    )
    reason = ma.fields.String(
        # Read alike in Python, whose `$` lets a line break follow, and in JSON schemas.
        validate=validate.Regexp(r"^[a-z_]{1,30}$(?!\n)"),
        metadata={"description": "Code of the first reason for holding"},
    )
    first_time = ma.fields.Boolean(
        truthy={"true", True},
        falsy={"false", False},
        metadata={"description": "The author's first comment at the site, or not"},
    )
    text = Line(
        longest=LONGEST_SEARCH,
        metadata={
            "description": "Parts of words, all of which the comment must hold, "
            "without regard to case and accents; a phrase in double quotes"
        },
    )


class ListFilters(PendingFilters):
    """Filters of comments of any status; omitted ones don't apply."""

    status = ma.fields.Enum(
        CommentTab,
        by_value=True,
        metadata={
            "description": "`reported`: by readers, and not decided since. "
            "`appealed`: an appeal without an answer. `escalated`: to the leads. "
            "`all` by default"
        },
    )
    author = Line(
        longest=100,
        metadata={"description": "Parts of the author's name, in any case"},
    )
    from_ = Moment(
        data_key="from",
        attribute="since",
        metadata={"description": "Came then or later: a date in UTC, or a time"},
    )
    to = Moment(
        is_end=True,
        attribute="until",
        metadata={"description": "Came up to this date in UTC, or before this time"},
    )
    decided_by = Line(
        longest=63,
        metadata={
            "description": "Username of the moderator whose decision is in effect, or "
            f"`{AUTOMATICALLY}`: by thresholds, rules, or a campaign"
        },
    )


class QueueFilters(ListFilters):
    """The filters of a saved view.

    With a `status` they mean what they mean in `GET /comments`; without, pending
    comments as in `GET /queue`, where `author` is the whole name.
    """


class PartQuery(PendingFilters, _Sorted):
    """A part of the queue: by filters and an order, by a saved view, or by both."""

    view = _number("A saved view; filters and order next to it go before its own")


class QueuePageQuery(PartQuery, PageQuery):
    """A part of the queue, and a page of it."""


def dump_queued(entry: QueueEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a pending comment as staff see it."""
    row, state = entry.comment, entry.state
    return {
        **comment_fields(
            ShownComment(comment=row, state=state),
            entry.decision,
            entry.score,
            entry.article,
        ),
        "site": site_names[row.site_id],
        "article_title": entry.article.title,
        "article_section": entry.article.section,
        "due_at": row.due_at,
        "is_overdue": entry.is_overdue,
        "held_reason": state.held_reason,
        "author_record": row.author_record_id,
        "report_weight": row.report_weight,
        "claimed_by": entry.claimed_by,
        "claimed_until": state.claimed_until if entry.claimed_by else None,
    }
