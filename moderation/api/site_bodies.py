"""Sites, in and out."""

from __future__ import annotations

import marshmallow as ma

from moderation.policy.thresholds import Moderation
from moderation.web.fields import Line

MAX_SITE_NAME_LENGTH = 63  # characters


class NewSite(ma.Schema):
    """A site to add."""

    name = Line(
        required=True,
        longest=MAX_SITE_NAME_LENGTH,
        metadata={"description": "1 to 63 of a-z, 0-9, and '-'; it can't be changed"},
    )
    default = ma.fields.Enum(
        Moderation,
        by_value=True,
        load_default=Moderation.PRE,
        metadata={
            "description": "`pre`: a moderator approves each comment; `post`: comments "
            "below all thresholds are approved"
        },
    )


class SiteOut(ma.Schema):
    """A site."""

    name = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
