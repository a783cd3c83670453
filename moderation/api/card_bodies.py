"""One comment with all that helps to decide it, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.api.desk_bodies import DeskComment, dump_desk_comment
from moderation.desk.comment_card import DeskEntry


class CommentCard(DeskComment):
    """A comment of any status, as on the desk."""

    author_record = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The author's record; null: there is none yet"},
    )


def dump_card(entry: DeskEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a comment of any status, as on the desk."""
    return {
        **dump_desk_comment(entry, site_names),
        "author_record": entry.queued.comment.author_record_id,
    }
