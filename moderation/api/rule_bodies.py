"""Rules of a site, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.policy_bodies import MOST_BRAKE_COUNT, MOST_MINUTES
from moderation.policy.brakes import BrakeKind
from moderation.policy.rule_matches import RuleAction
from moderation.rules.backtest import MAX_NEWEST
from moderation.rules.conditions import (
    COUNTED,
    SEARCHING,
    Condition,
    ConditionKind,
    RuleMode,
    SearchedField,
)
from moderation.rules.entries import normalize_entry
from moderation.rules.entry_lists import MAX_COMPLAINTS
from moderation.rules.records import RuleEntry
from moderation.web.fields import (
    LANGUAGE_TAG,
    Line,
    NormalizedEmail,
    PublicLine,
)

MOST_CONDITIONS = 10  # of one rule
MOST_IN_BODY = 5_000  # entries of a list in JSON; a longer one is imported as text
MOST_AUTHORS = 5_000  # ids, names or addresses of one condition
MOST_NUMBER = 1_000_000  # characters or links
MOST_DAYS = 90
LONGEST_ENTRY = 1_000  # characters
WHOLE_NUMBER = 2**31 - 1  # what a database column takes
# Beside `kind`, what a condition of each kind may say.
PARTS: dict[ConditionKind, frozenset[str]] = {
    ConditionKind.WORDS: frozenset({"entries", "field"}),
    ConditionKind.PATTERN: frozenset({"entries", "field"}),
    ConditionKind.DOMAIN: frozenset({"entries"}),
    ConditionKind.LANGUAGE: frozenset({"entries"}),
    ConditionKind.AUTHOR: frozenset({"ids", "names", "emails", "email_indexes"}),
    ConditionKind.LINKS: frozenset({"least", "most"}),
    ConditionKind.LENGTH: frozenset({"least", "most"}),
    ConditionKind.FIRST_COMMENT: frozenset(),
    ConditionKind.RATE: frozenset({"of", "more_than", "minutes"}),
}
#: Parts without which a condition of a kind says nothing; else, any of them will do.
NEEDED: dict[ConditionKind, frozenset[str]] = {
    ConditionKind.WORDS: frozenset({"entries"}),
    ConditionKind.PATTERN: frozenset({"entries"}),
    ConditionKind.RATE: PARTS[ConditionKind.RATE],
}


class ConditionOut(ma.Schema):
    """One condition of a rule."""

    kind = ma.fields.Enum(ConditionKind, by_value=True, required=True)
    entries = ma.fields.List(
        ma.fields.String(),
        required=True,
        allow_none=True,
        metadata={
            "description": f"Null where there are more than {MOST_IN_BODY:,}: then "
            "`…/entries` has them"
        },
    )
    count = ma.fields.Integer(required=True, metadata={"description": "Of `entries`"})
    ids = ma.fields.List(ma.fields.String(), required=True)
    names = ma.fields.List(ma.fields.String(), required=True)
    email_indexes = ma.fields.List(ma.fields.String(), required=True)
    least = ma.fields.Integer(required=True, allow_none=True)
    most = ma.fields.Integer(required=True, allow_none=True)
    field = ma.fields.Enum(
        SearchedField,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "Null: of another kind than `words` and `pattern`"},
    )
    of = ma.fields.Enum(BrakeKind, by_value=True, required=True, allow_none=True)
    more_than = ma.fields.Integer(required=True, allow_none=True)
    minutes = ma.fields.Integer(required=True, allow_none=True)


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
    """Which version of a rule."""

    version = ma.fields.Integer(
        required=True, validate=validate.Range(min=1, max=WHOLE_NUMBER)
    )


class EntriesQuery(ma.Schema):
    """Which version of a rule's lists."""

    version = ma.fields.Integer(
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "The newest if left out"},
    )


class DaysQuery(ma.Schema):
    """How far back hits are counted."""

    days = ma.fields.Integer(
        load_default=7, validate=validate.Range(min=1, max=MOST_DAYS)
    )


class HitsOut(ma.Schema):
    """How often a rule matched of late."""

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
    """What a list would have matched of the newest comments."""

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
    """Where comments stand now, and who decided them."""

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


def _number(description: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=0, max=MOST_NUMBER),
        metadata={"description": description},
    )


