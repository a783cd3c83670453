"""Models and their promotions, as admins see them."""

from __future__ import annotations

import marshmallow as ma

from moderation.api.model_report_bodies import GateOut, ReportOut
from moderation.models.registry import PromotionAction
from moderation.web.fields import PublicLine

LONGEST_REASON = 1000  # characters
SHORTEST_REASON = 10  # characters; "ok" explains nothing


class ModelOut(ma.Schema):
    """A model of a site."""

    version = ma.fields.String(required=True)
    is_shipped = ma.fields.Boolean(
        required=True, metadata={"description": "It came with the software"}
    )
    is_active = ma.fields.Boolean(
        required=True, metadata={"description": "It decides at the site now"}
    )
    base_version = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The model that its training started from"},
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    gate = ma.fields.Nested(GateOut, required=True, allow_none=True)


class ModelList(ma.Schema):
    """The models of a site, the newest first, the one that ships last."""

    models = ma.fields.List(ma.fields.Nested(ModelOut), required=True)


class ModelWithReport(ModelOut):
    """A model with the figures of its trial."""

    report = ma.fields.Nested(
        ReportOut,
        required=True,
        allow_none=True,
        metadata={"description": "Null for the one that ships: see its model card"},
    )


class NewPromotion(ma.Schema):
    """A promotion."""

    despite_gate = PublicLine(
        longest=LONGEST_REASON,
        shortest=SHORTEST_REASON,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Why this model is wanted although its gate refused it; "
            "kept with the promotion"
        },
    )


class PromotionOut(ma.Schema):
    """A change of the model that decides at a site."""

    action = ma.fields.Enum(PromotionAction, by_value=True, required=True)
    version = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Decides from now on"}
    )
    previous_version = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Decided until now"}
    )
    despite_gate = ma.fields.String(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
