"""Training and what models have learned from, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate


class NewComparison(ma.Schema):
    """Two models of a site to be measured side by side."""

    first = ma.fields.String(required=True, validate=validate.Length(max=100))
    second = ma.fields.String(
        required=True,
        validate=validate.Length(max=100),
        metadata={
            "description": "Shown as the candidate, with its gain over the first"
        },
    )


class ReaderOut(ma.Schema):
    """A model that has learned from a comment."""

    version = ma.fields.String(required=True)
    is_active = ma.fields.Boolean(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class LineageOut(ma.Schema):
    """The models that have learned from a comment, the newest first."""

    models = ma.fields.List(ma.fields.Nested(ReaderOut), required=True)
