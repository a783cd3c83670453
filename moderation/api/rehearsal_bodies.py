"""Bodies of a rehearsal: its request and its report."""

from __future__ import annotations

from enum import StrEnum

import marshmallow as ma
from marshmallow import validate

from moderation.api.model_report_bodies import IntervalOut
from moderation.api.policy_bodies import ThresholdBody
from moderation.policy.verdicts import Status
from moderation.rehearsal.counts import MAX_ATTRIBUTES, MAX_SECTIONS
from moderation.rehearsal.examples import MAX_EXAMPLES
from moderation.rehearsal.load import SecondsSource
from moderation.rehearsal.past_decisions import DecidedBy
from moderation.rehearsal.proposals import BaselineKind
from moderation.rehearsal.rehearsing import GIVEN_THRESHOLD, USUAL_SAMPLE
from moderation.rehearsal.replaying import WouldBe
from moderation.web.fields import Line, Moment

MAX_SAMPLE = 10_000_000
MAX_SECONDS = 600


class NewRehearsal(ma.Schema):
    """A rehearsal's options; without any, all comments with the active model."""

    version = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=100),
        metadata={"description": "The model; null: the active one"},
    )
    since = Moment(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Leave out comments written before; null: all, or of a "
            "trained model those since the first decision held out from its training"
        },
    )
    sample = ma.fields.Integer(
        load_default=USUAL_SAMPLE,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=MAX_SAMPLE),
        metadata={"description": "Read about so many comments; null: all"},
    )
    seconds = ma.fields.Float(
        load_default=None,
        allow_none=True,
        allow_nan=False,
        validate=validate.Range(min=0.1, max=MAX_SECONDS),
        metadata={
            "description": "For one decision; null: the site's own median, or 10"
        },
    )
    service_thresholds = ma.fields.Dict(
        keys=Line(longest=100),
        values=ma.fields.Float(allow_nan=False, validate=validate.Range(min=0, max=1)),
        load_default=dict,
        validate=validate.Length(max=MAX_ATTRIBUTES),
        metadata={
            "description": "Attribute of another service, such as `TOXICITY`, to the "
            f"score from which on it is taken to say yes; left out: {GIVEN_THRESHOLD}"
        },
    )


def _member(kind: type[StrEnum], *, allow_none: bool = False) -> ma.fields.String:
    """Return the field of a value that a stored report has as a text."""
    known = validate.OneOf([each.value for each in kind])
    return ma.fields.String(required=True, allow_none=allow_none, validate=known)


class RehearsalLoad(ma.Schema):
    """Moderators' decisions on an average day, with 95% intervals."""

    comments = ma.fields.Nested(IntervalOut, required=True)
    minutes = ma.fields.Nested(IntervalOut, required=True)


def _count(description: str = "") -> ma.fields.Integer:
    metadata = {"description": description} if description else {}
    return ma.fields.Integer(required=True, metadata=metadata)


class WouldBeCounts(ma.Schema):
    """Comments by what would become of them."""

    approved = _count()
    held = _count("For a moderator")
    rejected = _count("Without a moderator")
    refused = _count("Their section is closed")


class RehearsedGroup(WouldBeCounts):
    """The outcome of some comments, against what was decided then."""

    comments = _count("That were replayed")
    left_out = _count("The model was trained on them")
    rejected_then = _count("By the `judges` of the report")
    approved_then = _count("By the same")
    missed = _count("Rejected then, and would be approved")
    wrongly_held = _count("Approved then, and would be held")
    wrongly_rejected = _count("Approved then, and would be rejected")
    missed_share = ma.fields.Nested(
        IntervalOut,
        required=True,
        allow_none=True,
        metadata={"description": "Of the rejected; Wilson's interval of 95%"},
    )
    queue_load = ma.fields.Nested(RehearsalLoad, required=True)


class RehearsedSection(RehearsedGroup):
    """A section's outcome."""

    section = ma.fields.String(required=True, allow_none=True)


class RehearsedMonth(RehearsedGroup):
    """A month's outcome."""

    month = ma.fields.String(required=True, metadata={"example": "2026-11"})


class RehearsedKind(WouldBeCounts):
    """New verdicts on comments that were decided in one way."""

    then = _member(Status)
    by = _member(DecidedBy, allow_none=True)


class ServiceSide(WouldBeCounts):
    """Comments that another service marked, or did not."""

    rejected_then = _count("By the `judges` of the report")
    missed = _count("Of these, those that would be approved")


