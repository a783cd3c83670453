"""The report of a candidate against the active model, as admins see it."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from classifiers.evaluation.gate import Against
from moderation.policy.verdicts import Verdict


class IntervalOut(ma.Schema):
    """A figure with the range of 95% of redrawn samples."""

    value = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class LabelFigures(ma.Schema):
    """Figures of one label; null where one side has no examples."""

    n = ma.fields.Integer(required=True)
    positives = ma.fields.Integer(required=True)
    auc = ma.fields.Nested(
        IntervalOut,
        required=True,
        allow_none=True,
        metadata={"description": "Area under the ROC curve; 0.5 is chance"},
    )
    ap = ma.fields.Nested(
        IntervalOut,
        required=True,
        allow_none=True,
        metadata={"description": "Average precision"},
    )
    recall_at_1pct_fpr = ma.fields.Nested(
        IntervalOut,
        required=True,
        allow_none=True,
        metadata={"description": "Share of harm found with 1 in 100 others held"},
    )
    ece = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Expected calibration error, 0 is best"},
    )
    ece_by_chance = ma.fields.Float(
        allow_none=True,
        metadata={"description": "The `ece` of perfect probabilities, by chance"},
    )
    brier = ma.fields.Float(required=True, allow_none=True)
    dummy_ap = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Average precision of one score for all"},
    )


class FiguresOut(ma.Schema):
    """One model's figures on some texts."""

    version = ma.fields.String(required=True)
    n = ma.fields.Integer(required=True)
    labels = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(LabelFigures), required=True
    )


class DifferenceOut(ma.Schema):
    """The candidate's gain on the same texts."""

    n = ma.fields.Integer(required=True)
    active = ma.fields.Float(required=True)
    candidate = ma.fields.Float(required=True)
    gain = ma.fields.Nested(
        IntervalOut,
        required=True,
        metadata={"description": "Candidate less active, on paired samples"},
    )


class ComparisonOut(ma.Schema):
    """Both models side by side; labels without both sides are left out."""

    active = ma.fields.String(required=True)
    candidate = ma.fields.String(required=True)
    auc = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(DifferenceOut), required=True
    )
    brier = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(DifferenceOut), required=True
    )


class HeldCounts(ma.Schema):
    """Comments that the current thresholds would hold, by a model's scores."""

    harmful = ma.fields.Integer(required=True)
    harmful_held = ma.fields.Integer(
        required=True, metadata={"description": "Rejected, or shown to a person first"}
    )
    harmful_rejected = ma.fields.Integer(required=True)
    harmless = ma.fields.Integer(required=True)
    harmless_held = ma.fields.Integer(required=True)
    harmless_rejected = ma.fields.Integer(required=True)


class UnderPolicyOut(ma.Schema):
    """Both models under the policy of the time of training."""

    active = ma.fields.Nested(HeldCounts, required=True)
    candidate = ma.fields.Nested(HeldCounts, required=True)


class RegressionOut(ma.Schema):
    """Both models on the frozen set of what was known before."""

    active = ma.fields.Nested(FiguresOut, required=True)
    candidate = ma.fields.Nested(FiguresOut, required=True)


class ContributionOut(ma.Schema):
    """One contributor, or one day, with its share of the training examples."""

    name = ma.fields.String(
        required=True,
        metadata={"description": "Login, day, or the beginning of an author's hash"},
    )
    examples = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    is_capped = ma.fields.Boolean(
        required=True, metadata={"description": "It would have weighed more"}
    )


class ProvenanceOut(ma.Schema):
    """The training examples from decisions of one kind."""

    examples = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata={"description": "0 to 1"})


class ContributionsOut(ma.Schema):
    """Shares of the training examples, by source; the ten largest of each kind."""

    provenance = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(ProvenanceOut),
        required=True,
        metadata={
            "description": "appeal, checked, single, site, imported, bulk, inferred"
        },
    )
    moderators = ma.fields.List(ma.fields.Nested(ContributionOut), required=True)
    authors = ma.fields.List(ma.fields.Nested(ContributionOut), required=True)
    days = ma.fields.List(ma.fields.Nested(ContributionOut), required=True)


class SliceOut(ma.Schema):
    """Both models on a part of the held-out decisions."""

    kind = ma.fields.String(
        required=True, metadata={"description": "length, identity, section, language"}
    )
    name = ma.fields.String(required=True)
    label = ma.fields.String(
        required=True, metadata={"description": "A label, or `any` of them"}
    )
    n = ma.fields.Integer(required=True)
    positives = ma.fields.Integer(required=True)
    auc = ma.fields.Nested(DifferenceOut, required=True)
    brier = ma.fields.Nested(DifferenceOut, required=True)


class HeldOut(ma.Schema):
    """Thresholds from which on a person looks, and what they do on held-out texts."""

    one_in = ma.fields.Integer(
        required=True,
        metadata={"description": "Of so many harmless comments at most one is held"},
    )
    cuts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Float(), required=True
    )
    harmless = ma.fields.Integer(required=True)
    harmless_held = ma.fields.Integer(required=True)
    harmful = ma.fields.Integer(required=True)
    harmful_held = ma.fields.Integer(required=True)


class RejectedOut(ma.Schema):
    """Thresholds from which on no one looks, and what they do on held-out texts."""

    right = ma.fields.Float(
        required=True,
        metadata={
            "description": "The least share of rejected comments that is harmful"
        },
    )
    cuts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(allow_none=True),
        required=True,
        metadata={"description": "null: no threshold is right so often"},
    )
    rejected = ma.fields.Integer(required=True)
    wrong = ma.fields.Integer(required=True)
    right_at_least = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Lower end of the 95% interval"},
    )