class ConditionBody(ma.Schema):
    """One condition of a rule; all conditions of a rule must hold."""

    kind = ma.fields.Enum(
        ConditionKind,
        by_value=True,
        required=True,
        metadata={
            "description": "`words` (and phrases), `pattern` (RE2) and `domain` take "
            "`entries`; `language` takes ISO 639-1 codes as `entries`; `author` takes "
            "`ids`, `names`, `emails`; `length` (characters) and `links` take `least` "
            "and `most`; `first_comment` takes nothing; `rate` takes `of`, "
            "`more_than`, and `minutes`"
        },
    )
    entries = ma.fields.List(
        ma.fields.String(validate=validate.Length(min=1, max=LONGEST_ENTRY)),
        validate=validate.Length(min=1, max=MOST_IN_BODY),
    )
    ids = ma.fields.List(
        PublicLine(longest=255), validate=validate.Length(max=MOST_AUTHORS)
    )
    names = ma.fields.List(
        PublicLine(longest=255), validate=validate.Length(max=MOST_AUTHORS)
    )
    emails = ma.fields.List(
        NormalizedEmail(),
        load_only=True,
        validate=validate.Length(max=MOST_AUTHORS),
        metadata={"description": "Kept as keyed hashes only, never shown again"},
    )
    email_indexes = ma.fields.List(
        ma.fields.String(validate=validate.Regexp(r"^[0-9a-f]{64}$(?!\n)")),
        validate=validate.Length(max=MOST_AUTHORS),
        metadata={"description": "The keyed hashes, to send back what is to stay"},
    )
    least = _number("No fewer than these")
    most = _number("No more than these; null: without end")
    field = ma.fields.Enum(
        SearchedField,
        by_value=True,
        metadata={
            "description": "What words and patterns are searched in: `text` (if left "
            "out), the author's `name`, or `both`, where one of them is enough"
        },
    )
    of = ma.fields.Enum(
        BrakeKind,
        by_value=True,
        validate=validate.OneOf(COUNTED),
        metadata={"description": "Whose comments are counted"},
    )
    more_than = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=MOST_BRAKE_COUNT),
        metadata={"description": "So many may have come, this one included"},
    )
    minutes = ma.fields.Integer(
        strict=True, validate=validate.Range(min=1, max=MOST_MINUTES)
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits_its_kind(self, fields: dict[str, Any], **kwargs: object) -> None:
        kind: ConditionKind = fields["kind"]
        given = {name for name, value in fields.items() if value not in (None, [])}
        surplus = given - PARTS[kind] - {"kind"}
        if surplus:
            complaint = f"Is no part of a condition of the kind {kind}."
            raise ma.ValidationError({name: [complaint] for name in sorted(surplus)})
        missing = NEEDED.get(kind, frozenset()) - given
        if PARTS[kind] and not given - {"kind"} and not missing:
            missing = frozenset(sorted(PARTS[kind])[:1])
        if missing:
            complaints = {name: ["Says nothing yet."] for name in sorted(missing)}
            raise ma.ValidationError(complaints)
        most = fields.get("most")
        if most is not None and most < (fields.get("least") or 0):
            raise ma.ValidationError({"most": ["Must not be under least."]})

    @ma.post_load
    def _clean(self, fields: dict[str, Any], **kwargs: object) -> dict[str, Any]:
        if "entries" not in fields:
            return fields
        kept: dict[str, None] = {}
        complaints: dict[int, list[str]] = {}
        for number, entry in enumerate(fields["entries"]):
            try:
                kept[_cleaned(fields["kind"], entry)] = None
            except ValueError as error:
                complaints[number] = [str(error)]
        if complaints:
            raise ma.ValidationError({"entries": complaints})
        return {**fields, "entries": list(kept)}


def _cleaned(kind: ConditionKind, entry: str) -> str:
    if kind is not ConditionKind.LANGUAGE:
        return normalize_entry(kind, entry)
    if not LANGUAGE_TAG.fullmatch(entry.strip()):
        raise ValueError("Not a valid language tag.")
    return entry.strip().partition("-")[0].lower()


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
            "description": "Leave out lines that are no entry, and name them; "
            "otherwise nothing is taken if there is one"
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


def _conditions(**kwargs: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        ma.fields.Nested(ConditionBody),
        validate=validate.Length(min=1, max=MOST_CONDITIONS),
        metadata={"description": "All of them must hold"},
        **kwargs,
    )


class NewRule(_RuleFields):
    """A rule to be written."""

    name = PublicLine(required=True, longest=100)
    mode = _mode(load_default=RuleMode.OFF)
    action = _action(required=True)
    conditions = _conditions(required=True)


class RuleChange(_RuleFields):
    """What of a rule is to be another; what is left out stays."""

    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=WHOLE_NUMBER),
        metadata={"description": "The one that you saw; 409 if there is a newer one"},
    )
    name = PublicLine(longest=100)
    mode = _mode()
    action = _action()
    conditions = _conditions()


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


def dump_condition(stored: Mapping[str, Any]) -> dict[str, Any]:
    entries = stored.get("entries", [])
    return {
        "kind": ConditionKind(stored["kind"]),
        "entries": entries if len(entries) <= MOST_IN_BODY else None,
        "count": len(entries),
        "ids": stored.get("ids", []),
        "names": stored.get("names", []),
        "email_indexes": stored.get("email_indexes", []),
        "least": stored.get("least"),
        "most": stored.get("most"),
        "field": _field_of(stored),
        **{name: stored.get(name) for name in ("of", "more_than", "minutes")},
    }


def _field_of(stored: Mapping[str, Any]) -> SearchedField | None:
    """Return what a condition searches; None: it searches nothing."""
    if ConditionKind(stored["kind"]) not in SEARCHING:
        return None
    return Condition.read(stored).field
