"""Persons whose data a site holds: named, corrected, erased, and their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.comments.erasure import ErasureMode
from moderation.errors import InvalidFields
from moderation.subjects import links
from moderation.subjects.erasure import ErasureState
from moderation.subjects.page import LANGUAGES
from moderation.subjects.person import PersonQuery
from moderation.subjects.rectification import Rectification
from moderation.tables.subjects import PersonErasure
from moderation.web.fields import Line, NormalizedEmail, PublicLine, WebAddress
from moderation.web.parsing import flatten

NAMING = ("email", "author_id", "author")
#: Answers of the law within a month (GDPR Article 12(3)).
ANSWERED_WITHIN = timedelta(days=30)


class PersonNamed(ma.Schema):
    """A person: exactly one of the three."""

    email = NormalizedEmail(
        metadata={"description": "A whole address; it is neither stored nor logged"}
    )
    author_id = Line(
        longest=255, metadata={"description": "The site's own ID of the author"}
    )
    author = ma.fields.Integer(
        strict=True,
        validate=validate.Range(1, 2147483647),
        metadata={"description": "Number of an author's record"},
    )

    @ma.validates_schema
    def _name_one(self, fields: Mapping[str, Any], **_: Any) -> None:
        if sum(name in fields for name in NAMING) != 1:
            told = "Give exactly one of email, author_id, and author."
            raise ma.ValidationError(told, "email")


class PersonFormat(PersonNamed):
    """Whose data, and as what."""

    language = ma.fields.String(
        validate=validate.OneOf(LANGUAGES),
        load_default=LANGUAGES[0],
        metadata={"description": "Of the page"},
    )


def _rows(description: str) -> ma.fields.List[Any]:
    metadata = {"description": description}
    return ma.fields.List(ma.fields.Dict(), required=True, metadata=metadata)


class PersonExport(ma.Schema):
    """All that a site holds of a person, with the email address in clear."""

    format = ma.fields.String(required=True)
    site = ma.fields.String(required=True)
    made_at = ma.fields.String(required=True)
    person = ma.fields.Dict(
        required=True, metadata={"description": "Names, addresses, and identifiers"}
    )
    authors = _rows("Author records, with what staff decided and noted")
    comments = _rows("With earlier texts, scores, decisions, reports, and appeals")
    reports_made = _rows("About comments of others")
    notices_made = _rows("That comments are illegal, with what was decided")
    address_revealed = _rows("Who saw the email address, when, and why")
    models_trained_on_comments = _rows("Models, without texts")
    recipients = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Hosts that receive events about comments"},
    )
    kept_for_days = ma.fields.Dict(
        required=True,
        metadata={"description": "By class of data; null: until it is erased"},
    )


class PersonSummary(ma.Schema):
    """Counts of a site's data about a person."""

    authors = ma.fields.List(
        ma.fields.Integer(),
        required=True,
        metadata={"description": "Numbers of author records"},
    )
    comments = ma.fields.Integer(required=True)
    under_legal_hold = ma.fields.Integer(
        required=True, metadata={"description": "Comments that an erasure leaves"}
    )
    reports_made = ma.fields.Integer(required=True)
    models = _rows("Trained on the person's comments")


class NewPersonLink(PersonNamed):
    """For whom, and until when."""

    days = ma.fields.Integer(
        strict=True,
        validate=validate.Range(1, links.MAX_DAYS),
        load_default=links.LASTS.days,
    )


class PersonLinkOut(ma.Schema):
    """A link that opens all data of a person; it is shown once."""

    url = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(format="iso", required=True)


class PersonCorrection(PersonNamed):
    """Corrected values; omitted ones stay."""

    right_name = PublicLine(longest=255)
    right_link = WebAddress()
    right_email = NormalizedEmail()

    @ma.validates_schema
    def _correct_something(self, fields: Mapping[str, Any], **_: Any) -> None:
        if not correction_of(fields).fields:
            told = "Give at least one of right_name, right_link, and right_email."
            raise ma.ValidationError(told, "right_name")


class PersonCorrected(ma.Schema):
    """The number of corrected comments."""

    comments = ma.fields.Integer(required=True)


class NewErasure(PersonNamed):
    """The person to erase, and the way."""

    mode = ma.fields.Enum(
        ErasureMode,
        by_value=True,
        metadata={
            "description": "`anonymize` keeps published texts without a name; left "
            "out: as the site's settings say"
        },
    )
    retrain = ma.fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Queue the retraining that forgets"},
    )


class ErasureAnswer(ma.Schema):
    """An admin's answer to a person's request."""

    allow = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    mode = ma.fields.Enum(ErasureMode, by_value=True)
    reason = Line(
        longest=500,
        metadata={"description": "Why it is refused; kept in the audit log"},
    )

    @ma.validates_schema
    def _explain(self, fields: Mapping[str, Any], **_: Any) -> None:
        if not fields.get("allow", True) and "reason" not in fields:
            raise ma.ValidationError("Say why it is refused.", "reason")


class ErasureOut(ma.Schema):
    """A request to erase a person's data, without a word about who it is."""

    id = ma.fields.Integer(required=True)
    state = ma.fields.Enum(ErasureState, by_value=True, required=True)
    mode = ma.fields.Enum(ErasureMode, by_value=True, required=True)
    is_by_person = ma.fields.Boolean(
        required=True, metadata={"description": "Made through a person's own link"}
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "A month after: GDPR Article 12(3)"},
    )
    finished_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    asked_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    receipt = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Signed; null: it isn't done"},
    )


class ErasureList(ma.Schema):
    """Requests of a site, the newest first."""

    erasures = ma.fields.List(ma.fields.Nested(ErasureOut), required=True)


class ReceiptIn(ma.Schema):
    """A receipt to be checked."""

    receipt = ma.fields.Dict(required=True)


class ReceiptChecked(ma.Schema):
    """The result of checking a receipt."""

    is_authentic = ma.fields.Boolean(
        required=True, metadata={"description": "It is as it was signed"}
    )
    is_sound = ma.fields.Boolean(
        required=True, metadata={"description": "And the database agrees"}
    )
    remains = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Remaining rows in the database, up to 20"},
    )
    models = _rows("Trained on an erased comment")


def query_of(fields: Mapping[str, Any]) -> PersonQuery:
    """Return how a body names a person."""
    return PersonQuery(**{name: fields[name] for name in NAMING if name in fields})


def correction_of(fields: Mapping[str, Any]) -> Rectification:
    """Return what a body corrects."""
    return Rectification(
        name=fields.get("right_name"),
        link=fields.get("right_link"),
        email=fields.get("right_email"),
    )


def load(schema: ma.Schema, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, as the API would read it.

    Raises
    ------
    InvalidFields
        Naming what is wrong, without repeating it.
    """
    given = {name: value for name, value in typed.items() if value is not None}
    try:
        fields: dict[str, Any] = schema.load(given)
    except ma.ValidationError as error:
        raise InvalidFields(flatten(error.messages)) from None
    return fields


def dump_erasure(row: PersonErasure, username: str | None) -> dict[str, Any]:
    """Return a request as it is shown."""
    return {
        "id": row.id,
        "state": ErasureState(row.state),
        "mode": ErasureMode(row.mode),
        "is_by_person": row.is_by_person,
        "created_at": row.created_at,
        "due_at": row.created_at + ANSWERED_WITHIN,
        "finished_at": row.finished_at,
        "asked_by": username,
        "receipt": row.receipt,
    }
