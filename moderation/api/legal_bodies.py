"""A site's legal settings, its clauses, and statements of reasons, in and out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.comments.statements import (
    COMPLAINT_PERIOD,
    LegalBasis,
    ListedStatement,
)
from moderation.policy.categories import (
    CATEGORIES,
    KEYWORDS,
    OTHER_KEYWORD,
    TERMS_ONLY,
    LegalCategory,
)
from moderation.policy.duties import Duty, HostingKind, LegalSettings
from moderation.policy.provenance import Automation, Exemption, Finder, Ground
from moderation.policy.provenance import Restriction as RestrictionKind
from moderation.sites.terms import Clause, Terms
from moderation.tables.legal import Statement
from moderation.web.fields import (
    LANGUAGE_TAG,
    CommentId,
    CommentText,
    PublicLine,
    WebAddress,
)

MAX_CLAUSE_BYTES = 2_000
MAX_REDRESS_BYTES = 5_000
MAX_EXPLANATION_BYTES = 2_000
MAX_GROUND_LENGTH = 500  # characters, as in the European database
ALL_KEYWORDS = sorted({name for names in KEYWORDS.values() for name in names})
NO_ADVICE = "Records and arithmetic, no legal advice: see docs/law.md"


def texts_field(most_bytes: int, **kwargs: Any) -> ma.fields.Dict:
    """Return a field of texts by language."""
    return ma.fields.Dict(
        keys=ma.fields.String(
            validate=validate.Regexp(f"^{LANGUAGE_TAG.pattern}$(?!\\n)")
        ),
        values=CommentText(most_bytes=most_bytes),
        validate=validate.Length(max=20),
        **kwargs,
    )


class LegalSettingsBody(ma.Schema):
    """A site's own statements for the law."""

    kind = ma.fields.Enum(
        HostingKind,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": f"null: no duty is on. {NO_ADVICE}"},
    )
    is_small = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "A micro or small enterprise: under 50 people, and up to "
            "10 million euros a year, the whole group counted"
        },
    )
    voluntary = ma.fields.List(
        ma.fields.Enum(Duty, by_value=True),
        load_default=list,
        validate=validate.Length(max=len(Duty)),
        metadata={"description": "Duties that the site takes on by choice"},
    )


class LegalSettingsChange(LegalSettingsBody):
    """New statements of a site for the law."""

    @ma.post_load
    def _make(self, fields: dict[str, Any], **kwargs: object) -> LegalSettings:
        return LegalSettings(
            kind=fields["kind"],
            is_small=fields["is_small"],
            voluntary=frozenset(fields["voluntary"]),
        )


class LegalSettingsOut(LegalSettingsBody):
    """A site's statements for the law, and the duties that follow."""

    duties = ma.fields.List(
        ma.fields.Enum(Duty, by_value=True),
        required=True,
        metadata={"description": "All that is on"},
    )


class ClauseBody(ma.Schema):
    """A house rule that restrictions can rest on."""

    texts = texts_field(
        MAX_CLAUSE_BYTES,
        required=True,
        metadata={"description": "Language code to text"},
    )
    number = PublicLine(
        load_default=None,
        allow_none=True,
        longest=31,
        metadata={"description": "In your terms, such as `4.2`"},
    )
    category = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(CATEGORIES)
    )
    keyword = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(ALL_KEYWORDS)
    )

    @ma.validates_schema
    def _has_keyword(self, fields: dict[str, Any], **kwargs: object) -> None:
        refuse_foreign_keyword(fields)


class NewTerms(ma.Schema):
    """A further version of a site's clauses."""

    seen_version = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The version that you changed; null: the defaults"},
    )
    clauses = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(ClauseBody),
        required=True,
        validate=validate.Length(max=40),
        metadata={"description": "Reason code to clause; others keep their default"},
    )
    redress = texts_field(
        MAX_REDRESS_BYTES,
        load_default=dict,
        metadata={
            "description": "How authors and notifiers can contest a decision, by "
            "language; empty: the default text"
        },
    )
    url = WebAddress(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of your whole terms"},
    )


class TermsOut(ma.Schema):
    """A site's clauses."""

    version = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: the defaults"}
    )
    clauses = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(ClauseBody), required=True
    )
    redress = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True
    )
    url = ma.fields.String(required=True, allow_none=True)
    automation = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={
            "description": "A paragraph about automated moderation for your terms, "
            "made from the current policy, by language"
        },
    )


class ClauseNamed(ma.Schema):
    """The clause that a statement names, as it was then."""

    texts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True
    )
    number = ma.fields.String(required=True, allow_none=True)
    terms_version = ma.fields.Integer(required=True)


