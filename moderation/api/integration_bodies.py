"""The compatibility APIs of a site, in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.key_bodies import MAX_OVERLAP_HOURS, OVERLAP_HOURS
from moderation.sites.protocols import (
    MAX_ADDRESS_LENGTH,
    MAX_ORIGINS,
    Integrations,
    Protocol,
)
from moderation.web.fields import Line

MAX_VERSION_LENGTH = 100  # characters
MAX_SECRET_LENGTH = 200  # characters


class IntegrationsBody(ma.Schema):
    """A site's compatibility APIs, with their options."""

    protocols = ma.fields.List(
        ma.fields.Enum(Protocol, by_value=True),
        required=True,
        validate=validate.Length(max=len(Protocol)),
        metadata={"description": "Those that are enabled"},
    )
    home = Line(
        required=True,
        allow_none=True,
        longest=MAX_ADDRESS_LENGTH,
        metadata={"description": "The site's URL; callbacks go to its host only"},
    )
    origins = ma.fields.List(
        Line(longest=MAX_ADDRESS_LENGTH),
        required=True,
        validate=validate.Length(max=MAX_ORIGINS),
        metadata={
            "description": "Pages that may call Perspective from a browser; browser "
            "keys are the safer way"
        },
    )
    discard = ma.fields.Boolean(
        required=True,
        metadata={"description": "Akismet: let WordPress drop blatant spam unseen"},
    )
    review_as_spam = ma.fields.Boolean(
        required=True,
        metadata={"description": "Akismet: answer `spam` for a pending comment"},
    )
    model_version = Line(
        required=True,
        allow_none=True,
        longest=MAX_VERSION_LENGTH,
        metadata={"description": "Perspective: the model that scores; null: active"},
    )
    unscored_as_highest = ma.fields.Boolean(
        required=True,
        metadata={"description": "Perspective: score 1 where scoring failed"},
    )
    strict_attributes = ma.fields.Boolean(
        load_default=False,
        metadata={
            "description": "Perspective: refuse a request that asks for an attribute "
            "without a score, instead of leaving it out"
        },
    )


class IntegrationsChange(IntegrationsBody):
    """New settings of a site's compatibility APIs."""

    seen_version = Line(
        required=True,
        longest=MAX_VERSION_LENGTH,
        metadata={"description": "`version` of the settings that you read"},
    )

    @ma.post_load
    def _make(self, fields: dict[str, Any], **_: Any) -> dict[str, Any]:
        seen_version = fields.pop("seen_version")
        fields["protocols"] = frozenset(fields["protocols"])
        fields["origins"] = tuple(fields["origins"])
        return {"wanted": Integrations(**fields), "seen_version": seen_version}


class IntegrationsOut(IntegrationsBody):
    """The compatibility APIs of a site."""

    version = ma.fields.String(
        required=True, metadata={"description": "Changes with every other field"}
    )
    has_coral_secret = ma.fields.Boolean(
        required=True,
        metadata={"description": "A secret that Coral signs comments with is stored"},
    )


class NewCoralSecret(ma.Schema):
    """The secret that Coral signs the comments of a site with."""

    secret = Line(
        required=True,
        longest=MAX_SECRET_LENGTH,
        metadata={"description": "As Coral shows it: `empsec_…`"},
    )
    overlap_hours = ma.fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(min=0, max=MAX_OVERLAP_HOURS),
        metadata={"description": "Hours for which older secrets stay valid"},
    )

    @ma.post_load
    def _make(self, fields: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            "secret": fields["secret"],
            "overlap": timedelta(hours=fields["overlap_hours"]),
        }


def dump_integrations(
    integrations: Integrations, *, has_coral_secret: bool
) -> dict[str, Any]:
    """Return integrations for `IntegrationsOut`."""
    return {
        **integrations.as_json(),
        "protocols": sorted(integrations.protocols),
        "version": integrations.version,
        "has_coral_secret": has_coral_secret,
    }
