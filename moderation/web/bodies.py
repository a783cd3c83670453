"""The one body of every error, and of a reason."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.policy.openness import ClosedBy
from moderation.policy.reasons import ReasonCode
from moderation.policy.rule_matches import RuleAction
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.web.fields import CommentId


class ReasonOut(ma.Schema):
    """One reason of a verdict."""

    code = ma.fields.String(
        required=True,
        metadata={
            "description": ", ".join(f"`{code}`" for code in ReasonCode)
            + ", or a code that a person chose"
        },
    )
    label = ma.fields.String(
        metadata={"description": "The label whose score counted, or may not count"}
    )
    score = ma.fields.Float(metadata={"description": "0 to 1"})
    threshold = ma.fields.Float(metadata={"description": "0 to 1"})
    campaign = ma.fields.Integer(
        metadata={"description": "Id of the near-duplicates that it is one of"}
    )
    brake = ma.fields.Integer(
        metadata={
            "description": "The brake that holds it, because too many comments came"
        }
    )
    limit = ma.fields.String(
        metadata={
            "description": "Which limit was passed: `near_duplicates`, `author`, "
            "`network`, or `article`"
        }
    )
    reported_for = ma.fields.String(
        metadata={"description": "The reasons that readers gave"}
    )
    count = ma.fields.Integer(metadata={"description": "How many reported it for that"})
    rule = ma.fields.Integer(metadata={"description": "Id of the rule that matched"})
    name = ma.fields.String(metadata={"description": "Name of the rule"})
    action = ma.fields.String(
        validate=validate.OneOf(list(RuleAction)),
        metadata={"description": "The rule's action"},
    )
    tag = ma.fields.String(metadata={"description": "That the rule gives"})
    spans = ma.fields.List(
        ma.fields.List(ma.fields.Integer()),
        metadata={
            "description": "The rule's match: start and end in the text, in Unicode "
            "code points"
        },
    )
    until = ma.fields.String(
        metadata={"description": "When the author's restriction ends, ISO 8601"}
    )


class CurrentOut(ma.Schema):
    """A comment's current state, for a client that has an older one."""

    id = CommentId(required=True)
    version = ma.fields.Integer(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    revision = ma.fields.Integer(required=True)
    body = ma.fields.String(required=True)
    edited_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When its author last changed the text"},
    )
    claimed_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login of the moderator who claims it now"},
    )
    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        metadata={"description": "Of the newest decision"},
    )
    source = ma.fields.Enum(Source, by_value=True, required=True)
    decided_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login, where a person decided"},
    )
    decided_at = ma.fields.AwareDateTime(format="iso", required=True)
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)


class ClosedOut(ma.Schema):
    """Why an article takes no comments."""

    by = ma.fields.Enum(
        ClosedBy,
        by_value=True,
        required=True,
        metadata={
            "description": "`article`: staff closed this article; `section`: its "
            "section or the site is closed; `age`: it is too old; `hours`: outside of "
            "the opening hours"
        },
    )
    opens_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When it accepts comments again; null: not known"},
    )


class ErrorBody(ma.Schema):
    """An error, for a program and for a person."""

    code = ma.fields.String(
        required=True,
        metadata={"description": "For programs, such as `invalid_fields`"},
    )
    message = ma.fields.String(
        required=True, metadata={"description": "One sentence for people"}
    )
    fields = ma.fields.Dict(  # type: ignore[assignment]  # the name is our API's
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={
            "description": "Each bad field with its complaints; nested names are "
            "joined by dots"
        },
    )
    current = ma.fields.Nested(
        CurrentOut,
        metadata={
            "description": "With `stale_version` and `already_claimed`: the "
            "comment's current state"
        },
    )
    closed = ma.fields.Nested(
        ClosedOut,
        metadata={"description": "With `comments_closed`: why, and until when"},
    )
