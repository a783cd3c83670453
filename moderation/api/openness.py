"""Openness of articles for comments, and house rules for authors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.api.openness_bodies import (
    HouseRulesOut,
    OpennessChange,
    OpennessOut,
    OpennessQuery,
    openness_json,
)
from moderation.comments import article_openness
from moderation.database import db, start_writing
from moderation.errors import InvalidFields
from moderation.sites import sites
from moderation.sites.keys import KeyScope
from moderation.sites.policies import load_house_rules
from moderation.sites.sites import SiteContext
from moderation.web.auth import current_site, needs_site, needs_staff, site_for
from moderation.web.fields import PublicLine
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "openness", __name__, url_prefix="/api/v1", description="For sites and staff"
)

article_name = PublicLine(longest=2048)  # as in `NewComment`

ARTICLE = {
    "in": "path",
    "name": "article",
    "required": True,
    "schema": {"type": "string"},
    "description": "As sent with its comments, percent-encoded",
}


@bp.route("/articles/<path:article>/openness", methods=["GET"], parameters=[ARTICLE])
@needs_site(KeyScope.SUBMIT)
@bp.arguments(OpennessQuery, location="query")
@bp.response(200, OpennessOut)
@answers(422)
def read_openness(query: dict[str, Any], article: str) -> ResponseReturnValue:
    """Get whether an article takes comments now, to show or hide the form."""
    found = article_openness.read_openness(
        db.session(),
        current_site(),
        _reference(article),
        datetime.now(UTC),
        section=query.get("section"),
    )
    return openness_json(found)


@bp.route("/articles/<path:article>/openness", methods=["PUT"], parameters=[ARTICLE])
@needs_site(KeyScope.MANAGE)
@bp.arguments(OpennessChange)
@bp.response(200, OpennessOut)
@answers(400, 413, 415, 422)
def set_openness(fields: dict[str, Any], article: str) -> ResponseReturnValue:
    """Close an article for comments, open it, or leave it to the policy.

    Also one that has no comments yet.
    """
    session = db.session()
    start_writing(session)
    found = article_openness.set_openness(
        session,
        current_site(),
        _reference(article),
        fields["setting"],
        now=datetime.now(UTC),
        is_adding=True,
    )
    session.commit()
    return openness_json(found)


@bp.route(
    "/sites/<site>/articles/<path:article>/openness",
    methods=["GET"],
    parameters=[ARTICLE],
)
@needs_staff
@bp.response(200, OpennessOut)
@answers(404, 422)
def read_openness_as_staff(site: str, article: str) -> ResponseReturnValue:
    """Get whether an article takes comments now; for staff."""
    session = db.session()
    context = _site_for_staff(session, site)
    reference = _reference(article)
    found = article_openness.read_openness(
        session, context, reference, datetime.now(UTC)
    )
    return openness_json(found)


@bp.route(
    "/sites/<site>/articles/<path:article>/openness",
    methods=["PUT"],
    parameters=[ARTICLE],
)
@needs_staff
@bp.arguments(OpennessChange)
@bp.response(200, OpennessOut)
@answers(400, 404, 413, 415, 422)
def set_openness_as_staff(
    fields: dict[str, Any], site: str, article: str
) -> ResponseReturnValue:
    """Close an article for comments, open it, or leave it to the policy; for staff."""
    session = db.session()
    start_writing(session)
    found = article_openness.set_openness(
        session,
        _site_for_staff(session, site),
        _reference(article),
        fields["setting"],
        now=datetime.now(UTC),
    )
    session.commit()
    return openness_json(found)


@bp.route("/house-rules", methods=["GET"])
@needs_site(KeyScope.SUBMIT)
@bp.response(200, HouseRulesOut)
def read_house_rules() -> ResponseReturnValue:
    """Get the site's rules for authors, to show next to its form."""
    return {"house_rules": load_house_rules(db.session(), current_site().id)}


def _site_for_staff(session: Session, name: str) -> SiteContext:
    context = sites.find_by_id(session, site_for(Role.MODERATOR, name))
    assert context is not None  # noqa: S101 - the person has a role there
    return context


def _reference(article: str) -> str:
    try:
        return str(article_name.deserialize(article))
    except ma.ValidationError as error:
        raise InvalidFields(
            {"article": [str(each) for each in error.messages]}
        ) from None
