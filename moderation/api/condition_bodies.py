"""The conditions of a rule, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.policy_bodies import MOST_BRAKE_COUNT, MOST_MINUTES
from moderation.policy.brakes import BrakeKind
from moderation.rules.conditions import (
    COUNTED,
    SEARCHING,
    Condition,
    ConditionKind,
    SearchedField,
)
from moderation.rules.entries import normalize_entry
from moderation.web.fields import LANGUAGE_TAG, NormalizedEmail, PublicLine

MOST_CONDITIONS = 10  # of one rule
MOST_IN_BODY = 5_000  # entries of a list in JSON; a longer one is imported as text
MOST_AUTHORS = 5_000  # ids, names or addresses of one condition
MOST_NUMBER = 1_000_000  # characters or links
LONGEST_ENTRY = 1_000  # characters
# Next to `kind`, what a condition of each kind may say.
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
        ma.fields.String(
            validate=validate.Regexp(
                r"^([0-9a-f]{64}|[0-9a-f]{8}\.[0-9a-f]{55})$(?!\n)"
            )
        ),
        validate=validate.Length(max=MOST_AUTHORS),
        metadata={"description": "The keyed hashes; send those back that shall stay"},
    )
    least = _number("No fewer than these")
    most = _number("No more than these; null: without end")
    field = ma.fields.Enum(
        SearchedField,
        by_value=True,
        metadata={
            "description": "Where words and patterns are searched: `text` (default), "
            "the author's `name`, or `both`, where one match is enough"
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


def conditions_field(**kwargs: Any) -> ma.fields.List[Any]:
    return ma.fields.List(
        ma.fields.Nested(ConditionBody),
        validate=validate.Length(min=1, max=MOST_CONDITIONS),
        metadata={"description": "All of them must hold"},
        **kwargs,
    )


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
        "of": BrakeKind(stored["of"]) if "of" in stored else None,
        **{name: stored.get(name) for name in ("more_than", "minutes")},
    }


def _field_of(stored: Mapping[str, Any]) -> SearchedField | None:
    """Return what a condition searches; None: it searches nothing."""
    if ConditionKind(stored["kind"]) not in SEARCHING:
        return None
    return Condition.read(stored).field
