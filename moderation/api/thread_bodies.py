"""The thread around a comment, as staff read it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.api.queue_bodies import QueuedComment, dump_queued
from moderation.desk.threads import MAX_COMMENTS, CommentThread


class ThreadedComment(QueuedComment):
    """A comment of a thread, of any status."""

    depth = ma.fields.Integer(
        required=True,
        metadata={"description": "0 for the comment on the article, 1 for a reply"},
    )
    is_erased = ma.fields.Boolean(
        required=True,
        metadata={"description": "Its text and author are gone; replies to it stay"},
    )


class ThreadOut(ma.Schema):
    """A top-level comment and the replies to it, in reading order."""

    comments = ma.fields.List(
        ma.fields.Nested(ThreadedComment),
        required=True,
        metadata={
            "description": f"At most {MAX_COMMENTS}: the comments that yours replies "
            "to and its nearest neighbors"
        },
    )
    omitted_before = ma.fields.Integer(
        required=True, metadata={"description": "Comments left out above yours"}
    )
    omitted_after = ma.fields.Integer(
        required=True, metadata={"description": "Comments left out below yours"}
    )
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


def dump_thread(thread: CommentThread, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a thread as staff see it."""
    return {
        "comments": [
            {
                **dump_queued(entry.queued, site_names),
                "depth": entry.depth,
                "is_erased": entry.is_erased,
            }
            for entry in thread.comments
        ],
        "omitted_before": thread.omitted_before,
        "omitted_after": thread.omitted_after,
    }