class StatementOut(ma.Schema):
    """A statement of reasons (DSA Art. 17)."""

    id = ma.fields.Integer(required=True)
    comment = CommentId(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    restriction = ma.fields.Enum(RestrictionKind, by_value=True, required=True)
    ends_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    ground = ma.fields.Enum(Ground, by_value=True, required=True)
    code = ma.fields.String(required=True, metadata={"description": "Main reason"})
    clause = ma.fields.Nested(ClauseNamed, required=True)
    category = ma.fields.String(
        required=True,
        metadata={"description": "The part after `STATEMENT_CATEGORY_`"},
    )
    keyword = ma.fields.String(
        required=True, metadata={"description": "The part after `KEYWORD_`"}
    )
    legal_ground = ma.fields.String(required=True, allow_none=True)
    explanation = ma.fields.String(required=True, allow_none=True)
    is_manifest = ma.fields.Boolean(
        required=True, metadata={"description": "Manifestly illegal, says a moderator"}
    )
    finder = ma.fields.Enum(Finder, by_value=True, required=True)
    is_found_automatically = ma.fields.Boolean(required=True, allow_none=True)
    automation = ma.fields.Enum(
        Automation,
        by_value=True,
        required=True,
        metadata={"description": "How far automated means were used in deciding"},
    )
    shown = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "The information that the moderator saw: `held_for`, "
            "`scores`, `is_blind`, `in_bulk`; null: no moderator decided"
        },
    )
    exemption = ma.fields.Enum(
        Exemption,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "Why its author need not be sent it; null: is owed"},
    )
    is_withdrawn = ma.fields.Boolean(
        required=True, metadata={"description": "Its decision was undone"}
    )
    redress = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(), required=True
    )
    complain_until = ma.fields.AwareDateTime(format="iso", required=True)


class StatementsOut(ma.Schema):
    """Statements of reasons, the newest first."""

    statements = ma.fields.List(ma.fields.Nested(StatementOut), required=True)


class LegalBasisBody(ma.Schema):
    """A moderator's addition to the reasons of a rejection."""

    legal_ground = PublicLine(
        load_default=None,
        allow_none=True,
        longest=MAX_GROUND_LENGTH,
        metadata={"description": "Which law; without it, the house rules are named"},
    )
    explanation = CommentText(
        load_default=None,
        allow_none=True,
        most_bytes=MAX_EXPLANATION_BYTES,
        metadata={
            "description": "Why, for the author; email addresses in it are masked"
        },
    )
    category = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(CATEGORIES)
    )
    keyword = ma.fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(ALL_KEYWORDS)
    )
    is_manifest = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "It is manifestly illegal (DSA Art. 23)"},
    )

    @ma.validates_schema
    def _has_keyword(self, fields: dict[str, Any], **kwargs: object) -> None:
        refuse_foreign_keyword(fields)
        if fields.get("legal_ground") and fields.get("category") == TERMS_ONLY:
            raise ma.ValidationError({"category": ["No law is counted there."]})


def read_basis(fields: dict[str, Any] | None, **more: Any) -> LegalBasis:
    """Return what a moderator adds to the reasons of a rejection.

    Parameters
    ----------
    more
        Further fields of it.
    """
    if fields is None:
        return LegalBasis(**more)
    return LegalBasis(
        legal_ground=fields["legal_ground"],
        explanation=fields["explanation"],
        category=read_category(fields),
        is_manifest=fields["is_manifest"],
        **more,
    )


def refuse_foreign_keyword(fields: dict[str, Any]) -> None:
    """Refuse a keyword that the category doesn't have.

    Raises
    ------
    marshmallow.ValidationError
        If so.
    """
    known = KEYWORDS.get(fields.get("category") or "", ())
    if fields.get("keyword") is not None and fields["keyword"] not in known:
        raise ma.ValidationError({"keyword": ["The category has no such keyword."]})


def read_category(fields: dict[str, Any]) -> LegalCategory | None:
    """Return the category that a body names, if it names one."""
    if fields["category"] is None:
        return None
    return LegalCategory(fields["category"], fields["keyword"] or OTHER_KEYWORD)


def read_new_terms(fields: dict[str, Any]) -> Terms:
    """Return the clauses that a body brings."""
    clauses = {
        code: Clause(
            texts=one["texts"], number=one["number"], category=read_category(one)
        )
        for code, one in fields["clauses"].items()
    }
    return Terms(clauses=clauses, redress=fields["redress"], url=fields["url"])


def dump_legal_settings(settings: LegalSettings) -> dict[str, Any]:
    """Return a site's settings, and the duties that are on."""
    return {
        "kind": settings.kind,
        "is_small": settings.is_small,
        "voluntary": sorted(settings.voluntary),
        "duties": [duty for duty in Duty if settings.is_on(duty)],
    }


def dump_terms(terms: Terms, automation: dict[str, str]) -> dict[str, Any]:
    """Return a site's clauses."""
    return {
        "version": terms.version,
        "clauses": {
            code: {
                "texts": clause.texts,
                "number": clause.number,
                "category": clause.category and clause.category.category,
                "keyword": clause.category and clause.category.keyword,
            }
            for code, clause in terms.clauses.items()
        },
        "redress": terms.redress,
        "url": terms.url,
        "automation": automation,
    }


def dump_statement(
    statement: Statement, terms: Terms, *, is_withdrawn: bool = False
) -> dict[str, Any]:
    """Return a statement with the clause that it names."""
    clause = terms.clause_of(statement.code)
    columns = {
        column.key: getattr(statement, column.key)
        for column in Statement.__table__.columns
    }
    return {
        **columns,
        "comment": statement.comment_id,
        "restriction": RestrictionKind(statement.restriction),
        "ground": Ground(statement.ground),
        "finder": Finder(statement.finder),
        "automation": Automation(statement.automation),
        "exemption": statement.exemption and Exemption(statement.exemption),
        "clause": {
            "texts": clause.texts,
            "number": clause.number,
            "terms_version": terms.version,
        },
        "redress": terms.redress,
        "complain_until": statement.created_at + COMPLAINT_PERIOD,
        "is_withdrawn": is_withdrawn,
    }


def dump_listed_statement(listed: ListedStatement, terms: Terms) -> dict[str, Any]:
    """Return a statement, and whether its decision still applies."""
    return dump_statement(listed.statement, terms, is_withdrawn=listed.is_withdrawn)
