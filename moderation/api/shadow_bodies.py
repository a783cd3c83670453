"""A model that scores silently, and blind looks at what it would do otherwise."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.policy.verdicts import Verdict

MOST_DAYS = 365


class NewShadow(ma.Schema):
    """The model that is to score silently."""

    version = ma.fields.String(required=True, validate=validate.Length(max=100))


class NewRescoring(ma.Schema):
    """The comments to rescore; without fields, the pending ones."""

    version = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=100),
        metadata={"description": "A model that scores the last days in shadow"},
    )
    days = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MOST_DAYS),
        metadata={"description": "With `version`: how far back"},
    )

    @ma.validates_schema
    def _together(self, fields: dict[str, object], **kwargs: object) -> None:
        if (fields["version"] is None) != (fields["days"] is None):
            raise ma.ValidationError({"days": ["Must be given with version."]})


class ShadowShare(ma.Schema):
    """A share with its 95% interval, 0 to 1."""

    value = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class VerdictCount(ma.Schema):
    """The number of comments with a pair of verdicts by the two models."""

    active = ma.fields.Enum(Verdict, by_value=True, required=True)
    shadow = ma.fields.Enum(Verdict, by_value=True, required=True)
    comments = ma.fields.Integer(required=True)
    share = ma.fields.Nested(
        ShadowShare,
        required=True,
        metadata={"description": "Of all that both have scored"},
    )


class ShadowDifference(ma.Schema):
    """A comment that the shadow would have treated otherwise."""

    comment = ma.fields.String(required=True)
    active = ma.fields.Enum(Verdict, by_value=True, required=True)
    shadow = ma.fields.Enum(Verdict, by_value=True, required=True)
    text = ma.fields.String(required=True)
    section = ma.fields.String(required=True, allow_none=True)
    label = ma.fields.String(
        required=True, metadata={"description": "Whose score differs most"}
    )
    active_score = ma.fields.Float(required=True)
    shadow_score = ma.fields.Float(required=True)


class LookCounts(ma.Schema):
    """People's blind verdicts on texts that the models differ on."""

    looks = ma.fields.Integer(required=True)
    shadow_right = ma.fields.Integer(required=True)
    active_right = ma.fields.Integer(required=True)
    share = ma.fields.Nested(
        ShadowShare,
        required=True,
        allow_none=True,
        metadata={"description": "For the shadow; null: no one has judged yet"},
    )


class ShadowOut(ma.Schema):
    """Decisions that a shadow model would change, by the current thresholds."""

    version = ma.fields.String(required=True)
    since = ma.fields.AwareDateTime(format="iso", required=True)
    scored = ma.fields.Integer(
        required=True, metadata={"description": "Comments that both models scored"}
    )
    verdicts = ma.fields.List(ma.fields.Nested(VerdictCount), required=True)
    differences = ma.fields.List(
        ma.fields.Nested(ShadowDifference),
        required=True,
        metadata={"description": "The newest 50"},
    )
    blind = ma.fields.Nested(LookCounts, required=True)


class BlindText(ma.Schema):
    """A text to be judged, without what any model says of it."""

    comment = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class BlindSample(ma.Schema):
    """Texts to be judged, in no order; about some of them the models agree."""

    texts = ma.fields.List(ma.fields.Nested(BlindText), required=True)


class NewLook(ma.Schema):
    """A person's verdict on a text in a blind review."""

    comment = ma.fields.String(required=True, validate=validate.Length(max=64))
    is_harmful = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
