"""Bodies of a what-if analysis, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from classifiers.text.labels import LABELS
from moderation.api.model_report_bodies import HeldOut, RejectedOut
from moderation.api.policy_bodies import (
    MOST_SECTIONS,
    ThresholdBody,
    refuse_rejection,
)
from moderation.monitoring.score_distribution import BINS, MAX_COMMENTS
from moderation.policy.thresholds import Moderation
from moderation.web.fields import Line

MOST_DAYS = 365
USUAL_DAYS = 28
LONGEST_LOOK = 600  # seconds
MOST_ONE_IN = 100_000


class WhatIfQuestion(ma.Schema):
    """Other thresholds, another model, or both; what is left out is as it is now."""

    version = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=100),
        metadata={"description": "The model; null: the one that decides now"},
    )
    days = ma.fields.Integer(
        load_default=USUAL_DAYS,
        strict=True,
        validate=validate.Range(min=1, max=MOST_DAYS),
    )
    thresholds = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(LABELS)),
        values=ma.fields.Nested(ThresholdBody),
        load_default=None,
        allow_none=True,
        validate=refuse_rejection,
        metadata={"description": "Label to its cut points; null: the current ones"},
    )
    default = ma.fields.Enum(
        Moderation,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "As in a policy; null: the current one"},
    )
    sections = ma.fields.Dict(
        keys=Line(longest=100),
        values=ma.fields.Enum(Moderation, by_value=True),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_SECTIONS),
        metadata={"description": "As in a policy; null: the current ones"},
    )
    seconds_per_look = ma.fields.Float(
        load_default=10.0,
        allow_nan=False,
        validate=validate.Range(min=0.1, max=LONGEST_LOOK),
        metadata={"description": "How long a person needs for one comment"},
    )


class OutcomeOut(ma.Schema):
    """New outcomes of a number of comments."""

    comments = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(
        required=True, metadata={"description": "Without a person"}
    )
    held = ma.fields.Integer(required=True, metadata={"description": "For a person"})
    rejected = ma.fields.Integer(
        required=True, metadata={"description": "Without a person"}
    )
    missed = ma.fields.Integer(
        required=True, metadata={"description": "Approved, though people rejected them"}
    )
    wrongly_held = ma.fields.Integer(
        required=True, metadata={"description": "Held, though people approved them"}
    )
    wrongly_rejected = ma.fields.Integer(
        required=True, metadata={"description": "Rejected, though people approved them"}
    )
    minutes = ma.fields.Float(
        required=True,
        metadata={"description": "Moderators' time for the held comments"},
    )
    refused = ma.fields.Integer(
        required=True, metadata={"description": "Their section is closed"}
    )


class SectionOutcome(OutcomeOut):
    """New outcomes of a section's comments."""

    section = ma.fields.String(required=True, allow_none=True)


class ReplayOut(ma.Schema):
    """The last days under one model and its thresholds."""

    version = ma.fields.String(required=True)
    unscored = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Comments of that time of which this model has no scores: "
            "they are left aside; a rescoring gives it some"
        },
    )
    total = ma.fields.Nested(OutcomeOut, required=True)
    sections = ma.fields.List(ma.fields.Nested(SectionOutcome), required=True)


class WhatIfAnswer(ma.Schema):
    """The replayed days, next to the active model and the current thresholds."""

    since = ma.fields.AwareDateTime(format="iso", required=True)
    asked = ma.fields.Nested(ReplayOut, required=True)
    in_force = ma.fields.Nested(ReplayOut, required=True)


class ThresholdQuery(ma.Schema):
    """Two targets, the model and the time that they are to be kept in."""

    one_in = ma.fields.Integer(
        load_default=200,
        validate=validate.Range(min=2, max=MOST_ONE_IN),
        metadata={"description": "Of so many harmless comments at most one is held"},
    )
    right = ma.fields.Float(
        load_default=None,
        allow_none=True,
        allow_nan=False,
        validate=validate.Range(min=0.5, max=1),
        metadata={
            "description": "The least share of automatic rejections that is harmful; "
            "if left out, nothing is rejected by score"
        },
    )
    days = ma.fields.Integer(
        load_default=USUAL_DAYS, validate=validate.Range(min=1, max=MOST_DAYS)
    )
    version = ma.fields.String(
        load_default=None,
        validate=validate.Length(max=100),
        metadata={"description": "The model; left out: the one that decides now"},
    )


class ProposalOut(ma.Schema):
    """Thresholds that keep to the targets, and what they would have done."""

    version = ma.fields.String(required=True)
    comments = ma.fields.Integer(
        required=True, metadata={"description": "Comments that people decided"}
    )
    thresholds = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(ThresholdBody), required=True
    )
    held = ma.fields.Nested(HeldOut, required=True)
    rejected = ma.fields.Nested(RejectedOut, required=True, allow_none=True)


class DistributionQuery(ma.Schema):
    """The model and the time."""

    days = ma.fields.Integer(
        load_default=USUAL_DAYS, validate=validate.Range(min=1, max=MOST_DAYS)
    )
    version = ma.fields.String(
        load_default=None,
        validate=validate.Length(max=100),
        metadata={"description": "The model; left out: the one that decides now"},
    )


class DistributionOut(ma.Schema):
    """The scores of the newest comments, by label."""

    version = ma.fields.String(required=True)
    comments = ma.fields.Integer(
        required=True,
        metadata={"description": f"That are counted: the newest, up to {MAX_COMMENTS}"},
    )
    labels = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(
            ma.fields.Integer(), validate=validate.Length(equal=BINS)
        ),
        required=True,
        metadata={
            "description": f"Label to how many have each score, in {BINS} steps from 0 "
            "to 1"
        },
    )
