"""A rule tried on past comments, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.condition_bodies import conditions_field
from moderation.api.rule_bodies import (
    MOST_DAYS,
    WHOLE_NUMBER,
    StandingsOut,
)
from moderation.policy.verdicts import Source, Status
from moderation.rules.backtest import BacktestExample
from moderation.tables.comments import Comment
from moderation.web.fields import CommentId, Line

EXAMPLE_CHARACTERS = 500  # of a comment in a trial's answer


class NewTrial(ma.Schema):
    """A rule to be tried on past comments: one that is stored, or its parts."""

    days = ma.fields.Integer(
        load_default=7, strict=True, validate=validate.Range(min=1, max=MOST_DAYS)
    )
    rule = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "A stored one, in any mode"},
    )
    section = Line(longest=100, allow_none=True)
    conditions = conditions_field()

    @ma.validates_schema(skip_on_field_errors=True)
    def _names_one(self, fields: Mapping[str, Any], **kwargs: object) -> None:
        if ("rule" in fields) == ("conditions" in fields):
            raise ma.ValidationError({"conditions": ["Either these or `rule`."]})


class ExampleOut(ma.Schema):
    """A comment that the rule matches."""

    id = CommentId(required=True)
    author_name = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    decided_by = ma.fields.Enum(Source, by_value=True, required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)
    spans = ma.fields.List(
        ma.fields.List(ma.fields.Integer()),
        required=True,
        metadata={"description": "The match: start and end in code points"},
    )


class TrialOut(ma.Schema):
    """The result of a rule's backtest."""

    tried = ma.fields.Integer(required=True, metadata={"description": "Comments"})
    caught = ma.fields.Integer(required=True)
    is_cut = ma.fields.Boolean(
        required=True,
        metadata={"description": "There were more comments than could be tried"},
    )
    since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "Comments that came from then on were tried"},
    )
    standings = ma.fields.Nested(
        StandingsOut,
        required=True,
        metadata={"description": "Earlier decisions about the matched comments"},
    )
    examples = ma.fields.List(
        ma.fields.Nested(ExampleOut),
        required=True,
        metadata={"description": "The newest of them"},
    )


def dump_example(example: BacktestExample) -> dict[str, Any]:
    row: Comment = example.comment
    return {
        "id": row.id,
        "author_name": row.author_name,
        "body": row.body[:EXAMPLE_CHARACTERS],
        "status": Status(row.status),
        "decided_by": example.source,
        "received_at": row.received_at,
        "spans": [span for span in example.spans if span[1] <= EXAMPLE_CHARACTERS],
    }