class ComparedService(ma.Schema):
    """Another service's scores, which an import brought."""

    service = ma.fields.String(required=True, metadata={"example": "perspective"})
    attribute = ma.fields.String(required=True, metadata={"example": "TOXICITY"})
    threshold = ma.fields.Float(
        required=True, metadata={"description": "From which on it says yes"}
    )
    flagged = ma.fields.Nested(ServiceSide, required=True)
    passed = ma.fields.Nested(ServiceSide, required=True)


class BaselineEffect(ma.Schema):
    """A load and misses, with 95% intervals by bootstrap."""

    queue_load = ma.fields.Nested(RehearsalLoad, required=True)
    missed_share = ma.fields.Nested(
        IntervalOut,
        required=True,
        allow_none=True,
        metadata={"description": "Of the rejected; null: not known"},
    )


class MatchedThresholdsOut(BaselineEffect):
    """Thresholds that keep a baseline's load, or its misses."""

    is_met = ma.fields.Boolean(
        required=True,
        metadata={"description": "False: thresholds alone don't reach it"},
    )
    thresholds = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(ThresholdBody), required=True
    )
    errors = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(IntervalOut),
        required=True,
        metadata={"description": "Label to the interval of its hold threshold"},
    )


class RehearsalBaseline(ma.Schema):
    """The past load and misses, and thresholds that keep them."""

    kind = _member(BaselineKind)
    service = ma.fields.String(required=True, allow_none=True)
    attribute = ma.fields.String(required=True, allow_none=True)
    comments = _count("That it was measured on")
    rejected = _count("Of these, rejected then")
    was = ma.fields.Nested(BaselineEffect, required=True)
    same_load = ma.fields.Nested(MatchedThresholdsOut, required=True)
    same_misses = ma.fields.Nested(MatchedThresholdsOut, required=True, allow_none=True)


class RehearsalExampleOut(ma.Schema):
    """A comment to read."""

    id = ma.fields.String(required=True)
    excess = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "Score less hold threshold, the greatest of all labels"
        },
    )
    reasons = ma.fields.List(ma.fields.String(), required=True)


class RehearsalExamples(ma.Schema):
    """Comments of one kind, the most surprising first."""

    then = _member(Status)
    by = _member(DecidedBy, allow_none=True)
    would_be = _member(WouldBe)
    comments = ma.fields.List(
        ma.fields.Nested(RehearsalExampleOut),
        required=True,
        validate=validate.Length(max=MAX_EXAMPLES),
    )


class SecondsOut(ma.Schema):
    """The time for a decision, and its source."""

    seconds = ma.fields.Float(required=True)
    source = _member(SecondsSource)
    decisions = _count("That were measured")


class RehearsalReport(ma.Schema):
    """Past comments replayed, against what was decided then."""

    site = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    active_version = ma.fields.String(required=True)
    since = ma.fields.String(required=True, allow_none=True)
    first_at = ma.fields.String(required=True)
    last_at = ma.fields.String(required=True)
    days = ma.fields.Float(required=True)
    comments = _count("Of that time, whether read or not")
    read_share = ma.fields.Float(
        required=True, metadata={"description": "Of these, 0 to 1"}
    )
    is_lineage_known = ma.fields.Boolean(
        required=True,
        metadata={"description": "false: the model's training data is unknown"},
    )
    held_out_since = ma.fields.String(required=True, allow_none=True)
    seconds = ma.fields.Nested(SecondsOut, required=True)
    judges = ma.fields.List(
        _member(DecidedBy),
        required=True,
        metadata={"description": "Whose decisions count as right"},
    )
    total = ma.fields.Nested(RehearsedGroup, required=True)
    decided = ma.fields.List(ma.fields.Nested(RehearsedKind), required=True)
    held_because = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "First reason, or label, to the comments held"},
    )
    sections = ma.fields.List(
        ma.fields.Nested(RehearsedSection),
        required=True,
        metadata={"description": f"The first {MAX_SECTIONS}, the largest first"},
    )
    other_sections = ma.fields.Nested(RehearsedGroup, required=True, allow_none=True)
    months = ma.fields.List(ma.fields.Nested(RehearsedMonth), required=True)
    services = ma.fields.List(ma.fields.Nested(ComparedService), required=True)
    baselines = ma.fields.List(ma.fields.Nested(RehearsalBaseline), required=True)
    examples = ma.fields.List(ma.fields.Nested(RehearsalExamples), required=True)


class RehearsalOut(ma.Schema):
    """The newest rehearsal of a site."""

    job = _count("That made it")
    finished_at = ma.fields.AwareDateTime(format="iso", required=True)
    report = ma.fields.Nested(RehearsalReport, required=True)
