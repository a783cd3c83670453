"""Alarms, as admins see them."""

from __future__ import annotations

import marshmallow as ma

from moderation.monitoring.drift_alerts import AlertKind
from moderation.policy.brakes import BrakeKind


class AlarmDetails(ma.Schema):
    """A change and its size; for a brake, the limit that was passed."""

    chance = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The probability of so large a change by chance"},
    )
    shift = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "How large it is, 0 to 1; null: of a brake"},
    )
    before = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Mean score or share, in the four weeks before"},
    )
    after = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The same, in the last week"},
    )
    examples = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Ids of comments"}
    )
    brake = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Its id"}
    )
    campaign = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "That it holds"}
    )
    count = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "More came than so many"},
    )
    minutes = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Within so many"}
    )


class AlarmExample(ma.Schema):
    """A comment that shows what has changed, as it stands now."""

    comment = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class AlarmOut(ma.Schema):
    """Something has changed that someone should look at."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(AlertKind, by_value=True, required=True)
    subject = ma.fields.String(
        required=True,
        metadata={
            "description": "A label, a language, `person`, or, of a brake, "
            + ", ".join(f"`{kind}`" for kind in BrakeKind)
        },
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    seen_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    details = ma.fields.Nested(AlarmDetails, required=True)
    examples = ma.fields.List(
        ma.fields.Nested(AlarmExample),
        required=True,
        metadata={"description": "Those of `details` that were not deleted since"},
    )


class AlarmList(ma.Schema):
    """The newest alarms of a site, and how often they are false."""

    alarms = ma.fields.List(ma.fields.Nested(AlarmOut), required=True)
    false_alarms_a_day = ma.fields.Float(
        required=True,
        metadata={"description": "Chance of a false one on a day, all tests together"},
    )
