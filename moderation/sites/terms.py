"""A site's clauses for its readers, in versions: statements name the version.

Where a site has written none, the default texts are stored as its first version when
the first restriction needs one.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import InvalidFields, StaleSettings
from moderation.languages.registry import DEFAULT, TextPart, offered, read_own
from moderation.policy.categories import LegalCategory
from moderation.tables.legal import SiteTerms

Texts = Mapping[str, str]  # language code to text

FALLBACK = "other"  # the clause of a code that has none
#: A code that moderators, authors, or pages use, and whose clause another one has.
SHARED = {"test": "bot", "shadow_banned": "banned", "restricted_address": "suspended"}


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A house rule that a restriction can rest on."""

    texts: Texts
    number: str | None = None  #: in the site's terms
    #: where it is counted; None: as `policy.categories.CLAUSES_OF`
    category: LegalCategory | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the clause as it is stored."""
        stored: dict[str, Any] = {"texts": dict(self.texts), "number": self.number}
        if self.category is not None:
            stored["category"] = self.category.category
            stored["keyword"] = self.category.keyword
        return stored

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Clause:
        """Return a clause from its stored JSON."""
        category = None
        if stored.get("category"):
            category = LegalCategory(stored["category"], stored["keyword"])
        return cls(
            texts=stored["texts"], number=stored.get("number"), category=category
        )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of a site's clauses."""

    clauses: Mapping[str, Clause]  #: by code
    redress: Texts  #: what an author or a notifier can do against a decision
    url: str | None = None  #: of the site's whole terms
    version: int | None = None  #: None: the defaults, not stored yet
    id: int | None = None

    def clause_of(self, code: str) -> Clause:
        """Return the clause for a reason."""
        found = self.clauses.get(code) or self.clauses.get(SHARED.get(code, FALLBACK))
        return found or self.clauses[FALLBACK]


@functools.cache
def default_terms() -> Terms:
    """Return the clauses of a site that has written none."""
    stored = {
        language: read_own(language, TextPart.TERMS)
        for language in offered(TextPart.TERMS)
    }
    codes = stored[DEFAULT]["clauses"]
    return Terms(
        clauses={
            code: Clause(
                texts={
                    language: own["clauses"][code]
                    for language, own in stored.items()
                    if code in own.get("clauses", {})
                }
            )
            for code in codes
        },
        redress={
            language: own["redress"]
            for language, own in stored.items()
            if "redress" in own
        },
    )


def read_terms(row: SiteTerms) -> Terms:
    """Return the clauses of a stored version."""
    body = row.body
    clauses = {code: Clause.read(one) for code, one in body["clauses"].items()}
    return Terms(
        clauses=clauses,
        redress=body["redress"],
        url=body.get("url"),
        version=row.version,
        id=row.id,
    )


def load_terms(session: Session, site_id: int) -> Terms:
    """Return a site's current clauses."""
    row = session.scalar(_newest(site_id))
    return default_terms() if row is None else read_terms(row)


def get_terms(session: Session, terms_id: int) -> Terms:
    """Return the clauses of one version."""
    return read_terms(session.get_one(SiteTerms, terms_id))


def ensure_terms(session: Session, site_id: int, now: datetime) -> Terms:
    """Return a site's current clauses, stored: the defaults, where there are none."""
    row = session.scalar(_newest(site_id))
    if row is None:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insert = (sqlite.insert if is_sqlite else postgresql.insert)(SiteTerms)
        values = _columns(site_id, 1, default_terms(), now, None)
        # Another process may store them at this moment: then theirs are read.
        session.execute(insert.values(values).on_conflict_do_nothing())
        row = session.scalars(_newest(site_id)).one()
    return read_terms(row)


def update_terms(
    session: Session,
    site_id: int,
    terms: Terms,
    *,
    staff_id: int | None,
    seen_version: int | None,
    now: datetime,
) -> Terms:
    """Store a further version of a site's clauses; restrictions name it from then on.

    Codes that are left out keep their default texts.

    Parameters
    ----------
    seen_version
        The version that the change is based on; None: the defaults.

    Raises
    ------
    StaleSettings
        If another version was stored since.
    InvalidFields
        If a code is unknown.
    """
    defaults = default_terms()
    _refuse_unknown(terms.clauses, defaults.clauses)
    newest = session.scalar(_newest(site_id).with_for_update())
    if (newest.version if newest else None) != seen_version:
        raise StaleSettings
    version = (newest.version if newest else 0) + 1
    whole = replace(
        terms,
        clauses={**defaults.clauses, **terms.clauses},
        redress=terms.redress or defaults.redress,
    )
    row = SiteTerms(**_columns(site_id, version, whole, now, staff_id))
    session.add(row)
    session.flush()
    record(
        session,
        AuditAction.TERMS_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        version=version,
        clauses=sorted(terms.clauses),
    )
    return read_terms(row)


def text_in(texts: Texts, languages: Collection[str]) -> tuple[str, str]:
    """Return a text with its language: the first that it has, else English, else any.

    >>> text_in({"de": "Nein.", "en": "No."}, ["fr", "de"])
    ('Nein.', 'de')
    """
    preferred = [*languages, "en", *sorted(texts)]
    language = next(one for one in preferred if one in texts)
    return texts[language], language


def _newest(site_id: int) -> sa.Select[SiteTerms]:
    return (
        sa.select(SiteTerms)
        .where(SiteTerms.site_id == site_id)
        .order_by(SiteTerms.version.desc())
        .limit(1)
    )


def _columns(
    site_id: int, version: int, terms: Terms, now: datetime, staff_id: int | None
) -> dict[str, Any]:
    clauses = {code: clause.as_json() for code, clause in terms.clauses.items()}
    return {
        "site_id": site_id,
        "version": version,
        "body": {
            "clauses": clauses,
            "redress": dict(terms.redress),
            "url": terms.url,
        },
        "created_at": now,
        "staff_id": staff_id,
    }


def _refuse_unknown(codes: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(codes) - set(known))
    if unknown:
        complaint = f"Unknown codes: {', '.join(unknown)}."
        raise InvalidFields({"clauses": [complaint]})
