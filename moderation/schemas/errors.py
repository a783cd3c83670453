"""The one body of every error."""

from __future__ import annotations

import marshmallow as ma


class ErrorBody(ma.Schema):
    """What went wrong, for a program and for a person."""

    code = ma.fields.String(
        required=True,
        metadata={"description": "For programs, such as `invalid_fields`"},
    )
    message = ma.fields.String(
        required=True, metadata={"description": "For people, one sentence"}
    )
    fields = ma.fields.Dict(  # type: ignore[assignment]  # the name is our API's
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={
            "description": "Each bad field with its complaints; nested names are "
            "joined by dots"
        },
    )
