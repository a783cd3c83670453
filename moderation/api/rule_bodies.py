"""Rules of a site, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.condition_bodies import (
    PARTS,
    ConditionOut,
    conditions_field,
)
from moderation.policy.rule_matches import RuleAction
from moderation.rules.backtest import MAX_NEWEST
from moderation.rules.conditions import (
    ConditionKind,
    RuleMode,
)
from moderation.rules.entry_lists import MAX_COMPLAINTS
from moderation.rules.records import RuleEntry
from moderation.web.fields import (
    Line,
    PublicLine,
)

MOST_DAYS = 90
WHOLE_NUMBER = 2**31 - 1  # what a database column takes


class _RuleFields(ma.Schema):
    tag = PublicLine(
        longest=50,
        allow_none=True,
        metadata={"description": "That a comment gets; `tag` needs one"},
    )
    section = Line(
        longest=100,
        allow_none=True,
        metadata={"description": "Of the site, where it holds; null: everywhere"},
    )


class VersionQuery(ma.Schema):
    """The version of a rule."""

    version = ma.fields.Integer(
        required=True, validate=validate.Range(min=1, max=WHOLE_NUMBER)
    )


class EntriesQuery(ma.Schema):
    """The version of a rule's lists."""

    version = ma.fields.Integer(
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "The newest if left out"},
    )


class DaysQuery(ma.Schema):
    """The days for which rule matches are counted."""

    days = ma.fields.Integer(
        load_default=7, validate=validate.Range(min=1, max=MOST_DAYS)
    )


class HitsOut(ma.Schema):
    """Counts of a rule's recent matches."""

    live = ma.fields.Integer(required=True)
    shadow = ma.fields.Integer(required=True)


class RuleVersionOut(ma.Schema):
    """One version of a rule, without its conditions."""

    id = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    mode = ma.fields.Enum(RuleMode, by_value=True, required=True)
    action = ma.fields.Enum(RuleAction, by_value=True, required=True)
    tag = ma.fields.String(required=True, allow_none=True)
    section = ma.fields.String(required=True, allow_none=True)
    kinds = ma.fields.List(ma.fields.Enum(ConditionKind, by_value=True), required=True)
    entries = ma.fields.Integer(
        required=True, metadata={"description": "Entries of its lists"}
    )
    written_at = ma.fields.AwareDateTime(format="iso", required=True)
    written_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null: the command line"},
    )


class RuleOut(RuleVersionOut):
    """A rule as it stands, without its conditions."""

    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    hits = ma.fields.Nested(HitsOut, required=True)


class ListTrial(ma.Schema):
    """A list's matches among the newest comments."""

    tried = ma.fields.Integer(
        required=True,
        metadata={"description": f"Comments, up to {MAX_NEWEST:,} or somewhat more"},
    )
    caught = ma.fields.Integer(required=True)
    since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "Comments that came from then on were tried"},
    )


class ImportedRule(RuleOut):
    """A rule whose list was imported; `mode` says whether it is on."""

    trial = ma.fields.Nested(ListTrial, required=True)
    left_out = ma.fields.Integer(
        required=True, metadata={"description": "Lines that are no entry"}
    )
    complaints = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        required=True,
        metadata={"description": f"Up to {MAX_COMPLAINTS} of those lines"},
    )


class RuleList(ma.Schema):
    """The rules of a site, the oldest first."""

    rules = ma.fields.List(ma.fields.Nested(RuleOut), required=True)
    days = ma.fields.Integer(
        required=True, metadata={"description": "How far back hits are counted"}
    )


class StandingsOut(ma.Schema):
    """Current statuses of matched comments, and who decided them."""

    approved_by_people = ma.fields.Integer(required=True)
    rejected_by_people = ma.fields.Integer(required=True)
    approved_by_machine = ma.fields.Integer(required=True)
    rejected_by_machine = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)


class RuleWithConditions(RuleVersionOut):
    """A rule as it stands."""

    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    conditions = ma.fields.List(ma.fields.Nested(ConditionOut), required=True)
    standings = ma.fields.Nested(
        StandingsOut,
        required=True,
        metadata={"description": "Of comments that it matched in the last `days`"},
    )


class RuleVersionList(ma.Schema):
    """All that was ever written of a rule, the newest first."""

    versions = ma.fields.List(ma.fields.Nested(RuleVersionOut), required=True)


def _mode(**kwargs: Any) -> ma.fields.Enum[Any]:
    described = (
        "`on`: it decides; `shadow`: what it matches is noted, and nothing is done; "
        "`off`: nothing is asked of it. If left out of a new rule, `off`"
    )
    return ma.fields.Enum(
        RuleMode, by_value=True, metadata={"description": described}, **kwargs
    )


def _action(**kwargs: Any) -> ma.fields.Enum[Any]:
    described = (
        "`hold`: a person looks; `reject`: it stays hidden; `tag`: it is marked; "
        "`raise`, `lower`: a person should look sooner, may look later"
    )
    return ma.fields.Enum(
        RuleAction, by_value=True, metadata={"description": described}, **kwargs
    )


class ImportQuery(_RuleFields):
    """The rule that a list becomes, or the one whose list it replaces."""

    rule = ma.fields.Integer(
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "Whose list of this kind is replaced"},
    )
    version = ma.fields.Integer(
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "Of `rule`, as you saw it; 409 if it has changed"},
    )
    kind = ma.fields.Enum(
        ConditionKind, by_value=True, load_default=ConditionKind.WORDS
    )
    name = PublicLine(longest=100, metadata={"description": "Of a new rule"})
    action = _action(load_default=RuleAction.HOLD)
    mode = _mode(load_default=RuleMode.OFF)
    skip_wrong = ma.fields.Boolean(
        load_default=False,
        metadata={
            "description": "Skip invalid lines, and return them; by default, one "
            "invalid line refuses the whole list"
        },
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _is_whole(self, fields: Mapping[str, Any], **kwargs: object) -> None:
        if "rule" in fields and "version" not in fields:
            raise ma.ValidationError({"version": ["Say which version you saw."]})
        if "rule" not in fields and "name" not in fields:
            raise ma.ValidationError({"name": ["Name the new rule."]})
        if (
            "entries" not in PARTS[fields["kind"]]
            or fields["kind"] is ConditionKind.LANGUAGE
        ):
            raise ma.ValidationError({"kind": ["Has no list that can be imported."]})


class NewRule(_RuleFields):
    """A rule to be written."""

    name = PublicLine(required=True, longest=100)
    mode = _mode(load_default=RuleMode.OFF)
    action = _action(required=True)
    conditions = conditions_field(required=True)


class RuleChange(_RuleFields):
    """Changes of a rule; omitted fields stay."""

    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "The one that you saw; 409 if there is a newer one"},
    )
    name = PublicLine(longest=100)
    mode = _mode()
    action = _action()
    conditions = conditions_field()


def dump_rule_version(entry: RuleEntry) -> dict[str, Any]:
    row, conditions = entry.version, entry.conditions
    return {
        "id": row.rule_id,
        "version": row.number,
        "name": row.name,
        "mode": RuleMode(row.mode),
        "action": RuleAction(row.action),
        "tag": row.tag,
        "section": row.section,
        "kinds": [ConditionKind(each) for each in conditions.kinds.split(",")],
        "entries": conditions.entries + conditions.patterns,
        "written_at": row.created_at,
        "written_by": entry.login,
    }


def dump_rule(entry: RuleEntry) -> dict[str, Any]:
    return {**dump_rule_version(entry), "created_at": entry.rule.created_at}
