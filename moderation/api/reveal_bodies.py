"""Email addresses that are revealed to a lead, for a reason, on the record."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.audit.log import MAX_TEXT_LENGTH
from moderation.web.fields import Line


class NewEmailReveal(ma.Schema):
    """Why you must see an author's email address, or who sent a notice."""

    reason = Line(
        required=True,
        longest=MAX_TEXT_LENGTH,
        metadata={
            "description": "For the audit log, and for the person's own export of "
            "their data. Email addresses in it are masked"
        },
    )
    code = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=64),
        metadata={
            "description": "A code of your second factor, or a recovery code; needed "
            "if you have one"
        },
    )


class RevealedEmails(ma.Schema):
    """An author's email addresses."""

    emails = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "The newest first, up to 5"},
    )
