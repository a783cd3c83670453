"""Bodies of a comment's context: thread, links, and history."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.api.review_bodies import RevisionOut
from moderation.desk.context import CommentContext
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.text.links import Oddity
from moderation.web.bodies import ReasonOut
from moderation.web.fields import CommentId


class AncestorOut(ma.Schema):
    """A comment further up in the thread."""

    id = CommentId(required=True)
    author_name = ma.fields.String(required=True)
    body = ma.fields.String(
        required=True, metadata={"description": "Its beginning, if it is long"}
    )
    status = ma.fields.Enum(Status, by_value=True, required=True)


class LettersOut(ma.Schema):
    """A stretch of a host's name."""

    text = ma.fields.String(required=True)
    is_odd = ma.fields.Boolean(
        required=True, metadata={"description": "Of another script than the rest"}
    )


class LinkOut(ma.Schema):
    """A link, and where it leads."""

    url = ma.fields.String(required=True, metadata={"description": "As written"})
    host = ma.fields.List(
        ma.fields.Nested(LettersOut),
        required=True,
        metadata={"description": "Decoded; all of them together are the name"},
    )
    domain = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The registered domain; null: no name"},
    )
    oddities = ma.fields.List(ma.fields.Enum(Oddity, by_value=True), required=True)


class EarlierOut(ma.Schema):
    """The status of another comment of the same author."""

    body = ma.fields.String(
        required=True, metadata={"description": "Its beginning, if it is long"}
    )
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    source = ma.fields.Enum(Source, by_value=True, required=True)
    decided_by = ma.fields.String(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)


class ContextOut(ma.Schema):
    """The context of a comment: thread, links, and history."""

    thread = ma.fields.List(
        ma.fields.Nested(AncestorOut),
        required=True,
        metadata={"description": "Above the parent, the root first"},
    )
    links = ma.fields.List(ma.fields.Nested(LinkOut), required=True)
    earlier = ma.fields.List(
        ma.fields.Nested(EarlierOut),
        required=True,
        metadata={"description": "Of the same author, the newest first"},
    )
    revisions = ma.fields.List(
        ma.fields.Nested(RevisionOut),
        required=True,
        metadata={"description": "The texts before this one, the oldest first"},
    )


def dump_context(found: CommentContext) -> dict[str, Any]:
    return {
        "thread": [
            {**vars(each), "status": Status(each.status)} for each in found.thread
        ],
        "links": found.links,
        "earlier": [
            {
                **vars(each),
                "verdict": Verdict(each.verdict),
                "source": Source(each.source),
            }
            for each in found.earlier
        ],
        "revisions": found.revisions,
    }