class ThresholdsOut(ma.Schema):
    """Thresholds for each target, on the held-out decisions."""

    review = ma.fields.List(ma.fields.Nested(HeldOut), required=True)
    reject = ma.fields.List(ma.fields.Nested(RejectedOut), required=True)


class BinOut(ma.Schema):
    """Texts with nearly the same probability, and how many had the label."""

    predicted = ma.fields.Float(required=True)
    n = ma.fields.Integer(required=True)
    observed = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class CurvesOut(ma.Schema):
    """A label's curves; all coordinates are shares, 0 to 1."""

    roc = ma.fields.List(
        ma.fields.List(ma.fields.Float()),
        required=True,
        metadata={"description": "Harmless held, harmful found"},
    )
    precision = ma.fields.List(
        ma.fields.List(ma.fields.Float()),
        required=True,
        metadata={
            "description": "Share of harmful comments found, share of held "
            "comments that is harmful"
        },
    )
    bins = ma.fields.List(
        ma.fields.Nested(BinOut),
        required=True,
        metadata={"description": "Predicted probability and observed share"},
    )


class BothCurvesOut(ma.Schema):
    """Both models' curves on the held-out decisions, label by label."""

    active = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(CurvesOut), required=True
    )
    candidate = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(CurvesOut), required=True
    )


class OtherwiseComment(ma.Schema):
    """A held-out comment that the candidate would treat otherwise."""

    comment = ma.fields.String(required=True)
    # As the report keeps them: the values, no members of the enumeration.
    active = ma.fields.String(required=True, validate=validate.OneOf(list(Verdict)))
    candidate = ma.fields.String(required=True, validate=validate.OneOf(list(Verdict)))
    label = ma.fields.String(
        required=True, metadata={"description": "Whose score differs most"}
    )
    active_score = ma.fields.Float(required=True)
    candidate_score = ma.fields.Float(required=True)
    is_harmful = ma.fields.Boolean(
        required=True, metadata={"description": "As people decided"}
    )


class OtherwiseOut(ma.Schema):
    """Different verdicts of two models under the policy of the time."""

    stricter = ma.fields.Integer(
        required=True, metadata={"description": "The candidate is stricter"}
    )
    stricter_right = ma.fields.Integer(
        required=True, metadata={"description": "Of them, harmful ones"}
    )
    milder = ma.fields.Integer(required=True)
    milder_right = ma.fields.Integer(
        required=True, metadata={"description": "Of them, harmless ones"}
    )
    comments = ma.fields.List(
        ma.fields.Nested(OtherwiseComment),
        required=True,
        metadata={"description": "Those whose scores differ most"},
    )


class TeachOut(ma.Schema):
    """Training examples from the queue order `teach`."""

    trained_on = ma.fields.Integer(required=True)
    held_out = ma.fields.Integer(
        required=True,
        metadata={"description": "Measured on, because too few others were held out"},
    )
    left_out = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Of the latest ones: neither learned from nor measured on, "
            "as they were chosen where the model was unsure"
        },
    )


class ObjectionOut(ma.Schema):
    """One thing that speaks against a candidate; what does not apply is missing."""

    code = ma.fields.String(
        required=True,
        metadata={"enum": [*Against, "imported"], "description": "What it is"},
    )
    label = ma.fields.String(allow_none=True)
    before = ma.fields.Float(
        allow_none=True,
        metadata={"description": "AUC or calibration error of the active model"},
    )
    after = ma.fields.Float(
        allow_none=True, metadata={"description": "The same of the candidate"}
    )
    kind = ma.fields.String(
        allow_none=True,
        metadata={"description": "The property by which a slice is made"},
    )
    name = ma.fields.String(allow_none=True, metadata={"description": "Of a slice"})
    n = ma.fields.Integer(
        allow_none=True, metadata={"description": "Held-out comments in a slice"}
    )


class GateOut(ma.Schema):
    """The quality gate's result for a candidate."""

    allowed = ma.fields.Boolean(required=True)
    reasons = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Objections, a sentence each"},
    )
    objections = ma.fields.List(
        ma.fields.Nested(ObjectionOut),
        metadata={"description": "The same for programs; old reports lack it"},
    )


class ReportOut(ma.Schema):
    """The trial of a candidate against the model that decided then."""

    examples = ma.fields.Integer(
        required=True, metadata={"description": "Decisions with a training label"}
    )
    trained_on = ma.fields.Integer(required=True)
    held_out = ma.fields.Integer(
        required=True,
        metadata={"description": "The latest ones, kept from training to measure on"},
    )
    held_out_since = ma.fields.AwareDateTime(
        format="iso", required=True, allow_none=True
    )
    data = ma.fields.String(
        required=True, metadata={"description": "Fingerprint of the examples"}
    )
    active = ma.fields.Nested(FiguresOut, required=True)
    candidate = ma.fields.Nested(FiguresOut, required=True)
    comparison = ma.fields.Nested(ComparisonOut, required=True)
    under_policy = ma.fields.Nested(UnderPolicyOut, required=True)
    contributions = ma.fields.Nested(
        ContributionsOut,
        required=True,
        allow_none=True,
        metadata={"description": "Null for models from before this was counted"},
    )
    teach = ma.fields.Nested(
        TeachOut,
        required=True,
        allow_none=True,
        metadata={"description": "Null for models from before this was counted"},
    )
    slices = ma.fields.List(ma.fields.Nested(SliceOut), required=True)
    thresholds = ma.fields.Nested(ThresholdsOut, required=True, allow_none=True)
    curves = ma.fields.Nested(BothCurvesOut, required=True, allow_none=True)
    otherwise = ma.fields.Nested(OtherwiseOut, required=True, allow_none=True)
    regression = ma.fields.Nested(RegressionOut, required=True)
    gate = ma.fields.Nested(GateOut, required=True)
