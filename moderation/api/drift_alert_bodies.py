"""Alarms, as admins see them."""

from __future__ import annotations

import marshmallow as ma

from moderation.monitoring.drift import DriftKind


class AlarmDetails(ma.Schema):
    """What has changed, and by how much."""

    chance = ma.fields.Float(
        required=True,
        metadata={"description": "Of so large a change where nothing has changed"},
    )
    shift = ma.fields.Float(
        required=True, metadata={"description": "How large it is, 0 to 1"}
    )
    before = ma.fields.Float(
        required=True,
        metadata={"description": "Mean score or share, in the four weeks before"},
    )
    after = ma.fields.Float(
        required=True, metadata={"description": "The same, in the last week"}
    )
    examples = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Ids of comments"}
    )


class AlarmExample(ma.Schema):
    """A comment that shows what has changed, as it stands now."""

    comment = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class AlarmOut(ma.Schema):
    """Something has changed that somebody should look at."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(DriftKind, by_value=True, required=True)
    subject = ma.fields.String(
        required=True, metadata={"description": "A label, a language, or `person`"}
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
