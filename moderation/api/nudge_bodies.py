"""Bodies of authors' reactions to nudges, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.insights.nudge_effects import (
    NudgeEffect,
    NudgeEffects,
    NudgeEvent,
    NudgesRead,
)
from moderation.policy.nudges import Nudge


class NudgeReaction(ma.Schema):
    """An author's reaction to a nudge."""

    code = ma.fields.Enum(
        Nudge,
        by_value=True,
        required=True,
        metadata={"description": "`code` of the nudge that was shown first"},
    )
    event = ma.fields.Enum(
        NudgeEvent,
        by_value=True,
        required=True,
        metadata={
            "description": "`shown`: the author reads it. `edited`: the comment was "
            "changed, then sent. `sent`: it was sent as it was. Each once for a comment"
        },
    )


class NudgeShareOut(ma.Schema):
    """A share with its 95% confidence interval, each 0 to 1."""

    value = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class NudgeEffectsOut(ma.Schema):
    """Counts of authors' reactions to nudges."""

    shown = ma.fields.Integer(
        required=True, metadata={"description": "Comments whose authors were shown one"}
    )
    edited = ma.fields.Integer(
        required=True, metadata={"description": "Changed, then sent"}
    )
    withdrawn = ma.fields.Integer(
        required=True,
        metadata={"description": "Not sent, as far as known: the remaining ones"},
    )
    sent = ma.fields.Integer(required=True, metadata={"description": "As they were"})
    shares = ma.fields.Dict(
        keys=ma.fields.Enum(NudgeEffect, by_value=True),
        values=ma.fields.Nested(NudgeShareOut, allow_none=True),
        required=True,
        metadata={"description": "Share of each effect; null: nothing was shown"},
    )


class NudgeOfCode(NudgeEffectsOut):
    """Authors' reactions to one nudge."""

    code = ma.fields.Enum(Nudge, by_value=True, required=True)


class NudgesOfDay(NudgeEffectsOut):
    """Authors' reactions to the nudges of one day."""

    day = ma.fields.Date(required=True, metadata={"description": "In UTC"})


class NudgesOut(ma.Schema):
    """Authors' reactions to the nudges of a range of days."""

    site = ma.fields.String(required=True)
    in_all = ma.fields.Nested(NudgeEffectsOut, required=True)
    nudges = ma.fields.List(ma.fields.Nested(NudgeOfCode), required=True)
    days = ma.fields.List(
        ma.fields.Nested(NudgesOfDay),
        required=True,
        metadata={"description": "Days with nudges, the oldest first"},
    )


def dump_nudges(site: str, found: NudgesRead) -> dict[str, Any]:
    """Return how authors took nudges."""
    return {
        "site": site,
        "in_all": _dump(found.in_all),
        "nudges": [{"code": code, **_dump(each)} for code, each in found.by_nudge],
        "days": [{"day": day, **_dump(each)} for day, each in found.by_day],
    }


def _dump(effects: NudgeEffects) -> dict[str, Any]:
    return {
        "shown": effects.shown,
        "edited": effects.edited,
        "withdrawn": effects.withdrawn,
        "sent": effects.sent,
        "shares": {effect: effects.share(effect) for effect in NudgeEffect},
    }
