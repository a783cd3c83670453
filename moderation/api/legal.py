"""A site's duties, its clauses, and statements of reasons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.legal_bodies import (
    LegalSettingsChange,
    LegalSettingsOut,
    NewTerms,
    StatementsOut,
    TermsOut,
    dump_legal_settings,
    dump_listed_statement,
    dump_statement,
    dump_terms,
    read_new_terms,
)
from moderation.authors import standings
from moderation.comments import lookup, statements
from moderation.database import db, start_writing
from moderation.policy.duties import LegalSettings
from moderation.sites import automation_text, legal_settings, terms
from moderation.sites.keys import KeyScope
from moderation.sites.policies import load_policy
from moderation.sites.terms import Terms
from moderation.tables.legal import Statement
from moderation.web.auth import (
    current_person,
    current_site,
    needs_reader,
    needs_site,
    needs_staff,
    readable_sites,
    site_for,
)
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "legal", __name__, url_prefix="/api/v1", description="For sites and staff"
)


@bp.route("/sites/<site>/legal", methods=["GET"])
@needs_staff
@bp.response(200, LegalSettingsOut)
@answers(404)
def read_legal_settings(site: str) -> ResponseReturnValue:
    """Get a site's legal duties."""
    site_id = site_for(Role.MODERATOR, site)
    settings = legal_settings.read_legal_settings(db.session(), site_id)
    return dump_legal_settings(settings)


@bp.route("/sites/<site>/legal", methods=["PUT"])
@needs_staff
@bp.arguments(LegalSettingsChange)
@bp.response(200, LegalSettingsOut)
@answers(400, 404, 413, 415, 422)
def update_legal_settings(wanted: LegalSettings, site: str) -> ResponseReturnValue:
    """Turn legal duties on or off at a site.

    Records are kept either way. It is no legal advice: see docs/law.md.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    legal_settings.update_legal_settings(session, site_id, wanted)
    session.commit()
    return dump_legal_settings(wanted)


@bp.route("/sites/<site>/terms", methods=["GET"])
@needs_staff
@bp.response(200, TermsOut)
@answers(404)
def read_site_terms(site: str) -> ResponseReturnValue:
    """Get a site's current clauses."""
    session, site_id = db.session(), site_for(Role.MODERATOR, site)
    return _shown(session, site_id, terms.load_terms(session, site_id))


@bp.route("/sites/<site>/terms", methods=["PUT"])
@needs_staff
@bp.arguments(NewTerms)
@bp.response(200, TermsOut)
@answers(400, 404, 409, 413, 415, 422)
def update_site_terms(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Store a new version of a site's clauses.

    Statements of reasons name it from then on; earlier ones keep their version.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    stored = terms.update_terms(
        session,
        site_id,
        read_new_terms(fields),
        staff_id=current_person().id,
        seen_version=fields["seen_version"],
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(session, site_id, stored)


@bp.route("/terms", methods=["GET"])
@needs_site(KeyScope.SUBMIT)
@bp.response(200, TermsOut)
def read_terms() -> ResponseReturnValue:
    """Get your current clauses, for your own pages."""
    session, site_id = db.session(), current_site().id
    return _shown(session, site_id, terms.load_terms(session, site_id))


@bp.route("/comments/<comment_id>/statements", methods=["GET"])
@needs_reader(KeyScope.MANAGE)
@bp.response(200, StatementsOut)
@answers(404)
def list_comment_statements(comment_id: str) -> ResponseReturnValue:
    """List the statements of reasons about a comment, the newest first.

    There is one for each rejection since the version that records them.
    """
    session, number = db.session(), comment_number(comment_id)
    comment = lookup.find(session, readable_sites(), number)
    listed = statements.list_of_comment(session, comment.id)
    versions = _versions(session, (one.statement for one in listed))
    return {
        "statements": [
            dump_listed_statement(one, versions[one.statement.terms_id])
            for one in listed
        ]
    }


@bp.route("/authors/<int(max=2147483647):author_id>/statements", methods=["GET"])
@needs_staff
@bp.response(200, StatementsOut)
@answers(404)
def list_author_statements(author_id: int) -> ResponseReturnValue:
    """List the statements of reasons about an author's suspensions and bans."""
    session, site_ids = db.session(), current_person().site_ids(Role.MODERATOR)
    author = standings.find(session, site_ids, author_id)
    rows = statements.list_of_author(session, author.id)
    versions = _versions(session, rows)
    return {"statements": [dump_statement(row, versions[row.terms_id]) for row in rows]}


def _versions(session: Session, rows: Iterable[Statement]) -> dict[int, Terms]:
    ids = {row.terms_id for row in rows}
    return {one: terms.get_terms(session, one) for one in ids}


def _shown(session: Session, site_id: int, stored: Terms) -> dict[str, Any]:
    policy = load_policy(session, site_id)
    return dump_terms(stored, automation_text.describe(policy))
