"""Retention periods of a site's data, and legal holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.retention_bodies import (
    DueCounts,
    HoldList,
    HoldListQuery,
    HoldOut,
    NewHold,
    RetentionIn,
    RetentionOut,
    dump_hold,
    dump_retention,
)
from moderation.comments import holds, lookup
from moderation.comments.articles import find_article
from moderation.comments.holds import HoldDraft, ListedHold
from moderation.database import db, start_writing
from moderation.errors import InvalidFields, NotFound
from moderation.sites import sites
from moderation.subjects import clocks, retention
from moderation.tables.comments import Article
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "retention", __name__, url_prefix="/api/v1", description="For admins"
)
RETENTION = "/sites/<site>/retention"
HOLDS = "/sites/<site>/holds"


@bp.route(RETENTION, methods=["GET"])
@needs_staff
@bp.response(200, RetentionOut)
@answers(403, 404)
def read_retention(site: str) -> ResponseReturnValue:
    """Get a site's retention periods."""
    site_id = site_for(Role.ADMIN, site)
    return dump_retention(clocks.read_clocks(db.session(), site_id))


@bp.route(RETENTION, methods=["PATCH"])
@needs_staff
@bp.arguments(RetentionIn)
@bp.response(200, RetentionOut)
@answers(400, 403, 404, 413, 415, 422)
def update_retention(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Set a site's retention periods; a worker applies them within a day.

    What is deleted can't be restored: count it first.
    """
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    start_writing(session)
    changed = clocks.update_clocks(
        session,
        site_id,
        {clock["data"]: clock["days"] for clock in fields["clocks"]},
        fields.get("mode"),
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return dump_retention(changed)


@bp.route(f"{RETENTION}/due", methods=["GET"])
@needs_staff
@bp.response(200, DueCounts)
@answers(403, 404)
def count_due_data(site: str) -> ResponseReturnValue:
    """Count the data that a site's retention periods would delete now."""
    site_id = site_for(Role.ADMIN, site)
    counts = retention.count_due(db.session(), site_id, datetime.now(UTC))
    return {"due": [{"data": each, "count": count} for each, count in counts.items()]}


@bp.route(HOLDS, methods=["GET"])
@needs_staff
@bp.arguments(HoldListQuery, location="query")
@bp.response(200, HoldList)
@answers(403, 404, 422)
def list_holds(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """List a site's current legal holds, or those on a comment."""
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    comment = None
    if "comment" in query:
        comment = lookup.find(session, [site_id], query["comment"])
    rows = holds.list_holds(session, site_id, datetime.now(UTC), comment=comment)
    return {"holds": [_shown(row) for row in rows]}


@bp.route(HOLDS, methods=["POST"])
@needs_staff
@bp.arguments(NewHold)
@bp.response(201, HoldOut)
@answers(400, 403, 404, 413, 415, 422)
def place_hold(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Put a comment, or all comments of an article, under a legal hold.

    Until it is lifted, no clock, no erasure, and no request of the site deletes them.
    """
    session, now = db.session(), datetime.now(UTC)
    site_id = site_for(Role.ADMIN, site)
    until = fields.get("until")
    if until is not None and until <= now:
        raise InvalidFields({"until": ["Must lie ahead."]})
    start_writing(session)
    comment = article = None
    if "comment" in fields:
        comment = lookup.find(session, [site_id], fields["comment"])
    else:
        article = _find_article(site, fields["article"])
    draft = HoldDraft(
        comment=comment,
        article=article,
        reason=fields["reason"],
        until=until,
        staff_id=current_person().id,
    )
    hold = holds.place(session, site_id, draft, now)
    session.commit()
    reference = article.reference if article else None
    listed = ListedHold(hold=hold, comment_id=hold.comment_id, article=reference)
    return _shown(listed)


@bp.route(f"{HOLDS}/<int(max=2147483647):hold_id>", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(403, 404)
def lift_hold(site: str, hold_id: int) -> None:
    """Lift a legal hold; the retention periods apply again."""
    session, site_id = db.session(), site_for(Role.ADMIN, site)
    start_writing(session)
    holds.lift(session, site_id, hold_id, current_person().id, datetime.now(UTC))
    session.commit()


def _find_article(site: str, reference: str) -> Article:
    session = db.session()
    found = find_article(session, sites.get_by_name(session, site), reference)
    article = None if found is None else session.get(Article, found)
    if article is None:
        raise NotFound("There is no such article.")
    return article


def _shown(listed: ListedHold) -> dict[str, Any]:
    username = staff.find_login(db.session(), listed.hold.created_by)
    return dump_hold(listed, username)
