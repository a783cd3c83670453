"""Authors' reactions to nudges: counted by pages, read by leads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.insights_bodies import DayRange
from moderation.api.nudge_bodies import (
    NudgeReaction,
    NudgesOut,
    dump_nudges,
)
from moderation.database import db, start_writing
from moderation.insights import nudge_effects
from moderation.sites.keys import KeyScope
from moderation.web import cors
from moderation.web.auth import current_site, needs_site, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.web.site_keys import limit_page

bp = StrictBlueprint(
    "nudges", __name__, url_prefix="/api/v1", description="For sites and leads"
)


@bp.route("/nudges", methods=["POST"])
@needs_site(KeyScope.SCORE)
@bp.arguments(NudgeReaction)
@bp.response(204)
@answers(400, 413, 415, 422, 429)
def count_nudge(fields: dict[str, Any]) -> None:
    """Count an author's reaction to a nudge; no text and no person is stored.

    A browser key may be used: the counts are as honest as the pages that send them.
    """
    site, session = current_site(), db.session()
    limit_page(site, services().settings.nudge_limit, "nudges")
    start_writing(session)
    nudge_effects.count(
        session, site.id, fields["code"], fields["event"], datetime.now(UTC).date()
    )
    session.commit()


@bp.route("/sites/<site>/nudges", methods=["GET"])
@needs_staff
@bp.arguments(DayRange, location="query")
@bp.response(200, NudgesOut)
@answers(403, 404, 422)
def read_nudges(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Get authors' reactions to nudges in a range of days."""
    site_id = site_for(Role.LEAD, site)
    found = nudge_effects.read(db.session(), site_id, query["first"], query["last"])
    return dump_nudges(site, found)


@bp.after_request
def _let_browsers_in(response: Response) -> Response:
    rule = request.url_rule
    if rule is None or not rule.rule.endswith("/api/v1/nudges"):
        return response
    site = None if request.method == "OPTIONS" else g.get("site")
    return cors.let_in(response, site)
